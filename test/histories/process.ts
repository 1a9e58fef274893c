import { BursarError } from '../../lib/platform/errors.ts';
import type { Fact } from './journal.ts';
import type { World } from './world.ts';

/** Ways in which a call can go wrong. `before`: nothing came of it; `after`: it came, and nobody was told. */
export const FAULTS = ['error-before', 'error-after', 'crash-before', 'crash-after', 'refused'] as const;
export type FaultKind = (typeof FAULTS)[number];

/** The nth call of an effect in a step goes wrong. */
export interface Fault {
  readonly effect: Effect;
  readonly kind: FaultKind;
  readonly nth: number;
}

/** Every call of the use cases on something outside themselves, and the faults that it can have. */
const ALL = ['error-before', 'error-after', 'crash-before', 'crash-after'] as const;
const READ = ['error-before', 'crash-before'] as const;
export const EFFECTS = {
  'ledger.put': ALL,
  'ledger.putMany': ALL,
  'ledger.putDoc': ALL,
  'ledger.claim': ALL,
  'ledger.release': ALL,
  'ledger.read': READ,
  'cloud.apply': [...ALL, 'refused'],
  'cloud.undo': [...ALL, 'refused'],
  'cloud.verify': READ,
  /** `refused`: the right to read it is missing. */
  'cloud.read': [...READ, 'refused'],
  look: READ,
  /** `error-before`: 429 or 5xx; `error-after`: the answer is lost; `refused`: archived, or the person has left. */
  'slack.deliver': [...ALL, 'refused'],
  'slack.reply': [...ALL, 'refused'],
  'slack.update': [...ALL, 'refused'],
  'slack.lookup': [...READ, 'refused'],
} as const satisfies Readonly<Record<string, readonly FaultKind[]>>;
export type Effect = keyof typeof EFFECTS;

/** A process ended here: nothing after it runs, not even what would tidy up. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** One run of a use case: its calls go through it, where they may wait for their turn, fail, or be its last. */
export class Process {
  readonly id: string;
  readonly died: Promise<never>;
  readonly #world: World;
  readonly #faults: readonly Fault[];
  readonly #counts = new Map<Effect, number>();
  readonly #turn: (() => Promise<void>) | null;
  readonly #die: (error: Crash) => void;
  #dead = false;

  constructor(world: World, id: string, faults: readonly Fault[], turn: (() => Promise<void>) | null) {
    this.#world = world;
    this.id = id;
    this.#faults = faults;
    this.#turn = turn;
    const { promise, reject } = Promise.withResolvers<never>();
    this.died = promise;
    this.#die = reject;
    // Whoever runs it looks at this too late in some orders of events.
    promise.catch(() => undefined);
  }

  note(fact: Fact): void {
    // What was under way is through; nothing more begins.
    if (this.#dead && fact.kind === 'call-begun') return;
    this.#world.journal.add(this.id, fact);
  }

  /** A call whose failure is thrown. */
  async call<T>(effect: Effect, work: () => T | Promise<T>): Promise<T> {
    const fault = await this.#begin(effect);
    if (fault === 'crash-before') return await this.#crash();
    if (fault === 'error-before')
      throw new BursarError('unavailable', `${effect} did not answer`, { where: effect });
    if (fault === 'refused') throw new BursarError('denied', `${effect} is not allowed`, { where: effect });
    const answer = await work();
    if (fault === 'crash-after') return await this.#crash();
    if (fault === 'error-after')
      throw new BursarError('unavailable', `the answer of ${effect} was lost`, { where: effect });
    return answer;
  }

  /** A call whose failure is told in its answer. */
  async ask<T>(
    effect: Effect,
    work: () => T | Promise<T>,
    no: (final: boolean, reason: string) => T,
  ): Promise<T> {
    const fault = await this.#begin(effect);
    if (fault === 'crash-before') return await this.#crash();
    if (fault === 'error-before') return no(false, '503');
    if (fault === 'refused') return no(true, 'archived or gone');
    const answer = await work();
    if (fault === 'crash-after') return await this.#crash();
    return fault === 'error-after' ? no(false, 'timed out') : answer;
  }

  async #begin(effect: Effect): Promise<FaultKind | null> {
    if (this.#turn !== null) await this.#turn();
    // A process that has ended does nothing any more.
    if (this.#dead) await new Promise<never>(() => undefined);
    this.#world.tick();
    const count = this.#counts.get(effect) ?? 0;
    this.#counts.set(effect, count + 1);
    const fault = this.#faults.find((each) => each.effect === effect && each.nth === count);
    if (fault === undefined) return null;
    this.note({ kind: 'fault', effect, fault: fault.kind });
    return fault.kind;
  }

  async #crash(): Promise<never> {
    this.#dead = true;
    this.#die(new Crash(`${this.id} ended`));
    return await new Promise<never>(() => undefined);
  }
}
