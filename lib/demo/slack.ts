import type { ActionsBlock, SlackBlock } from '../notices/blocks.ts';
import type { Answerer, Delivery, Lookup, Place, SlackMessage } from '../notices/model.ts';
import { CHANNEL, PEOPLE } from './people.ts';

/** A message as the demo's workspace keeps it. */
export interface Message extends Place {
  readonly id: string;
  /** Who alone sees it; null in the channel. */
  readonly user: string | null;
  /** Timestamp of the message in whose thread it stands. */
  readonly thread: string | null;
  readonly at: string;
  /** As it was sent, and each way in which it was rewritten. */
  readonly forms: { readonly at: string; readonly message: SlackMessage }[];
}

/** A workspace that keeps what is said in it. It sends nothing anywhere. */
export class DemoSlack implements Answerer {
  readonly permissions = [];
  readonly messages: Message[] = [];
  readonly #clock: () => Date;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  lookup = async (contact: string): Promise<Lookup> => {
    const known =
      PEOPLE.get(contact) ?? [...PEOPLE.values()].find(({ person: { user } }) => user === contact);
    return known === undefined
      ? { ok: false, final: true, reason: 'Slack knows nobody of that name' }
      : { ok: true, known };
  };

  deliver: Answerer['deliver'] = async (id, to, message) =>
    'user' in to
      ? this.#say(id, `D${to.user.slice(1)}`, to.user, null, message)
      : this.#say(id, CHANNEL, null, null, message);

  reply: Answerer['reply'] = async (id, { channel, ts }, message) => {
    const parent = this.messages.find((each) => each.channel === channel && each.ts === ts);
    return this.#say(id, channel, parent?.user ?? null, ts, message);
  };

  update: Answerer['update'] = async ({ channel, ts }, message) => {
    const found = this.messages.find((each) => each.channel === channel && each.ts === ts);
    if (found === undefined) return { ok: false, final: true, reason: 'message_not_found' };
    // What looks the same is not another form of it.
    if (JSON.stringify(found.forms.at(-1)?.message) !== JSON.stringify(message))
      found.forms.push({ at: this.#clock().toISOString(), message });
    return { ok: true, channel, ts };
  };

  whisper: Answerer['whisper'] = async () => ({ ok: true });
  openModal: Answerer['openModal'] = async () => ({ ok: true });
  publishHome: Answerer['publishHome'] = async () => ({ ok: true });
  isShared: Answerer['isShared'] = async () => false;

  #say(
    id: string,
    channel: string,
    user: string | null,
    thread: string | null,
    message: SlackMessage,
  ): Delivery {
    const known = this.messages.find((each) => each.id === id && each.channel === channel);
    if (known !== undefined) return { ok: true, channel, ts: known.ts };
    const at = this.#clock();
    const ts = `${Math.floor(at.getTime() / 1000)}.${String(this.messages.length).padStart(6, '0')}`;
    const forms = [{ at: at.toISOString(), message }];
    this.messages.push({ id, channel, ts, user, thread, at: at.toISOString(), forms });
    return { ok: true, channel, ts };
  }

  /** The buttons that a person sees below a resource in their newest message of it, or the channel's; null for none. */
  offered(
    user: string,
    resource: string,
    action: string,
  ): { readonly place: Place; readonly block: ActionsBlock } | null {
    for (const { channel, ts, user: reader, forms } of this.messages.toReversed()) {
      const message = forms.at(-1)?.message;
      if ((reader !== null && reader !== user) || message === undefined) continue;
      const block = below(message.blocks, resource);
      if (block?.elements.some(({ action_id }) => action_id === action) === true)
        return { place: { channel, ts }, block };
    }
    return null;
  }
}

/** The row of buttons right below the text that names a resource. */
function below(blocks: readonly SlackBlock[], resource: string): ActionsBlock | null {
  const index = blocks.findIndex(
    (block) => block.type === 'rich_text' && JSON.stringify(block).includes(`"${resource}"`),
  );
  const next = index < 0 ? undefined : blocks[index + 1];
  return next?.type === 'actions' ? next : null;
}

/** Each message as a file of its own, in the order in which it was sent: `01-U0RESEARCH.json`. */
export function messageFiles(messages: readonly Message[]): (readonly [string, Message])[] {
  return messages.map((message, index) => {
    const to = message.user ?? message.channel;
    const name = `${String(index + 1).padStart(2, '0')}-${to}${message.thread === null ? '' : '-reply'}.json`;
    return [name, message] as const;
  });
}
