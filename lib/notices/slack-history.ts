import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { BursarError } from '../platform/errors.ts';

/** The metadata event of every message that Bursar announces; its payload holds the announcement's id. */
export const EVENT = 'bursar_announcement';

const PAGE = 200;
const MOST_PAGES = 50;
/** Slack's clock and ours may differ; a message is searched from this much before it was first attempted. */
const SKEW_SECONDS = 300;

export interface Sought {
  readonly id: string;
  readonly channel: string;
  /** Timestamp of the message whose thread it would be in; null for the channel itself. */
  readonly thread: string | null;
  /** ISO-8601: when posting it was first attempted. */
  readonly since: string;
}

/**
 * Searches the channel (or thread) for a message with this id in its metadata. Null means that all messages since
 * were seen and it is not among them; where they cannot all be seen it throws, so that nobody posts a second one.
 */
export async function findPosted(
  client: WebClient,
  sought: Sought,
): Promise<{ channel: string; ts: string } | null> {
  try {
    const channel = await channelId(client, sought.channel);
    const oldest = String(Math.floor(Date.parse(sought.since) / 1000) - SKEW_SECONDS);
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked = {
        channel,
        oldest,
        include_all_metadata: true,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const answer =
        sought.thread === null
          ? await client.conversations.history(asked)
          : await client.conversations.replies({ ...asked, ts: sought.thread });
      const found = answer.messages?.find(
        ({ metadata }) => metadata?.event_type === EVENT && payloadId(metadata.event_payload) === sought.id,
      );
      if (found?.ts !== undefined) return { channel, ts: found.ts };
      cursor = answer.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') return null;
    }
    throw new RangeError(`more than ${PAGE * MOST_PAGES} messages since ${sought.since}`);
  } catch (cause) {
    if (cause instanceof BursarError) throw cause;
    const needed = cause instanceof WebAPIPlatformError && 'needed' in cause.data ? cause.data.needed : null;
    throw new BursarError(
      'unavailable',
      `it is unknown whether this was posted, and the channel cannot be searched: ${
        cause instanceof Error ? cause.message : String(cause)
      }${typeof needed === 'string' ? ` (${needed})` : ''}`,
      {
        where: `slack ${sought.channel}`,
        hint: 'Give the app the scopes channels:history and channels:read (private: groups:history, groups:read) and run it again; nothing is posted twice.',
        cause,
      },
    );
  }
}

function payloadId(payload: unknown): unknown {
  return typeof payload === 'object' && payload !== null && 'id' in payload ? payload.id : null;
}

/** History is asked by id; a name is looked up in the list of channels that the app can see. */
async function channelId(client: WebClient, channel: string): Promise<string> {
  if (/^[CGD][A-Z0-9]{6,}$/.test(channel)) return channel;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.conversations.list({
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const id = answer.channels?.find((one) => one.name === channel)?.id;
    if (id !== undefined) return id;
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') break;
  }
  throw new RangeError(`no channel ${channel} in the list that the app can see`);
}
