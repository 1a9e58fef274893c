import type { ActionsBlock, SlackBlock } from '../../lib/notices/blocks.ts';
import type { Address, Answerer, Delivery, Lookup, Place, SlackMessage } from '../../lib/notices/model.ts';
import type { SlackView } from '../../lib/notices/view.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export const TEAM = 'T0';
export const APP = 'A0';
export const ADMIN = 'U0ADA';
export const APPROVER = 'U0EVE';
/** A guest: may press what they see, and is nobody who may be written to. */
export const GUEST = 'U0GUS';

const PEOPLE: ReadonlyMap<string, string> = new Map([
  ['ana@acme.example', 'U0ANA'],
  ['ben@acme.example', 'U0BEN'],
  ['cyd@acme.example', 'U0CYD'],
]);
export const USERS = ['U0ANA', 'U0BEN', 'U0CYD', ADMIN, APPROVER] as const;

/** A message as Slack has it, with every form that it had. */
export interface Message extends Place {
  readonly id: string;
  readonly user: string | null;
  readonly thread: boolean;
  readonly forms: SlackMessage[];
}

function no(final: boolean, reason: string): Delivery {
  return { ok: false, final, reason };
}

function failed(_final: boolean, reason: string) {
  return { ok: false, reason } as const;
}

/** A workspace: takes messages once for an id, keeps every form of them, and tells who wrote what to whom. */
export class SlackModel {
  readonly messages: Message[] = [];
  /** Users who have left. */
  readonly left = new Set<string>();
  archived = false;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The port for one process. */
  answerer(process: Process): Answerer {
    return {
      permissions: [],
      lookup: (contact) =>
        process.ask<Lookup>(
          'slack.lookup',
          () => this.#lookup(contact),
          (final, reason) => ({ ok: false, final, reason }),
        ),
      deliver: (id, to, message) =>
        process.ask('slack.deliver', () => this.#deliver(process, id, to, message), no),
      reply: (id, to, message) =>
        process.ask('slack.reply', () => this.#take(process, id, to.channel, null, true, message), no),
      update: (at, message) => process.ask('slack.update', () => this.#update(process, at, message), no),
      whisper: () =>
        process.ask<{ ok: true } | { ok: false; reason: string }>(
          'slack.update',
          () => ({ ok: true }),
          failed,
        ),
      openModal: (_trigger, view) =>
        process.ask<{ ok: true } | { ok: false; reason: string }>(
          'slack.update',
          () => {
            this.opened = view;
            return { ok: true };
          },
          failed,
        ),
      publishHome: (user, view) =>
        process.ask<{ ok: true } | { ok: false; reason: string }>(
          'slack.update',
          () => {
            process.note({ kind: 'home', user, names: this.#world.named(JSON.stringify(view)) });
            return { ok: true };
          },
          failed,
        ),
      isShared: () => Promise.resolve(false),
    };
  }

  /** The form that was opened last. */
  opened: SlackView | null = null;

  #lookup(contact: string): Lookup {
    const user = PEOPLE.get(contact) ?? USERS.find((each) => each === contact);
    if (user === undefined) return { ok: false, final: true, reason: 'Slack knows nobody of that name' };
    if (this.left.has(user)) return { ok: false, final: true, reason: 'they have left' };
    return { ok: true, known: { person: { user, team: TEAM }, name: user, timezone: 'UTC' } };
  }

  #deliver(process: Process, id: string, to: Address, message: SlackMessage): Delivery {
    if ('user' in to) {
      if (this.left.has(to.user)) return { ok: false, final: true, reason: 'they have left' };
      return this.#take(process, id, `D${to.user}`, to.user, false, message);
    }
    if (this.archived) return { ok: false, final: true, reason: 'the channel is archived' };
    return this.#take(process, id, 'C0FINOPS', null, false, message);
  }

  #take(
    process: Process,
    id: string,
    channel: string,
    user: string | null,
    thread: boolean,
    message: SlackMessage,
  ): Delivery {
    const known = this.messages.find((each) => each.id === id && each.channel === channel);
    if (known !== undefined) return { ok: true, channel, ts: known.ts };
    const ts = `${Math.floor(this.#world.now / 1000)}.${String(this.messages.length).padStart(6, '0')}`;
    this.messages.push({ id, channel, ts, user, thread, forms: [message] });
    const names = this.#world.named(JSON.stringify(message));
    const buttons = actionsOf(message).flatMap(({ elements }) => elements.map(({ action_id }) => action_id));
    process.note({ kind: 'said', id, user, channel, ts, thread, names, buttons });
    return { ok: true, channel, ts };
  }

  #update(process: Process, at: Place, message: SlackMessage): Delivery {
    const known = this.messages.find(({ channel, ts }) => channel === at.channel && ts === at.ts);
    if (known === undefined) return { ok: false, final: true, reason: 'message_not_found' };
    known.forms.push(message);
    const text = JSON.stringify(message);
    process.note({ kind: 'redrawn', channel: at.channel, ts: at.ts, names: this.#world.named(text), text });
    return { ok: true, ...at };
  }
}

export function actionsOf(message: SlackMessage): ActionsBlock[] {
  return message.blocks.filter((block: SlackBlock) => block.type === 'actions');
}
