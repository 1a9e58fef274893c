import { type AuthTestResponse, WebClient } from '@slack/web-api';
import type { Config } from '../../config/schema.ts';
import { slackClientOptions } from '../../notices/slack.ts';
import type { Examined } from './examined.ts';
import { readSecret } from './secrets.ts';
import { slackScopes, takesClicks } from './slack-scopes.ts';

/** Only what lies in private channels needs these. */
const PRIVATE = /^groups:/;

/** A token that Slack took, and whose it is. */
export interface SlackLogin {
  readonly client: WebClient;
  readonly login: AuthTestResponse;
}

/** Tries the token of the config; throws what Slack says where it does not take it. */
export async function slackLogin(slack: NonNullable<Config['slack']>): Promise<SlackLogin> {
  const token = await readSecret(slack.token, 'slack.token');
  const url = slack.endpoint ?? process.env.SLACK_API_URL;
  const client = new WebClient(token, {
    ...slackClientOptions,
    ...(url === undefined ? {} : { slackApiUrl: url }),
  });
  return { client, login: await client.auth.test() };
}

/** `bursar doctor` on Slack: the token, and its scopes. */
export async function examineSlack(config: Pick<Config, 'slack'>): Promise<Examined> {
  if (config.slack === undefined)
    return { what: 'slack', state: 'not configured', told: 'nothing is posted', todo: null };
  return examineScopes(config, await slackLogin(config.slack));
}

/**
 * Compares the scopes that Slack says the token has (X-OAuth-Scopes: docs.slack.dev, "Using scopes") with those that
 * the config needs: to post digests, where it names the workspace to warn owners, and to be answered.
 */
export function examineScopes(config: Pick<Config, 'slack'>, { login }: SlackLogin): Examined {
  const what = 'slack';
  const { team, user, response_metadata } = login;
  const who = `${user ?? 'bot'} in ${team ?? 'the workspace'}`;
  const held = response_metadata?.scopes;
  if (held === undefined)
    return { what, state: 'works', told: `${who}; Slack does not tell its scopes`, todo: null };
  const missing = slackScopes(config, takesClicks(config)).filter(({ action }) => !held.includes(action));
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
