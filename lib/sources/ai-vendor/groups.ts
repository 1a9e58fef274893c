/** Numbers from 0 in groups: those that were united, directly or through others. */
export class Groups {
  readonly #above: number[];

  constructor(size: number) {
    this.#above = Array.from({ length: size }, (_, index) => index);
  }

  unite(a: number, b: number): void {
    this.#above[this.#top(b)] = this.#top(a);
  }

  all(): number[][] {
    return [...Map.groupBy(this.#above.keys(), (index) => this.#top(index)).values()];
  }

  #top(index: number): number {
    let at = index;
    for (let above = this.#above[at] ?? at; above !== at; above = this.#above[at] ?? at) at = above;
    return at;
  }
}
