import type { Action, Live } from '../../lib/actions/model.ts';
import type { Judgement, Verdict } from '../../lib/checks/model.ts';
import type { Json, Resource } from '../../lib/estate/model.ts';
import { vectorPart } from '../../lib/estate/model-vectors.ts';
import { findingId } from '../../lib/ledger/finding.ts';
import type { Fingerprint } from '../../lib/ledger/life.ts';
import type { Observation } from '../../lib/ledger/model.ts';
import { at as partOf } from '../../lib/notices/payload.ts';
import { datasetOf } from '../../lib/platform/coverage.ts';
import { BursarError } from '../../lib/platform/errors.ts';
import type { Look, Looked } from '../../lib/run/sweep/model.ts';
import { mayBeActedOn } from '../../lib/run/terms.ts';
import { ACCOUNT } from './config.ts';
import type { Process } from './process.ts';
import type { Thing } from './things.ts';
import type { World } from './world.ts';

export const SCOPE = `aws:${ACCOUNT}:us-east-1`;
export const CHECKS = ['idle-gpu', 'tag-policy', 'stale-embeddings'] as const;
type CheckId = (typeof CHECKS)[number];

/** What a check says of a thing as it is; null: no waste. */
function verdictOf(thing: Thing, check: CheckId): Verdict | null {
  if (thing.state !== 'running') return null;
  if (thing.kind === 'index' || check === 'stale-embeddings')
    return thing.kind === 'index' && check === 'stale-embeddings' ? ASKED[thing.telemetry] : null;
  if (check === 'tag-policy') return thing.faulty ? 'NONCOMPLIANT' : null;
  if (thing.kind === 'disk' || thing.telemetry === 'busy') return null;
  return ({ idle: 'IDLE', missing: 'UNOBSERVED', suspected: 'SUSPECTED' } as const)[thing.telemetry];
}

/** What the counter of an index says: it may not have told. */
const ASKED = { idle: 'UNUSED', busy: null, missing: null, suspected: 'SUSPECTED' } as const;

/** What a finding of an index rests on beside its scope. */
const countedOf = ({ id }: Thing) => vectorPart('queries', id);

/** Indexes whose counter does not tell. */
function untold(things: Iterable<Thing>): string[] {
  return [...things].flatMap((thing) =>
    thing.kind === 'index' && thing.telemetry === 'missing' ? [countedOf(thing)] : [],
  );
}

export function judgementOf(thing: Thing, check: CheckId): Judgement | null {
  const verdict = verdictOf(thing, check);
  if (verdict === null) return null;
  const { owner } = thing.tags;
  const money = { amount: String(thing.cost), currency: 'USD' };
  return {
    check,
    provider: 'aws',
    accountId: ACCOUNT,
    region: 'us-east-1',
    resourceType: typeOf(thing),
    resourceId: thing.id,
    resourceName: thing.name,
    owner: owner === undefined ? null : { id: owner, source: 'tag owner', confidence: 'high' },
    verdict,
    confidence: 'high',
    costBasis: 'billed',
    monthlyCost: money,
    monthlySaving: money,
    evidence: [],
    blindSpots: [],
    reason: `${verdict} as read`,
    scopes: thing.kind === 'index' ? [SCOPE, datasetOf(SCOPE, countedOf(thing))] : [SCOPE],
  };
}

const TYPES = { machine: 'aws:ec2:instance', disk: 'aws:ec2:volume', index: 'pgvector:index' } as const;

function typeOf({ kind }: Thing): string {
  return TYPES[kind];
}

/** Ids of the findings that a thing may have, in the order of CHECKS. */
export function findingsOf(thing: string): string[] {
  return CHECKS.map((check) => findingId(check, 'aws', thing));
}

function fingerprintOf({ kind, launch, parent }: Thing): Fingerprint {
  return { launch: kind === 'disk' ? null : launch, parent };
}

export function resourceOf(thing: Thing): Resource {
  const [type = '', id = ''] = (thing.parent ?? '').split(' ');
  return {
    provider: 'aws',
    accountId: ACCOUNT,
    region: 'us-east-1',
    type: typeOf(thing),
    id: thing.id,
    name: thing.name,
    state: thing.state,
    created: thing.launch,
    tags: thing.tags,
    sku: null,
    accelerators: [],
    parent: thing.parent === null ? null : { type, id },
    attributes: {},
  };
}

/** What an audit sees. `blind`: the scope could not be read completely, and half of it is missing. */
export function observe(world: World, runId: string, blind: boolean): Omit<Observation, 'outside'> {
  const things = [...world.things.values()];
  const seen = blind ? things.slice(1) : things;
  return {
    runId,
    now: world.iso(),
    judgements: seen.flatMap((thing) => CHECKS.flatMap((check) => judgementOf(thing, check) ?? [])),
    coverage: [
      {
        scope: SCOPE,
        status: blind ? 'partial' : 'complete',
        reason: blind ? 'throttled' : null,
        asOf: world.iso(),
        switchedOff: untold(things),
      },
    ],
    checksRun: [...CHECKS],
  };
}

