import type { WebClient } from '@slack/web-api';
import { type Patience, patiently } from '../../notices/slack-call.ts';

/** What of a channel decides whether the app can speak in it. */
export interface Channel {
  readonly archived: boolean;
  readonly member: boolean;
  /** Is it shared with another organisation, or about to be? */
  readonly shared: boolean;
}

/** What is read of a channel (docs.slack.dev, reference/objects/conversation-object, read November 2026). */
interface Told {
  readonly id?: string;
  readonly name?: string;
  readonly is_archived?: boolean;
  readonly is_member?: boolean;
  readonly is_ext_shared?: boolean;
  readonly is_pending_ext_shared?: boolean;
}

/** At most 999 (docs.slack.dev, conversations.list); Slack recommends no more than 200. */
const PAGE = 200;
const MOST_PAGES = 500;

/**
 * Each channel by the id or `#name` that it is called by, or Slack's word for why it is not known. Names are looked
 * up in the list of all that the app can see, archived ones too; the search ends when all are found.
 */
export async function channelsOf(
  client: WebClient,
  called: readonly string[],
  patience: Patience,
): Promise<Map<string, Channel | { readonly error: string }>> {
  const found = new Map<string, Channel | { readonly error: string }>();
  for (const id of called.filter((each) => !each.startsWith('#'))) {
    const asked = await patiently(() => client.conversations.info({ channel: id }), patience);
    found.set(id, asked.ok ? channelOf(asked.answer.channel ?? {}) : { error: asked.error });
  }
  const wanted = new Map(called.filter((each) => each.startsWith('#')).map((each) => [each.slice(1), each]));
  const types = ['public_channel,private_channel', 'public_channel'];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && wanted.size > 0; page += 1) {
    const asked = await patiently(
      () =>
        client.conversations.list({
          types: types[0] ?? 'public_channel',
          limit: PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      patience,
    );
    if (!asked.ok) {
      // Without groups:read the public ones are still known.
      if (asked.error === 'missing_scope' && types.length > 1) {
        types.shift();
        continue;
      }
      for (const name of wanted.values()) found.set(name, { error: asked.error });
      return found;
    }
    for (const each of asked.answer.channels ?? []) {
      const name = wanted.get(each.name ?? '');
      if (name === undefined) continue;
      found.set(name, channelOf(each));
      wanted.delete(each.name ?? '');
    }
    cursor = asked.answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') break;
  }
  for (const name of wanted.values()) found.set(name, { error: 'channel_not_found' });
  return found;
}

function channelOf({ is_archived, is_member, is_ext_shared, is_pending_ext_shared }: Told): Channel {
  return {
    archived: is_archived === true,
    member: is_member === true,
    shared: is_ext_shared === true || is_pending_ext_shared === true,
  };
}
