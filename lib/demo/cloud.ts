import { ec2Stop } from '../actions/aws-ec2-stop.ts';
import type { Action, Verified } from '../actions/model.ts';
import type { Json, Resource, Snapshot } from '../estate/model.ts';
import { Decimal } from '../focus/decimal.ts';
import { BursarError } from '../platform/errors.ts';
import { type Behaviour, MACHINES, type Machine } from './cast.ts';
import { type Altered, estate } from './estate.ts';
import { dayStart, machineArn } from './names.ts';

/** A machine takes so long to stop and to start. */
const SETTLES_MS = 12_000;
const DAY_MS = 86_400_000;

interface Run {
  readonly from: number;
  /** Null: it runs still. */
  until: number | null;
}

/** The company's own machines as a cloud that can be asked to stop and start them; time is the clock's. */
export class DemoCloud {
  readonly #seed: number;
  readonly #start: Date;
  readonly #clock: () => Date;
  /** Runs of each machine since its first launch, by ARN; the last is the newest. */
  readonly #runs: ReadonlyMap<string, Run[]>;

  /** What was taken last: a moment has one answer. */
  #taken: { readonly at: number; readonly snapshots: readonly Snapshot[] } | null = null;

  constructor(seed: number, start: Date, clock: () => Date) {
    this.#seed = seed;
    this.#start = start;
    this.#clock = clock;
    this.#runs = new Map(
      MACHINES.map((machine) => [
        machineArn(machine),
        [{ from: dayStart(start, machine.startedDaysAgo).getTime(), until: null }],
      ]),
    );
  }

  /** The estate as its collectors find it now. */
  snapshots(): readonly Snapshot[] {
    const at = this.#clock().getTime();
    if (this.#taken?.at !== at) this.#taken = { at, snapshots: this.#take(at) };
    return this.#taken.snapshots;
  }

  #take(at: number): Snapshot[] {
    const ago = (this.#start.getTime() - at) / DAY_MS;
    const altered = new Map(
      MACHINES.flatMap((machine) => {
        const runs = this.#runs.get(machineArn(machine)) ?? [];
        const [first] = runs;
        return runs.length > 1 || first?.until != null ? [[machine.name, this.#standing(machine)]] : [];
      }),
    );
    return estate(this.#seed, this.#start, ago, altered);
  }

  #standing(machine: Machine): Altered {
    const runs = this.#runs.get(machineArn(machine)) ?? [];
    const last = runs.at(-1) ?? { from: this.#start.getTime(), until: null };
    const now = this.#clock().getTime();
    // Whoever wants a machine back uses it.
    const behaviour: Behaviour = runs.length > 1 ? 'busy' : machine.behaviour;
    const launch = new Date(last.from);
    if (last.until !== null)
      return { state: now < last.until + SETTLES_MS ? 'stopping' : 'stopped', launch, behaviour };
    const settled = runs.length === 1 || now >= last.from + SETTLES_MS;
    return { state: settled ? 'running' : 'pending', launch, behaviour };
  }

  /** Hours of a UTC day that a machine ran. */
  ran(machine: Machine, day: Date): Decimal {
    const [start, end] = [day.getTime(), day.getTime() + DAY_MS];
    const spans = (this.#runs.get(machineArn(machine)) ?? []).map(({ from, until }) =>
      Math.max(0, Math.min(until ?? end, end) - Math.max(from, start)),
    );
    const milliseconds = spans.reduce((sum, span) => sum + span, 0);
    return new Decimal(milliseconds).div(3_600_000).toDecimalPlaces(6);
  }

  /** Stops and starts these machines: what is planned and refused is as for EC2, what is asked is this model. */
  action(): Action {
    const running = (plan: Json) => this.#run(idOf(plan));
    return {
      ...ec2Stop,
      permissions: [],
      read: async ({ resourceId }) => {
        const resource = this.#resource(resourceId);
        return resource === null
          ? null
          : {
              resource,
              fingerprint: { launch: resource.created, parent: null },
              done: resource.state === 'stopped',
              protection: null,
              lost: ['What it holds in memory.'],
              staysBilled: ['Its volumes.'],
              risks: [
                `A stopped ${resource.sku ?? 'machine'} may not start again while its type is scarce (InsufficientInstanceCapacity).`,
              ],
            };
      },
      plan: (target, live) => ec2Stop.plan(target, live),
      apply: async (plan) => {
        const run = running(plan);
        run.until ??= this.#clock().getTime();
        this.#taken = null;
      },
      verify: async (plan) => this.#verified(plan, 'stopped'),
      undo: async (plan) => {
        if (running(plan).until !== null)
          this.#runs.get(this.#arn(idOf(plan)))?.push({ from: this.#clock().getTime(), until: null });
        this.#taken = null;
      },
      verifyUndo: async (plan) => this.#verified(plan, 'running'),
    };
  }

  #verified(plan: Json, wanted: Altered['state']): Verified {
    const id = idOf(plan);
    const machine = MACHINES.find((each) => machineArn(each) === this.#arn(id));
    const state = machine === undefined ? 'gone' : this.#standing(machine).state;
    return state === wanted ? { state: 'done' } : { state: 'pending', reason: `${id} is ${state}.` };
  }

  /** As the cloud describes it by itself, which tells more than an inventory. */
  #resource(arn: string): Resource | null {
    const found = this.snapshots()
      .flatMap(({ resources }) => resources)
      .find(({ id }) => id === arn);
    return found === undefined
      ? null
      : { ...found, attributes: { ...found.attributes, rootDeviceType: 'ebs' } };
  }

  #arn(id: string): string {
    for (const arn of this.#runs.keys()) if (arn.endsWith(`/${id}`)) return arn;
    throw new BursarError('input', `the demo has no machine ${id}`);
  }

  #run(id: string): Run {
    const run = this.#runs.get(this.#arn(id))?.at(-1);
    if (run === undefined) throw new BursarError('internal', `the machine ${id} never ran`);
    return run;
  }
}

/** The id that a plan of EC2 names. */
function idOf(plan: Json): string {
  const id: unknown =
    typeof plan === 'object' && plan !== null
      ? Object.getOwnPropertyDescriptor(plan, 'instanceId')?.value
      : null;
  if (typeof id !== 'string') throw new BursarError('conflict', 'a plan names no machine');
  return id;
}
