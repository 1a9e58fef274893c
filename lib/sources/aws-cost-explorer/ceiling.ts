import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';

/** The next page would cost more than the run may: nothing is asked any more. */
export class CeilingReached extends BursarError {}

/** What one run may pay for pages of Cost Explorer, USD. */
export class Ceiling {
  readonly #most: Decimal | null;
  readonly #where: string;
  #paid = new Decimal(0);

  /** @param most decimal text, USD; null: no ceiling. */
  constructor(most: string | null, where: string) {
    this.#most = most === null ? null : decimal(most);
    this.#where = where;
  }

  /** To be called before each page. Throws `CeilingReached` where it would go beyond. */
  pay(usd: string): void {
    const after = this.#paid.plus(usd);
    if (this.#most !== null && after.gt(this.#most))
      throw new CeilingReached(
        'unavailable',
        `the next page of Cost Explorer would cost more than the ceiling of ${decimalText(this.#most)} USD a run (${decimalText(this.#paid)} USD were spent)`,
        {
          where: this.#where,
          hint: 'Raise `ceiling` of the source, or read fewer `months`; an export costs no requests.',
        },
      );
    this.#paid = after;
  }
}
