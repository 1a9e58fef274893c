import { WebClient } from '@slack/web-api';
import type { Config } from '../../config/schema.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import type { Poster } from '../../notices/model.ts';
import { slackClientOptions, slackPoster } from '../../notices/slack.ts';
import { BursarError } from '../../platform/errors.ts';
import { readSecret } from './secrets.ts';

export interface SlackOut {
  readonly poster: Poster;
  /** Where the digest goes. */
  readonly channel: string;
}

/**
 * The Slack that the config names; its address may be another for tests (`slack.endpoint`, SLACK_API_URL).
 * @param elsewhere a channel other than that of the digest
 */
export async function slackOut(
  { slack }: Pick<Config, 'slack'>,
  store: LedgerStore,
  elsewhere?: string,
): Promise<SlackOut> {
  const hint =
    'Add to the config: slack: { token: { env: SLACK_BOT_TOKEN }, channels: { digest: "#finops" } }.';
  if (slack === undefined)
    throw new BursarError('config', 'no Slack is configured', { where: 'slack', hint });
  const channel = elsewhere ?? slack.channels.digest;
  if (channel === undefined)
    throw new BursarError('config', 'no channel for the digest', { where: 'slack.channels.digest', hint });
  const url = slack.endpoint ?? process.env.SLACK_API_URL;
  const token = await readSecret(slack.token, 'slack.token');
  const client = new WebClient(token, {
    ...slackClientOptions,
    ...(url === undefined ? {} : { slackApiUrl: url }),
  });
  return { channel, poster: slackPoster({ client, store, clock: () => new Date() }) };
}
