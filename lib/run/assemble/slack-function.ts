import { WebClient } from '@slack/web-api';
import type { Config } from '../../config/schema.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { slackVerifier } from '../../notices/signature.ts';
import { slackClientOptions } from '../../notices/slack.ts';
import { slackMembers } from '../../notices/slack-members.ts';
import { slackMessenger } from '../../notices/slack-messenger.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { LINK_MINUTES } from '../../platform/report-links.ts';
import type { Reports, RespondParts } from '../respond/model.ts';
import { nextRecipient } from '../respond/next.ts';
import { readSecret } from './secrets.ts';

/** What the click handler reads of the config: nothing of it is checked again, the deployment has done that. */
export type ClickConfig = Pick<Config, 'slack' | 'owners' | 'organisation'>;

/** For one message with its retries, milliseconds: a click must be answered within 3 s. */
const BUDGET = 1_500;

/**
 * The click handler as the config has it; refuses to start where a click could not be verified.
 * @param link to an archived report; null where there is no archive
 */
export async function assembleRespond(
  { slack, owners, organisation }: ClickConfig,
  ledger: LedgerStore,
  log: Log,
  link: Reports['link'] | null = null,
): Promise<RespondParts> {
  if (slack === undefined)
    throw needed('signingSecret', 'Add the section `slack` to the config: see docs/slack.md.');
  const { signingSecret, formerSigningSecret, teamId, appId } = slack;
  if (signingSecret === undefined)
    throw needed('signingSecret', 'Take it from the app\'s page "Basic Information".');
  if (teamId === undefined) throw needed('teamId', 'Write the id of your workspace: it begins with T.');
  if (appId === undefined) throw needed('appId', 'Take it from the app\'s page "Basic Information".');
  const [token, secret, former] = await Promise.all([
    readSecret(slack.token, 'slack.token'),
    readSecret(signingSecret, 'slack.signingSecret'),
    formerSigningSecret === undefined ? null : readSecret(formerSigningSecret, 'slack.formerSigningSecret'),
  ]);
  const verify = slackVerifier(former === null ? [secret] : [secret, former]);
  const url = slack.endpoint ?? process.env.SLACK_API_URL;
  const client = new WebClient(token, {
    ...slackClientOptions,
    timeout: 2_000,
    ...(url === undefined ? {} : { slackApiUrl: url }),
  });
  return {
    ledger,
    answerer: slackMessenger({ client, store: ledger, team: teamId, clock, budget: BUDGET }),
    verify,
    app: { team: teamId, appId },
    admins: slack.admins,
    approvers: slack.approvers,
    nextOf: nextRecipient({
      accounts: owners.accounts,
      channel: owners.fallback ?? slack.channels.team ?? null,
    }),
    mostSnoozes: slack.mostSnoozes,
    mostExemptDays: slack.mostExemptDays,
    timezone: organisation.timezone,
    reports:
      link === null
        ? null
        : { link, minutes: LINK_MINUTES, membership: slackMembers({ client, clock, budget: BUDGET }) },
    log,
    clock,
  };
}

function clock(): Date {
  return new Date();
}

function needed(key: string, hint: string): BursarError {
  const where = `slack.${key}`;
  return new BursarError('config', `clicks cannot be verified without ${where}`, { where, hint });
}
