import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import type { Config } from '../../config/schema.ts';
import { DEFAULT_RULES } from '../../ledger/decide/index.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import type { Messenger } from '../../notices/model.ts';
import { slackClientOptions } from '../../notices/slack.ts';
import { slackMessenger } from '../../notices/slack-messenger.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Progress } from '../../platform/progress.ts';
import { newRunId } from '../run-id.ts';
import type { SweepParts, SweepSettings } from '../sweep/model.ts';
import { calendarsOf } from './calendars.ts';
import { termsSettings } from './config.ts';
import { readSecret } from './secrets.ts';

/** Claims outlive the longest run of a function, 15 minutes (Lambda quotas, "Function timeout"). */
const CLAIM_MINUTES = 20;
/** At work on so many resources at once. */
const CONCURRENCY = 8;

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

/**
 * What a sweep tells people with. It looks at nothing and can act on nothing: whoever only tells carries no client of a
 * cloud for it.
 */
export async function tellingParts(
  config: Config,
  ledger: LedgerStore,
  clock: () => Date,
  progress: Progress,
  deadline: Date | null,
): Promise<SweepParts> {
  return {
    ledger,
    messenger: await messengerOf(config, ledger, clock),
    actions: [],
    enter: async ({ id }) => {
      throw new BursarError('denied', 'this run may act on nothing', { where: id });
    },
    look: async () => new Map(),
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
