import type { Config } from '../../config/schema.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { patiently } from '../../notices/slack-call.ts';
import { explain } from '../../notices/slack-errors.ts';
import { slackPeople } from '../../notices/slack-people.ts';
import type { Progress } from '../../platform/progress.ts';
import { type Channel, channelsOf } from './check-slack-channels.ts';
import { examineScopes, type SlackLogin, slackLogin } from './doctor-slack.ts';
import { type Examined, failure } from './examined.ts';
import { readSecret } from './secrets.ts';
import { type NamedInSlack, namedInSlack } from './slack-named.ts';
import { takesClicks } from './slack-scopes.ts';

type Slack = NonNullable<Config['slack']>;

/** For one call with its retries, milliseconds: looking somebody up is allowed about 50 times a minute. */
const BUDGET = 90_000;
const ANSWER_MS = 10_000;

/**
 * What of Slack's side is missing for a config: token and scopes, workspace and app, each channel and person that it
 * names, the secret that clicks are verified with, and what answers at their address. Posts and changes nothing.
 */
export async function checkSlack(config: Config, progress: Progress): Promise<Examined[]> {
  const { slack } = config;
  if (slack === undefined)
    return [
      {
        what: 'slack',
        state: 'not configured',
        told: 'the config has no section slack',
        todo: 'Make the app with bursar slack manifest, and write slack: { token: { env: SLACK_BOT_TOKEN }, channels: { digest: "#finops" } }.',
      },
    ];
  progress.step('token');
  const entered = await enter(slack);
  const clicks = await Promise.all([examineSecret(config, slack), examineAddress(config, slack)]);
  if (!('login' in entered)) return [entered, ...clicks];
  return [
    examineScopes(config, entered),
    examineTeam(slack, entered),
    await examineApp(slack, entered),
    ...clicks,
    ...(await examineNamed(slack, entered, namedInSlack(config), progress)),
  ];
}

async function enter(slack: Slack): Promise<SlackLogin | Examined> {
  try {
    return await slackLogin(slack);
  } catch (error) {
    return failure('slack', slackFailure(error));
  }
}

/** Slack's word for a refused token, with what to do. */
function slackFailure(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('data' in error)) return error;
  const { data } = error;
  return typeof data === 'object' && data !== null && 'error' in data && typeof data.error === 'string'
    ? explain(data.error, 'slack.token', error)
    : error;
}

function examineTeam({ teamId }: Slack, { login }: SlackLogin): Examined {
  const what = 'workspace';
  const { team_id = '', enterprise_id } = login;
  if (teamId === undefined)
    return {
      what,
      state: 'not configured',
      told: 'nobody is warned and no click is taken',
      todo: `To warn owners, write slack.teamId: ${team_id}.`,
    };
  const held = teamId.startsWith('E') ? enterprise_id : team_id;
  return held === teamId
    ? { what, state: 'works', told: teamId, todo: null }
    : {
        what,
        state: 'fails',
        told: `the token is of ${held ?? `workspace ${team_id}, which is in no enterprise`}, slack.teamId is ${teamId}`,
        todo: 'Write the id of the workspace that the app is installed in, or take the token from there.',
      };
}

/** The bot says of which app it is (docs.slack.dev, bots.info), where the token may ask (users:read). */
async function examineApp({ appId }: Slack, { client, login }: SlackLogin): Promise<Examined> {
  const what = 'app';
  if (appId === undefined)
    return {
      what,
      state: 'not configured',
      told: 'no click is taken',
      todo: 'Write slack.appId to take them.',
    };
  const bot = login.bot_id;
  if (bot === undefined)
    return {
      what,
      state: 'fails',
      told: 'the token is of no bot',
      todo: 'Take the bot token (xoxb-...) from the app\'s page "OAuth & Permissions".',
    };
  const called = await patiently(() => client.bots.info({ bot }), { budget: BUDGET, clock });
  const held = called.ok ? called.answer.bot?.app_id : undefined;
  if (held === undefined)
    return {
      what,
      state: 'not tried',
      told: called.ok ? 'Slack does not tell the app of this token' : `Slack answered ${called.error}`,
      todo: null,
    };
  return held === appId
    ? { what, state: 'works', told: appId, todo: null }
    : {
        what,
        state: 'fails',
        told: `the token is of app ${held}, slack.appId is ${appId}: every click would be refused`,
        todo: 'Take App ID, token and signing secret of one app.',
      };
}

