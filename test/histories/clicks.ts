import { createHmac } from 'node:crypto';
import type { ActionsBlock } from '../../lib/notices/blocks.ts';
import { slackVerifier } from '../../lib/notices/signature.ts';
import type { Request, RespondParts } from '../../lib/run/respond/model.ts';
import { nextRecipient } from '../../lib/run/respond/next.ts';
import { ACCOUNT } from './config.ts';
import { ledgerOf } from './ports.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import { ADMIN, APP, APPROVER, actionsOf, GUEST, type Message, TEAM, USERS } from './slack.ts';
import type { World } from './world.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const verify = slackVerifier([SECRET]);

/** A request, and what those who sent it know of it. */
export interface Sent {
  readonly request: Request;
  readonly user: string;
  readonly action: string;
  readonly at: Message | null;
  readonly genuine: boolean;
}

export function respondParts(
  world: World,
  process: Process,
  told: (outcome: string | null) => void,
): RespondParts {
  return {
    ledger: ledgerOf(world, process),
    answerer: world.slack.answerer(process),
    verify,
    app: { team: TEAM, appId: APP },
    admins: [ADMIN],
    approvers: [APPROVER],
    nextOf: nextRecipient({
      accounts: world.config.account === null ? {} : { [ACCOUNT]: world.config.account },
      channel: world.config.fallback,
    }),
    mostSnoozes: world.config.mostSnoozes,
    mostExemptDays: 90,
    reports: null,
    timezone: 'UTC',
    log: {
      info: (_message, more) => told(typeof more?.['outcome'] === 'string' ? more['outcome'] : null),
      error: () => told('failed'),
    },
    clock: () => new Date(world.now),
  };
}

/** Presses something that somebody can see: a button of a message as it is, or as it once was. */
export function someClick(world: World, random: Random, wanted: string | null): Sent | null {
  if (wanted === 'pause' || wanted === 'resume' || wanted === 'mine')
    return command(
      world,
      wanted,
      wanted === 'mine' ? random.pick(USERS) : random.chance(0.9) ? ADMIN : 'U0ANA',
    );
  const seen = world.slack.messages.flatMap((message) => {
    const now = message.forms.at(-1);
    const forms = wanted === 'stale' ? message.forms.slice(0, -1) : now === undefined ? [] : [now];
    return forms.flatMap((shown) => actionsOf(shown).map((block) => ({ message, block })));
  });
  const offers = (block: ActionsBlock) =>
    wanted === null || wanted === 'stale' || block.elements.some(({ action_id }) => action_id === wanted);
  const found = random.any(seen.filter(({ block }) => offers(block)).slice(-6));
  if (found === null) return null;
  const { message, block } = found;
  const element =
    block.elements.find(({ action_id }) => action_id === wanted) ?? random.any(block.elements) ?? null;
  if (element === null) return null;
  const user = message.user ?? (random.chance(0.9) ? random.pick(['U0ANA', 'U0BEN', 'U0CYD']) : GUEST);
  const choice = element.type === 'static_select' ? random.pick(['1', '3', '7', '14']) : null;
  return pressed(world, random, message, block, element.action_id, choice, user);
}

function pressed(
  world: World,
  random: Random,
  at: Message,
  block: ActionsBlock,
  action: string,
  choice: string | null,
  user: string,
): Sent {
  const payload = {
    type: 'block_actions',
    api_app_id: APP,
    team: { id: TEAM },
    user: { id: user, team_id: TEAM },
    trigger_id: `t${random.below(1_000_000_000)}`,
    container: { channel_id: at.channel, message_ts: at.ts },
    actions: [
      {
        action_id: action,
        block_id: block.block_id,
        ...(choice === null ? {} : { selected_option: { value: choice } }),
      },
    ],
  };
  return { request: signed(world, form(payload)), user, action, at, genuine: true };
}

/** Fills in the form that a click has opened, and sends it. */
export function submission(world: World, random: Random, { user, action, at }: Sent): Sent | null {
  const { opened } = world.slack;
  if (opened === null) return null;
  world.slack.opened = null;
  const day = new Date(world.now + random.pick([1, 5, 20, 200]) * 86_400_000).toISOString().slice(0, 10);
  const values =
    action === 'exempt'
      ? {
          reason: { value: { value: random.chance(0.95) ? 'a long run' : ' ' } },
          until: { value: { selected_date: day } },
          scope: { value: { selected_option: { value: random.pick(['resource', 'check']) } } },
        }
      : { next: { value: { selected_user: random.pick(['', 'U0ANA', 'U0BEN', 'U0CYD']) } } };
  const payload = {
    type: 'view_submission',
    api_app_id: APP,
    team: { id: TEAM },
    user: { id: user, team_id: TEAM },
    nonce: random.below(1_000_000_000),
    view: {
      callback_id: opened.callback_id,
      private_metadata: opened.private_metadata,
      state: { values },
    },
  };
  return { request: signed(world, form(payload)), user, action, at, genuine: true };
}

function command(world: World, text: string, user: string): Sent {
  const body = new URLSearchParams({
    api_app_id: APP,
    team_id: TEAM,
    user_id: user,
    command: '/bursar',
    text,
    trigger_id: `c${world.now}`,
  });
  return { request: signed(world, body.toString()), user, action: text, at: null, genuine: true };
}

/** The same click as somebody would send it who may not: each is to change nothing. */
export function forged(world: World, random: Random, sent: Sent): Sent {
  const { request } = sent;
  const text = Buffer.from(request.body).toString();
  const no = (changed: Request, user = sent.user): Sent => ({
    ...sent,
    user,
    request: changed,
    genuine: false,
  });
  const swap = (from: string, to: string) => text.replaceAll(from, encodeURIComponent(to));
  switch (random.below(8)) {
    case 0:
      return no(signed(world, text, 'somebody else’s secret'));
    case 1:
      return no({ ...request, body: Buffer.from(`${text}&x=1`) });
    case 2:
      return no(signed(world, text, SECRET, -3600));
    case 3:
      return no(signed(world, text, SECRET, 3600));
    case 4:
      return no(signed(world, swap(TEAM_TEXT, '"team":{"id":"T9"}')));
    case 5:
      return no(signed(world, text.replaceAll(APP, 'A9')));
    case 6: {
      const { 'x-slack-signature': _, ...headers } = request.headers;
      return no({ ...request, headers });
    }
    default: {
      // Truly from Slack, by somebody whose message it is not.
      const other = random.pick([GUEST, ...USERS]);
      return {
        ...sent,
        user: other,
        request: signed(world, text.replaceAll(sent.user, other)),
        genuine: true,
      };
    }
  }
}

const TEAM_TEXT = encodeURIComponent(`"team":{"id":"${TEAM}"}`);

function form(payload: unknown): string {
  return `payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

function signed(world: World, body: string, secret = SECRET, seconds = 0): Request {
  const timestamp = String(Math.floor(world.now / 1000) + seconds);
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-signature': signature,
      'x-slack-request-timestamp': timestamp,
    },
    body: Buffer.from(body),
  };
}
