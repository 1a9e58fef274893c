/** Time as the demo plays it: it stands still until it is moved, and never goes back. */
export class FastClock {
  #at: number;

  constructor(start: Date) {
    this.#at = start.getTime();
  }

  now = (): Date => new Date(this.#at);

  to(at: Date): void {
    this.#at = Math.max(this.#at, at.getTime());
  }

  pass(milliseconds: number): void {
    this.#at += milliseconds;
  }
}
