/** Share of the slots that may be taken. */
const LOAD = 0.7;
const LEAST = 1024;

/**
 * 64-bit hashes of 16 hexadecimal digits, 8 bytes a slot. Open addressing with linear probing; a slot of zeros is
 * empty, so that the hash of zeros alone is kept beside.
 */
export class HashSet {
  #words = new Uint32Array(LEAST * 2);
  #size = 0;
  #zero = false;

  add(hash: string): void {
    if (this.#size >= (this.#words.length / 2) * LOAD) this.#grow();
    this.#put(Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8), 16));
  }

  has(hash: string): boolean {
    const high = Number.parseInt(hash.slice(0, 8), 16);
    const low = Number.parseInt(hash.slice(8), 16);
    if (high === 0 && low === 0) return this.#zero;
    const at = this.#slotOf(high, low);
    return this.#words[at] === high && this.#words[at + 1] === low;
  }

  /** Where the hash is, or the empty slot where it belongs. */
  #slotOf(high: number, low: number): number {
    const slots = this.#words.length / 2;
    let slot = low & (slots - 1);
    for (;;) {
      const [first, second] = [this.#words[slot * 2], this.#words[slot * 2 + 1]];
      if ((first === 0 && second === 0) || (first === high && second === low)) return slot * 2;
      slot = (slot + 1) & (slots - 1);
    }
  }

  #put(high: number, low: number): void {
    if (high === 0 && low === 0) {
      this.#zero = true;
      return;
    }
    const at = this.#slotOf(high, low);
    if (this.#words[at] === 0 && this.#words[at + 1] === 0) this.#size += 1;
    this.#words[at] = high;
    this.#words[at + 1] = low;
  }

  #grow(): void {
    const words = this.#words;
    this.#words = new Uint32Array(words.length * 2);
    this.#size = 0;
    for (let at = 0; at < words.length; at += 2) this.#put(words[at] ?? 0, words[at + 1] ?? 0);
  }
}
