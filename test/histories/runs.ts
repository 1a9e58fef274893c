import { setImmediate } from 'node:timers/promises';
import { DEFAULT_RULES } from '../../lib/ledger/decide/index.ts';
import { record } from '../../lib/ledger/record.ts';
import { BursarError } from '../../lib/platform/errors.ts';
import { silent } from '../../lib/platform/progress.ts';
import { endedOutside, endSavings } from '../../lib/run/outside.ts';
import { respond } from '../../lib/run/respond/index.ts';
import { sweep } from '../../lib/run/sweep/index.ts';
import type { SweepMode } from '../../lib/run/sweep/model.ts';
import { termsOf as termsFor } from '../../lib/run/terms.ts';
import { respondParts, type Sent } from './clicks.ts';
import { actionsOf, lookOf, observe, resourceOf } from './cloud.ts';
import { CHANNEL, calendarsOf, PROTECTED, termsOf } from './config.ts';
import { ledgerOf } from './ports.ts';
import { Crash, type Fault, Process } from './process.ts';
import type { Random } from './random.ts';
import { APPROVER } from './slack.ts';
import type { World } from './world.ts';

/** Something that a process does, from its beginning to its end. */
export interface Job {
  readonly what: 'audit' | 'sweep' | 'click';
  run(world: World, process: Process): Promise<void>;
}

export function auditJob(blind: boolean): Job {
  return {
    what: 'audit',
    run: async (world, process) => {
      const seen = observe(world, process.id, blind);
      const resources = [...world.things.values()].map(({ id, tags }) => ({ id, tags }));
      const tags = new Map(resources.map((each) => [each.id, each.tags]));
      const terms = termsOf(world.config);
      const ledger = ledgerOf(world, process);
      const there = [...world.things.values()].filter(({ state }) => state !== 'deleted').map(resourceOf);
      const outside = await endedOutside(ledger, there, seen.coverage, DELETING);
      await endSavings(ledger, outside);
      const observed = { ...seen, outside };
      await record(ledger, observed, {
        termsOf: (judgement) =>
          termsFor(
            [{ ...EMPTY_RESOURCE, id: judgement.resourceId, tags: tags.get(judgement.resourceId) ?? {} }],
            terms,
          )(judgement),
      });
    },
  };
}

/** Of the model's actions. */
const DELETING: ReadonlySet<string> = new Set(['model.delete']);

const EMPTY_RESOURCE = {
  provider: 'aws',
  accountId: '',
  region: '',
  type: '',
  name: null,
  state: '',
  created: null,
  sku: null,
  accelerators: [],
  parent: null,
  attributes: {},
} as const;

/** Minutes for which a claim holds, and after which a process is ended from outside: before its claims end. */
const CLAIM_MINUTES = 20;

export function sweepJob(mode: SweepMode): Job {
  return {
    what: 'sweep',
    run: async (world, process) => {
      const { config } = world;
      await sweep(
        {
          ledger: ledgerOf(world, process),
          messenger: world.slack.answerer(process),
          actions: actionsOf(world, process),
          enter: () => Promise.resolve(null),
          look: lookOf(world, process),
          settings: {
            terms: termsOf(config),
            protectedTags: [PROTECTED],
            paused: config.paused,
            caps: {
              organisation: {
                count: config.perDay,
                money: config.money === null ? {} : { USD: String(config.money) },
              },
              account: null,
            },
            canary: config.canary,
            timezone: 'UTC',
            channel: config.fallback === null ? null : CHANNEL,
            approvers: [APPROVER],
            thresholds: undefined,
            rules: DEFAULT_RULES,
            claimMinutes: CLAIM_MINUTES,
            concurrency: 4,
          },
          clock: () => new Date(world.now),
          pause: (milliseconds) => Promise.resolve(world.pass(milliseconds)),
          calendars: () => calendarsOf(config),
          runId: process.id,
          deadline: null,
          progress: silent,
        },
        mode,
      );
    },
  };
}

export function clickJob({ request, user, action, at, genuine }: Sent): Job {
  return {
    what: 'click',
    run: async (world, process) => {
      const message = at === null ? null : { channel: at.channel, ts: at.ts };
      process.note({ kind: 'clicked', user, action, at: message, thing: null, genuine });
      let outcome: string | null = null;
      const parts = respondParts(world, process, (told) => {
        outcome = told ?? outcome;
      });
      const { status, body } = await respond(parts, request);
      process.note({ kind: 'answered', status, outcome, names: world.named(body) });
    },
  };
}

/** Runs jobs at once, each waiting for its turn at every call; or one alone, which need not wait. */
export async function runJobs(
  world: World,
  jobs: readonly Job[],
  faults: readonly (readonly Fault[])[],
  random: Random,
): Promise<void> {
  const waiting: (() => void)[] = [];
  let open = jobs.length;
  const turn = jobs.length === 1 ? null : () => new Promise<void>((resolve) => waiting.push(resolve));
  const all = jobs.map(async (job, index) => {
    const { what } = job;
    const process = new Process(world, world.runId(what), faults[index] ?? [], turn);
    process.note({ kind: 'began', what, config: world.config });
    process.note({ kind: 'ended', ...(await ending(Promise.race([job.run(world, process), process.died]))) });
    open -= 1;
  });
  for (const over = () => turn === null || open === 0; !over(); ) {
    await setImmediate();
    const [next] = waiting.splice(random.below(waiting.length), 1);
    next?.();
  }
  await Promise.all(all);
}

async function ending(run: Promise<void>) {
  try {
    await run;
    return { how: 'done', detail: '' } as const;
  } catch (error) {
    if (error instanceof Crash) return { how: 'crashed', detail: '' } as const;
    if (error instanceof BursarError) return { how: 'failed', detail: error.message } as const;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { how: 'defect', detail } as const;
  }
}
