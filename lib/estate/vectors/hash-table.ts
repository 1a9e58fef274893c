/** What is known of a key. */
export interface Held {
  /** Milliseconds since 1970; null where it is not known. */
  readonly time: number | null;
  /** Hash of the content, 16 hexadecimal digits; null where it is not known. */
  readonly content: string | null;
}

/** Share of the slots that may be taken. */
const LOAD = 0.7;
const LEAST = 1024;

/**
 * Keys by their 64-bit hashes, with a time and the hash of a content each: 25 bytes a slot, so that a million keys
 * take 52 MB and ten million 420, where objects would take several times as much. Open addressing with linear
 * probing. Two keys of one hash are one: among ten million, that happens once in 370,000 listings.
 */
export class HashTable {
  #high = new Uint32Array(LEAST);
  #low = new Uint32Array(LEAST);
  #time = new Float64Array(LEAST).fill(Number.NaN);
  #contentHigh = new Uint32Array(LEAST);
  #contentLow = new Uint32Array(LEAST);
  /** 1: a key is here; 2: with a content. */
  #state = new Uint8Array(LEAST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a key, or puts what is given in the place of what it held. */
  set(key: string, { time, content }: Held): void {
    if (this.#size >= this.#state.length * LOAD) this.#grow();
    this.#put(
      wordAt(key, 0),
      wordAt(key, 8),
      time ?? Number.NaN,
      content === null ? 1 : 2,
      content === null ? 0 : wordAt(content, 0),
      content === null ? 0 : wordAt(content, 8),
    );
  }

  get(key: string): Held | null {
    const slot = this.#slotOf(wordAt(key, 0), wordAt(key, 8));
    const state = this.#state[slot] ?? 0;
    if (state === 0) return null;
    const time = this.#time[slot] ?? Number.NaN;
    return {
      time: Number.isNaN(time) ? null : time,
      content: state === 2 ? hex(this.#contentHigh[slot] ?? 0) + hex(this.#contentLow[slot] ?? 0) : null,
    };
  }

  /** The slot of a key, or the empty one where it belongs. */
  #slotOf(high: number, low: number): number {
    const mask = this.#state.length - 1;
    let slot = low & mask;
    while (this.#state[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #put(
    high: number,
    low: number,
    time: number,
    state: number,
    contentHigh: number,
    contentLow: number,
  ): void {
    const slot = this.#slotOf(high, low);
    if (this.#state[slot] === 0) this.#size += 1;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#time[slot] = time;
    this.#state[slot] = state;
    this.#contentHigh[slot] = contentHigh;
    this.#contentLow[slot] = contentLow;
  }

  #grow(): void {
    const [high, low, time, state] = [this.#high, this.#low, this.#time, this.#state];
    const [contentHigh, contentLow] = [this.#contentHigh, this.#contentLow];
    const slots = state.length * 2;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#time = new Float64Array(slots).fill(Number.NaN);
    this.#contentHigh = new Uint32Array(slots);
    this.#contentLow = new Uint32Array(slots);
    this.#state = new Uint8Array(slots);
    this.#size = 0;
    for (let slot = 0; slot < state.length; slot += 1)
      if (state[slot] !== 0)
        this.#put(
          high[slot] ?? 0,
          low[slot] ?? 0,
          time[slot] ?? Number.NaN,
          state[slot] ?? 1,
          contentHigh[slot] ?? 0,
          contentLow[slot] ?? 0,
        );
  }
}

/** 32 bits of a text of hexadecimal digits. */
function wordAt(text: string, at: number): number {
  return Number.parseInt(text.slice(at, at + 8), 16);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
