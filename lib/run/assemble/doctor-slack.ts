import { WebClient } from '@slack/web-api';
import type { Config } from '../../config/schema.ts';
import { slackClientOptions, slackPermissions } from '../../notices/slack.ts';
import { messengerPermissions } from '../../notices/slack-messenger.ts';
import type { Examined } from './examined.ts';
import { readSecret } from './secrets.ts';

/** Only what lies in private channels needs these. */
const PRIVATE = /^groups:/;

/**
 * Tries the token and compares the scopes that Slack says it has (X-OAuth-Scopes: docs.slack.dev, "Using scopes")
 * with those that the config needs: to post digests, and where it names the workspace, to warn owners, too.
 */
export async function examineSlack({ slack }: Pick<Config, 'slack'>): Promise<Examined> {
  const what = 'slack';
  if (slack === undefined) return { what, state: 'not configured', told: 'nothing is posted', todo: null };
  const token = await readSecret(slack.token, 'slack.token');
  const url = slack.endpoint ?? process.env.SLACK_API_URL;
  const client = new WebClient(token, {
    ...slackClientOptions,
    ...(url === undefined ? {} : { slackApiUrl: url }),
  });
  const { team, user, response_metadata } = await client.auth.test();
  const who = `${user ?? 'bot'} in ${team ?? 'the workspace'}`;
  const held = response_metadata?.scopes;
  if (held === undefined)
    return { what, state: 'works', told: `${who}; Slack does not tell its scopes`, todo: null };
  const needed = slack.teamId === undefined ? slackPermissions : messengerPermissions;
  const missing = needed.filter(({ action }) => !held.includes(action));
  const hard = missing.filter(({ action }) => !PRIVATE.test(action));
  if (hard.length > 0)
    return {
      what,
      state: 'fails',
      told: `${who} lacks ${hard.map(({ action, why }) => `${action} (${why})`).join(', ')}`,
      todo: 'Add these scopes to the app under OAuth & Permissions, and install it to the workspace again.',
    };
  const soft = missing.map(({ action }) => action).join(', ');
  return {
    what,
    state: 'works',
    told: soft === '' ? who : `${who}; no private channels (${soft})`,
    todo: null,
  };
}
