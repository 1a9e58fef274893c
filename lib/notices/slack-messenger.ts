import type { WebClient } from '@slack/web-api';
import type { LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Permission } from '../platform/permissions.ts';
import type { Answerer, Delivery, SlackMessage } from './model.ts';
import { slackPermissions, slackSender } from './slack.ts';
import { type Called, patiently } from './slack-call.ts';
import { slackPeople } from './slack-people.ts';

export const messengerPermissions: readonly Permission[] = [
  ...slackPermissions,
  { cloud: 'slack', action: 'im:write', why: 'opens the direct message in which an owner is warned' },
  { cloud: 'slack', action: 'im:history', why: 'sees whether a warning arrived when the answer was lost' },
  {
    cloud: 'slack',
    action: 'users:read',
    why: 'reads the time zone of an owner, and whether they are a guest',
  },
  { cloud: 'slack', action: 'users:read.email', why: 'finds the owner whose address a tag names' },
  { cloud: 'slack', action: 'commands', why: 'answers /bursar' },
];

export interface MessengerParts {
  readonly client: WebClient;
  readonly store: Pick<LedgerStore, 'getDoc' | 'putDoc'>;
  /** The workspace or enterprise that Bursar serves. */
  readonly team: string;
  readonly clock: () => Date;
  /** For one message with all its retries, milliseconds; 20 s by default. */
  readonly budget?: number;
  /** For what a person waits for (a whisper, a modal, the rewriting after a click), milliseconds; 1.5 s by default. */
  readonly patience?: number;
  readonly spacing?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** Slack's own errors after which this place will not take the message (docs.slack.dev, chat.postMessage, conversations.open, chat.update). */
const FINAL = new Set([
  'is_archived',
  'channel_not_found',
  'not_in_channel',
  'restricted_action',
  'user_not_found',
  'users_not_found',
  'user_disabled',
  'user_not_visible',
  'cannot_dm_bot',
  'message_not_found',
  'cant_update_message',
  'thread_not_found',
]);

/** Slack as the Messenger and Answerer that notices and clicks need. */
export function slackMessenger(parts: MessengerParts): Answerer {
  const { client, clock, budget = 20_000, patience = 1_500 } = parts;
  const pauses = parts.sleep === undefined ? {} : { sleep: parts.sleep };
  const long = { budget, clock, ...pauses };
  const short = { budget: patience, clock, ...pauses };
  const send = slackSender({ ...parts, budget });
  const lookup = slackPeople({ ...parts, ...long });
  const direct = new Map<string, string>();

  return {
    permissions: messengerPermissions,
    lookup,
    async deliver(id, to, message) {
      if ('channel' in to) return await sent(id, to.channel.replace(/^#/, ''), null, message);
      const opened = await openDirect(to.user);
      return opened.ok ? await sent(id, opened.answer, null, message) : failed(opened.error);
    },
    reply: (id, to, message) => sent(id, to.channel, to.ts, message),
    async update(at, message) {
      const called = await patiently(
        () => client.apiCall('chat.update', { ...at, text: message.text, blocks: message.blocks }),
        short,
      );
      return called.ok ? { ok: true, ...at } : failed(called.error);
    },
    whisper: (to, message) =>
      shown(() =>
        client.apiCall('chat.postEphemeral', { ...to, text: message.text, blocks: message.blocks }),
      ),
    openModal: (trigger_id, view) => shown(() => client.apiCall('views.open', { trigger_id, view })),
    publishHome: (user_id, view) => shown(() => client.apiCall('views.publish', { user_id, view })),
    async isShared(channel) {
      const called = await patiently(() => client.conversations.info({ channel }), short);
      if (!called.ok) return true;
      const { is_ext_shared, is_pending_ext_shared } = called.answer.channel ?? {};
      return is_ext_shared === true || is_pending_ext_shared === true;
    },
  };

  async function sent(
    id: string,
    channel: string,
    thread: string | null,
    message: SlackMessage,
  ): Promise<Delivery> {
    try {
      const sending = { id, channel, thread, message, plainer: null };
      const posted = await send(sending, clock().getTime() + budget);
      return { ok: true, channel: posted.channel, ts: posted.ts };
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      return { ok: false, final: FINAL.has(slackWord(error.cause)), reason: error.message };
    }
  }

  async function openDirect(user: string): Promise<Called<string>> {
    const known = direct.get(user);
    if (known !== undefined) return { ok: true, answer: known };
    const called = await patiently(() => client.conversations.open({ users: user }), long);
    if (!called.ok) return called;
    const id = called.answer.channel?.id;
    if (id === undefined) return { ok: false, error: 'no channel in the answer', cause: null };
    direct.set(user, id);
    return { ok: true, answer: id };
  }

  async function shown(call: () => Promise<unknown>) {
    const called = await patiently(call, short);
    return called.ok ? ({ ok: true } as const) : ({ ok: false, reason: called.error } as const);
  }
}

function failed(error: string): Delivery {
  return { ok: false, final: FINAL.has(error), reason: WORDS[error] ?? `Slack answered ${error}` };
}

const WORDS: Readonly<Record<string, string>> = {
  user_disabled: 'this Slack account is deactivated',
  user_not_found: 'Slack knows no such user',
  is_archived: 'this Slack channel is archived',
  ratelimited: 'Slack asks to wait longer than this run may',
  request_failed: 'Slack could not be reached',
};

/** Slack's word for what was wrong, from the error that the SDK gave. */
function slackWord(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('data' in cause)) return '';
  const { data } = cause;
  return typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : '';
}
