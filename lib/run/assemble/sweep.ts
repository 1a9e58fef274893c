import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { actions } from '../../actions/index.ts';
import type { Config } from '../../config/schema.ts';
import { DEFAULT_RULES } from '../../ledger/decide/index.ts';
import { saysCap } from '../../ledger/guards.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import type { Messenger } from '../../notices/model.ts';
import { slackClientOptions } from '../../notices/slack.ts';
import { slackMessenger } from '../../notices/slack-messenger.ts';
import { BursarError } from '../../platform/errors.ts';
import { loggedProgress } from '../../platform/log.ts';
import type { Progress } from '../../platform/progress.ts';
import { lateDigests } from '../digest-due.ts';
import { newRunId } from '../run-id.ts';
import { sweep } from '../sweep/index.ts';
import { type LookParts, lookAgain } from '../sweep/look.ts';
import type { SweepParts, SweepSettings } from '../sweep/model.ts';
import { attributed, snapshotsIn } from './account-tags.ts';
import { actSessions } from './act.ts';
import { aiWatch } from './ai-watch.ts';
import { calendarsOf } from './calendars.ts';
import { configured, termsSettings } from './config.ts';
import { invocation, once, openDeployed } from './deployed.ts';
import { keptSnapshots, keptStore } from './deployed-snapshots.ts';
import { digestsOf } from './digests.ts';
import { estatesOf } from './estates.ts';
import { readSecret } from './secrets.ts';

/** Claims outlive the longest run of a function, 15 minutes (Lambda quotas, "Function timeout"). */
const CLAIM_MINUTES = 20;
/** At work on so many resources at once. */
const CONCURRENCY = 8;
/** A deployed sweep begins nothing new after so long: its function has more time than that. */
const DEPLOYED_MS = 240_000;

/** What a sweep reads of the config. */
export function sweepSettings(config: Config): SweepSettings {
  const { guards, organisation, slack, owners, severity } = config;
  return {
    terms: termsSettings(config),
    protectedTags: guards.protectedTags,
    paused: guards.paused,
    caps: { organisation: guards.perDay, account: guards.perAccountDay ?? null },
    canary: guards.canary,
    timezone: organisation.timezone,
    channel: slack?.channels.team ?? (owners.fallback?.startsWith('#') ? owners.fallback : null),
    approvers: slack?.approvers ?? [],
    thresholds: Object.keys(severity).length === 0 ? undefined : severity,
    rules: DEFAULT_RULES,
    claimMinutes: CLAIM_MINUTES,
    concurrency: CONCURRENCY,
  };
}

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
    ledger,
    messenger: await messengerOf(config, ledger, clock),
    actions: actions(config.guards.protectedTags),
    enter: actSessions(config),
    look: lookAgain(auditor),
    // What is deployed has a function of its own for the accounts of AWS, which may be many.
    watchAi: aiWatch(config, { ledger, ownerOf: auditor.ownerOf }, { bedrock: deadline === null }),
    settings: sweepSettings(config),
    clock,
    pause: async (milliseconds) => {
      await sleep(milliseconds);
    },
    calendars: calendarsOf(config),
    runId: newRunId(clock()),
    deadline,
    progress,
  };
}

async function messengerOf(
  { slack, policies }: Config,
  store: LedgerStore,
  clock: () => Date,
): Promise<Messenger | null> {
  if (slack === undefined) return null;
  // A Slack for the digest alone.
  if (slack.teamId === undefined && policies.every(({ mode }) => mode === 'off' || mode === 'flag'))
    return null;
  if (slack.teamId === undefined)
    throw new BursarError('config', 'nobody can be warned without slack.teamId', {
      where: 'slack.teamId',
      hint: 'Write the id of your workspace: it begins with T.',
    });
  const token = await readSecret(slack.token, 'slack.token');
  const url = slack.endpoint ?? process.env.SLACK_API_URL;
  const client = new WebClient(token, {
    ...slackClientOptions,
    ...(url === undefined ? {} : { slackApiUrl: url }),
  });
  return slackMessenger({ client, store, team: slack.teamId, clock });
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
  const estates = estatesOf(config);
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
          const done: Record<string, number> = {};
          for (const { did } of lines) done[did] = (done[did] ?? 0) + 1;
          const capped = lines.filter(({ did, told }) => did === 'blocked' && saysCap(told)).length;
          return { runId, done, capped, faults, late: await late(now) };
        },
        ({ done, capped, faults, late: missing }) => ({
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
