import { actions } from '../../actions/index.ts';
import type { Config } from '../../config/schema.ts';
import { saysCap } from '../../ledger/guards.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { loggedProgress } from '../../platform/log.ts';
import type { Progress } from '../../platform/progress.ts';
import { lateDigests } from '../digest-due.ts';
import { sweep } from '../sweep/index.ts';
import { type LookParts, lookAgain } from '../sweep/look.ts';
import type { Did, SweepParts } from '../sweep/model.ts';
import { attributed, snapshotsIn } from './account-tags.ts';
import { actSessions } from './act.ts';
import { aiWatch } from './ai-watch.ts';
import { atOnce } from './clouds-at-once.ts';
import { configured } from './config.ts';
import { invocation, once, openDeployed } from './deployed.ts';
import { keptSnapshots, keptStore } from './deployed-snapshots.ts';
import { digestsOf } from './digests.ts';
import { estatesOf } from './estates.ts';
import { tellingParts } from './telling.ts';

/** A deployed sweep begins nothing new after so long: its function has more time than that. */
const DEPLOYED_MS = 240_000;

/** What is told line by line: what only waits is there again with each sweep, and is counted. */
const HAPPENED: ReadonlySet<Did> = new Set([
  'warned',
  'undeliverable',
  'moved',
  'stopping',
  'stopped',
  'stop failed',
  'restoring',
  'restored',
  'restore failed',
]);

/** Everything that a sweep works with, over this ledger and these parts of the estate. */
export async function sweepParts(
  config: Config,
  ledger: LedgerStore,
  auditor: LookParts,
  clock: () => Date,
  progress: Progress,
  deadline: Date | null,
): Promise<SweepParts> {
  return {
    ...(await tellingParts(config, ledger, clock, progress, deadline)),
    actions: actions(config.guards.protectedTags),
    enter: actSessions(config),
    look: lookAgain(auditor),
    // What is deployed has a function of its own for the accounts of AWS, which may be many.
    watchAi: aiWatch(config, { ledger, ownerOf: auditor.ownerOf }, { bedrock: deadline === null }),
  };
}

export interface Sweeps {
  run(): Promise<{
    readonly runId: string;
    readonly done: Readonly<Record<string, number>>;
    /** Findings that wait for a cap of the day. */
    readonly capped: number;
    readonly faults: readonly string[];
    /** Ids of digests that should have come and did not; null where that could not be seen. */
    readonly late: readonly string[] | null;
  }>;
}

/** The sweep of a deployment: it acts, under the policies that say stop. */
export const assembleSweep = once(async (): Promise<Sweeps> => {
  const deployed = await openDeployed('sweep');
  const { config: given, ledger, log } = deployed;
  const progress = loggedProgress(log);
  const config = await attributed(given, () => snapshotsIn(keptStore()), progress);
  const { checks, ownerOf } = configured(config, progress);
  const estates = await estatesOf(config, atOnce);
  const lake = keptSnapshots();
  return {
    run: () =>
      invocation(
        deployed,
        'swept',
        async (now) => {
          const parts = await sweepParts(
            config,
            ledger,
            { estates, checks, ownerOf, lake },
            () => new Date(),
            progress,
            new Date(now.getTime() + DEPLOYED_MS),
          );
          const { runId, lines, faults } = await sweep(parts, 'act');
          for (const { did, findingId, resourceId, told } of lines)
            if (HAPPENED.has(did)) log.info(did, { runId, findingId, resourceId, told });
          const done: Record<string, number> = {};
          for (const { did } of lines) done[did] = (done[did] ?? 0) + 1;
          const capped = lines.filter(({ did, told }) => did === 'blocked' && saysCap(told)).length;
          return { runId, done, capped, faults, late: await late(now) };
        },
        ({ done, capped, faults, late: missing }) => ({
          succeeded: 1,
          warned: done['warned'] ?? 0,
          stopped: done['stopped'] ?? 0,
          restored: done['restored'] ?? 0,
          stopsFailed: done['stop failed'] ?? 0,
          restoresFailed: done['restore failed'] ?? 0,
          capsReached: capped,
          faults: faults.length,
          ...(missing === null ? {} : { digestsLate: missing.length }),
        }),
      ),
  };

  /** Ids of digests that should have come; null where it could not be seen, which stops no sweep. */
  async function late(now: Date): Promise<string[] | null> {
    try {
      return await lateDigests(ledger, digestsOf(config), config.organisation.timezone, now);
    } catch (error) {
      log.error('it is not known whether a digest is late', error);
      return null;
    }
  }
});