async function examineSecret(config: Config, slack: Slack): Promise<Examined> {
  const what = 'signing secret';
  const { signingSecret, formerSigningSecret } = slack;
  if (signingSecret === undefined)
    return {
      what,
      ...silence(config),
      told: 'no click can be verified, so none is taken',
      todo: 'Write slack.signingSecret: { env: SLACK_SIGNING_SECRET }, from the app\'s page "Basic Information".',
    };
  try {
    await readSecret(signingSecret, 'slack.signingSecret');
    if (formerSigningSecret !== undefined) await readSecret(formerSigningSecret, 'slack.formerSigningSecret');
    const former = formerSigningSecret === undefined ? '' : ', and the one before';
    return { what, state: 'works', told: `readable${former}`, todo: null };
  } catch (error) {
    return failure(what, error);
  }
}

/** Without clicks nobody can answer a warning: a fault where there are any, else a choice. */
function silence({ policies }: Config): Pick<Examined, 'state'> {
  const warns = policies.some(({ mode }) => mode === 'warn' || mode === 'stop');
  return { state: warns ? 'fails' : 'not configured' };
}

/** Asks the address without a signature: Bursar refuses that with 401, and whatever else answers is not Bursar. */
async function examineAddress(config: Config, { requestUrl }: Slack): Promise<Examined> {
  const what = 'address for clicks';
  if (requestUrl === undefined)
    return {
      what,
      state: takesClicks(config) ? 'not tried' : 'not configured',
      told: 'slack.requestUrl is not written',
      todo: takesClicks(config)
        ? 'Write slack.requestUrl (output SlackUrl of the stack, or your tunnel), and it is tried.'
        : null,
    };
  try {
    const answer = await fetch(requestUrl, {
      method: 'POST',
      body: '',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.body?.cancel();
    if (answer.status === 401)
      return { what, state: 'works', told: 'refuses what Slack has not signed', todo: null };
    return {
      what,
      state: 'fails',
      told: `${requestUrl} answers ${answer.status} to a request without a signature, where Bursar answers 401`,
      todo: 'Take the address from the output SlackUrl of the stack; for bursar slack serve, look where the tunnel leads.',
    };
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return {
      what,
      state: 'fails',
      told: `nobody answers at ${requestUrl}: ${why}`,
      todo: 'Deploy the stack, or start bursar slack serve and its tunnel.',
    };
  }
}

async function examineNamed(
  slack: Slack,
  { client, login }: SlackLogin,
  { channels, people }: NamedInSlack,
  progress: Progress,
): Promise<Examined[]> {
  const examined: Examined[] = [];
  if (slack.channels.digest === undefined)
    examined.push({
      what: 'digest',
      state: 'not configured',
      told: 'no channel is named for it',
      todo: 'To post it, write slack.channels: { digest: "#finops" }.',
    });
  progress.step('channels');
  const found = await channelsOf(client, [...channels.keys()], { budget: BUDGET, clock });
  for (const [name, where] of channels)
    examined.push(examineChannel(name, where, found.get(name) ?? { error: 'channel_not_found' }));
  const team = slack.teamId ?? login.team_id ?? '';
  const lookup = slackPeople({ client, store: FORGETFUL, team, budget: BUDGET, clock });
  for (const [at, [name, where]] of [...people].entries()) {
    progress.step('people', at + 1, people.size);
    const answer = await lookup(name);
    const what = `${name} (${where.join(', ')})`;
    examined.push(
      answer.ok
        ? { what, state: 'works', told: answer.known.name, todo: null }
        : { what, state: 'fails', told: answer.reason, todo: `Name somebody else in ${where.join(', ')}.` },
    );
  }
  return examined;
}

function examineChannel(
  name: string,
  where: readonly string[],
  channel: Channel | { readonly error: string },
): Examined {
  const what = `${name} (${where.join(', ')})`;
  if ('error' in channel) return failure(what, explain(channel.error, name, null));
  const { archived, member, shared } = channel;
  if (archived) return failure(what, explain('is_archived', name, null));
  if (!member) return failure(what, explain('not_in_channel', name, null));
  return shared
    ? {
        what,
        state: 'fails',
        told: 'people of another organisation read this channel, and clicks in it are refused',
        todo: `Name another one in ${where.join(', ')}.`,
      }
    : { what, state: 'works', told: 'the app is in it', todo: null };
}

/** Nobody is remembered: what is asked here must be true now. */
const FORGETFUL: Pick<LedgerStore, 'getDoc' | 'putDoc'> = {
  getDoc: async () => null,
  putDoc: async () => 'written',
};

function clock(): Date {
  return new Date();
}