/** The look of a sweep, over the things as they are. */
export function lookOf(world: World, process: Process): Look {
  return async (records) => {
    const entries: [string, Looked][] = [];
    const ids = records.map(({ finding }) => finding.id);
    try {
      await process.call('look', () => {
        for (const { finding } of records) {
          const thing = world.things.get(finding.resourceId);
          const here = thing === undefined || thing.state === 'deleted' ? null : thing;
          const check = CHECKS.find((each) => each === finding.check);
          const judgement = here === null || check === undefined ? null : judgementOf(here, check);
          process.note({ kind: 'looked', findingId: finding.id, saw: here ?? 'gone' });
          if (here !== null && untold([here]).length > 0) {
            entries.push([finding.id, { ok: false, reason: 'its counter did not tell' }]);
            continue;
          }
          entries.push([
            finding.id,
            {
              ok: true,
              resource: here === null ? null : resourceOf(here),
              judgement,
              actionable: judgement !== null && mayBeActedOn(judgement),
            },
          ]);
        }
      });
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      for (const id of ids) process.note({ kind: 'looked', findingId: id, saw: 'failed' });
      return new Map(ids.map((id) => [id, { ok: false, reason: error.message }]));
    }
    return new Map(entries);
  };
}

/** The actions of one process: a machine is stopped and started, a disk is deleted for good. */
export function actionsOf(world: World, process: Process): readonly Action[] {
  const find = (id: string) => {
    const thing = world.things.get(id);
    return thing === undefined || thing.state === 'deleted' ? null : thing;
  };
  const read = async (id: string): Promise<Live | null> => {
    let thing: Thing | null;
    try {
      thing = await process.call('cloud.read', () => find(id));
    } catch (error) {
      process.note({ kind: 'read', thing: id, saw: 'failed' });
      throw error;
    }
    process.note({ kind: 'read', thing: id, saw: thing ?? 'gone' });
    if (thing === null) return null;
    return {
      resource: resourceOf(thing),
      fingerprint: fingerprintOf(thing),
      done: thing.state === 'stopped',
      protection: thing.protection,
      lost: [],
      staysBilled: [],
      risks: [],
      ...(thing.ephemeral ? { reversible: false as const } : {}),
    };
  };
  const looked = async (plan: Json): Promise<Thing | null> =>
    await process.call('cloud.verify', () => {
      const thing = find(idIn(plan));
      if (thing === null) return null;
      const next = settle(thing);
      if (next !== thing) world.things.set(next.id, next);
      return next;
    });
  const mutate = async (
    op: 'apply' | 'undo',
    plan: Json,
    next: (thing: Thing) => Thing | null,
  ): Promise<void> => {
    const id = idIn(plan);
    process.note({ kind: 'call-begun', op, thing: id, plan });
    try {
      await process.call(`cloud.${op}`, () => {
        const was = find(id);
        if (was === null) throw new BursarError('input', 'it does not exist', { where: id });
        const now = next(was);
        if (now === null) return;
        world.things.set(id, now);
        process.note({ kind: 'effect', op, thing: id, plan, was });
      });
    } finally {
      process.note({ kind: 'call-ended', op, thing: id });
    }
  };
  const slow = () => (world.now % 7 === 0 ? 9 : world.now % 3);
  const base = {
    provider: 'aws',
    checks: [...CHECKS],
    permissions: [],
    read: ({ resourceId }: { readonly resourceId: string }) => read(resourceId),
  } as const;
  const stop: Action = {
    ...base,
    id: 'model.stop',
    resourceTypes: ['aws:ec2:instance', 'pgvector:index'],
    reversible: true,
    plan: (_target, { resource }) => ({
      ok: true,
      plan: { id: resource.id },
      undoPlan: { id: resource.id, start: true },
      summary: 'stop it',
    }),
    apply: (plan) =>
      mutate('apply', plan, (thing) =>
        thing.state === 'running' ? { ...thing, state: 'stopping', pending: slow() } : null,
      ),
    verify: async (plan) => {
      const thing = await looked(plan);
      if (thing === null || thing.state === 'stopped') return { state: 'done' };
      return { state: 'pending', reason: thing.state };
    },
    undo: (plan) =>
      mutate('undo', plan, (thing) =>
        thing.state === 'stopped'
          ? { ...thing, state: 'starting', pending: slow(), launch: world.iso() }
          : null,
      ),
    verifyUndo: async (plan) => {
      const thing = await looked(plan);
      if (thing === null) return { state: 'failed', reason: 'it is gone' };
      if (thing.state === 'running') return { state: 'done' };
      return { state: 'pending', reason: thing.state };
    },
  };
  const remove: Action = {
    ...base,
    id: 'model.delete',
    resourceTypes: ['aws:ec2:volume'],
    reversible: false,
    plan: (_target, { resource }) => ({
      ok: true,
      plan: { id: resource.id },
      undoPlan: null,
      summary: 'delete it',
    }),
    apply: (plan) => mutate('apply', plan, (thing) => ({ ...thing, state: 'deleted' })),
    verify: async (plan) => {
      const thing = await looked(plan);
      return thing === null ? { state: 'done' } : { state: 'pending', reason: 'it is there' };
    },
    undo: () => Promise.reject(new BursarError('denied', 'it cannot be brought back', { where: 'disk' })),
    verifyUndo: () => Promise.resolve({ state: 'failed', reason: 'it cannot be brought back' }),
  };
  return [stop, remove];
}

export function idIn(plan: Json): string {
  const id = partOf(plan, 'id');
  return typeof id === 'string' ? id : '';
}

/** A change of state comes at once or after some looks. */
function settle(thing: Thing): Thing {
  if (thing.pending > 1) return { ...thing, pending: thing.pending - 1 };
  if (thing.state === 'stopping') return { ...thing, state: 'stopped', pending: 0 };
  return thing.state === 'starting' ? { ...thing, state: 'running', pending: 0 } : thing;
}
