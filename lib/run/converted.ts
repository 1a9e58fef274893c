import { Decimal, decimal, exactText } from '../focus/decimal.ts';
import type { Rate, RateTable } from '../focus/rates.ts';

/** Into which currency amounts are converted, and by what. */
export interface Conversion {
  /** ISO 4217 code. */
  readonly into: string;
  readonly rates: RateTable;
  /** How many days older than a charge its rate may be; a month's rate has the age of the month's last day. */
  readonly mostDays: number;
}

/** Amounts of one UTC day in one currency; day '' where the currency is the one that is converted into. */
export interface DayAmounts {
  readonly currency: string;
  readonly day: string;
  readonly billed: string;
  readonly effective: string;
  readonly listEstimate: string;
}

export interface Amounts {
  readonly billed: string;
  readonly effective: string;
}

/** What converted figures rest on. */
export interface Basis {
  /** The rate table, as the config names it. */
  readonly rates: string;
  readonly mostDays: number;
  /** By currency, the dates of the first and the last line of the table that was used. */
  readonly used: readonly { readonly currency: string; readonly first: string; readonly last: string }[];
}

/** Charges for which the table has no rate: they are in no converted figure. */
export interface Apart extends Amounts {
  readonly currency: string;
  readonly why: string;
  /** Of how many UTC days, and the first and last of them. */
  readonly days: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

/** A sum in the one currency, exact: the places of amounts and rates add up to at most 36. */
export class ConvertedSum {
  billed = new Decimal(0);
  effective = new Decimal(0);
  listEstimate = new Decimal(0);
  /** In their own currencies, by currency. */
  readonly #apart = new Map<string, { billed: Decimal; effective: Decimal }>();

  add(amounts: DayAmounts, rate: Decimal): void {
    this.billed = this.billed.plus(decimal(amounts.billed).times(rate));
    this.effective = this.effective.plus(decimal(amounts.effective).times(rate));
    this.listEstimate = this.listEstimate.plus(decimal(amounts.listEstimate).times(rate));
  }

  plus(other: ConvertedSum): void {
    this.billed = this.billed.plus(other.billed);
    this.effective = this.effective.plus(other.effective);
    this.listEstimate = this.listEstimate.plus(other.listEstimate);
  }

  leave({ currency, billed, effective }: DayAmounts): void {
    const held = this.#apart.get(currency) ?? { billed: new Decimal(0), effective: new Decimal(0) };
    this.#apart.set(currency, {
      billed: held.billed.plus(decimal(billed)),
      effective: held.effective.plus(decimal(effective)),
    });
  }

  get amounts(): Amounts {
    return { billed: exactText(this.billed), effective: exactText(this.effective) };
  }

  get apart(): (Amounts & { readonly currency: string })[] {
    return [...this.#apart].map(([currency, { billed, effective }]) => ({
      currency,
      billed: exactText(billed),
      effective: exactText(effective),
    }));
  }
}

/** Converts amounts day by day, and remembers by which rates, and what had none. */
export class Converter {
  readonly #conversion: Conversion;
  readonly #rates = new Map<string, ReturnType<RateTable['rateOn']>>();
  readonly #used = new Map<string, Set<Rate>>();
  readonly #apart = new Map<string, { sum: ConvertedSum; why: string; days: Set<string> }>();

  constructor(conversion: Conversion) {
    this.#conversion = conversion;
  }

  get into(): string {
    return this.#conversion.into;
  }

  /** Adds the amounts to `sum`, converted, or leaves them apart where their day has no rate. Nothing needs no rate. */
  add(amounts: DayAmounts, sum: ConvertedSum): void {
    const { currency, day, billed, effective, listEstimate } = amounts;
    if ([billed, effective, listEstimate].every((amount) => decimal(amount).isZero())) return;
    if (currency === this.#conversion.into) return sum.add(amounts, ONE);
    const found = this.#rateOn(currency, day);
    if (found.ok) {
      this.#used.set(currency, (this.#used.get(currency) ?? new Set()).add(found.rate));
      return sum.add(amounts, found.rate.rate);
    }
    sum.leave(amounts);
    const key = JSON.stringify([currency, found.why]);
    const known = this.#apart.get(key) ?? { sum: new ConvertedSum(), why: found.why, days: new Set() };
    known.sum.leave(amounts);
    known.days.add(day);
    this.#apart.set(key, known);
  }

  get basis(): Basis {
    const { rates, mostDays } = this.#conversion;
    const used = [...this.#used].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      rates: rates.shownAs,
      mostDays,
      used: used.map(([currency, all]) => {
        const dates = [...all].toSorted((a, b) => (a.first < b.first ? -1 : 1)).map(({ date }) => date);
        return { currency, first: dates[0] ?? '', last: dates.at(-1) ?? '' };
      }),
    };
  }

  get apart(): Apart[] {
    return [...this.#apart.values()]
      .flatMap(({ sum, why, days }) => {
        const sorted = [...days].toSorted();
        const [firstDay = '', lastDay = firstDay] = [sorted[0], sorted.at(-1)];
        return sum.apart.map((amounts) => ({ ...amounts, why, days: days.size, firstDay, lastDay }));
      })
      .toSorted((a, b) => (`${a.currency} ${a.firstDay}` < `${b.currency} ${b.firstDay}` ? -1 : 1));
  }

  #rateOn(currency: string, day: string): ReturnType<RateTable['rateOn']> {
    const { rates, into, mostDays } = this.#conversion;
    const key = `${currency} ${day}`;
    const known = this.#rates.get(key) ?? rates.rateOn(currency, into, day, mostDays);
    this.#rates.set(key, known);
    return known;
  }
}

const ONE = new Decimal(1);
