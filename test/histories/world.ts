import { type MemoryLedger, memoryLedger } from '../ledger/memory.ts';
import { type Config, someConfig } from './config.ts';
import { Journal } from './journal.ts';
import { randomFrom } from './random.ts';
import { SlackModel } from './slack.ts';
import { someThings, type Thing } from './things.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');

/** Everything that a history happens in: one clock, the cloud, Slack, the ledger, the config, and what was logged. */
export class World {
  readonly journal: Journal;
  readonly ledger: MemoryLedger;
  readonly slack: SlackModel;
  readonly things = new Map<string, Thing>();
  config: Config;
  #now = START;
  #runs = 0;

  constructor(seed: number) {
    const random = randomFrom(seed);
    this.journal = new Journal(() => this.#now);
    this.ledger = memoryLedger({ lag: () => (random.chance(0.05) ? random.below(4) : 0) });
    this.slack = new SlackModel(this);
    this.config = someConfig(random);
    for (const thing of someThings(random, this.iso())) this.things.set(thing.id, thing);
    for (const thing of this.things.values())
      this.journal.add(null, { kind: 'world', what: 'made', thing: thing.id, now: thing });
    this.journal.add(null, { kind: 'config', config: this.config });
  }

  get now(): number {
    return this.#now;
  }

  iso(): string {
    return new Date(this.#now).toISOString();
  }

  /** A call takes a moment. */
  tick(): void {
    this.#now += 20;
  }

  /** Clocks jump, backwards a little, too. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  runId(what: string): string {
    this.#runs += 1;
    return `${what}-${this.#runs}`;
  }

  change(what: string, thing: Thing): void {
    this.things.set(thing.id, thing);
    this.journal.add(null, { kind: 'world', what, thing: thing.id, now: thing });
  }

  configure(config: Config): void {
    this.config = config;
    this.journal.add(null, { kind: 'config', config });
  }

  /** Names of things that a text says. */
  named(text: string): string[] {
    return [...this.things.values()].filter(({ name }) => text.includes(name)).map(({ id }) => id);
  }
}
