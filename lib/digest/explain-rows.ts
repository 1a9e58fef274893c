import type { Money } from '../focus/money.ts';
import type { Phrase } from './content-model.ts';
import type { Format } from './format.ts';

/** One number of a digest: what it is, as it is kept and as it is shown, and what it rests on. */
export interface Explained {
  readonly name: string;
  /** Decimal text, with a currency, or `%`. */
  readonly value: string;
  readonly shown: string;
  readonly source: string;
  /** Named queries of the lake that it was read by, with the rows of each answer; empty: of the ledger alone. */
  readonly queries: readonly { readonly query: string; readonly rows: number }[];
  /** Up to when the bills behind it speak, or when the ledger was read. */
  readonly asOf: string | null;
  readonly basis: 'billed' | 'list-estimate' | 'forecast' | 'mixed' | 'count' | 'unknown';
}

/** What of the queries that were asked a number was read by (explain.ts). */
export type Family =
  | 'spend'
  | 'daily'
  | 'movers'
  | 'drivers'
  | 'series'
  | 'tagging'
  | 'anomalies'
  | 'commitments'
  | 'executive'
  | 'savings'
  | 'units'
  | 'efficiency'
  | 'ledger';

export type Row = Omit<Explained, 'queries' | 'asOf'> & { readonly family: Family };
type Rest = Pick<Row, 'source' | 'family'> & Partial<Row>;

/** Rows of numbers of a kind, as a format shows them. */
export class Rows {
  readonly format: Format;

  constructor(format: Format) {
    this.format = format;
  }

  amount(name: string, value: Money, rest: Rest): Row {
    return {
      name,
      value: `${value.amount} ${value.currency}`,
      shown: this.format.money(value),
      basis: 'billed',
      ...rest,
    };
  }

  /** Of one thing: with as many digits as that needs. */
  rate(name: string, value: Money, rest: Rest): Row {
    return { ...this.amount(name, value, rest), shown: this.format.rate(value) };
  }

  percent(name: string, value: string, rest: Rest): Row {
    return { name, value: `${value} %`, shown: this.format.percent(value), basis: 'billed', ...rest };
  }

  count(name: string, value: number, source: string): Row {
    return {
      name,
      value: String(value),
      shown: this.format.count(value),
      source,
      family: 'ledger',
      basis: 'count',
    };
  }

  /** The numbers within a sentence. */
  numbersOf(name: string, phrase: Phrase, rest: Rest): Row[] {
    return phrase.flatMap((part) => {
      if (typeof part === 'string') return [];
      if ('money' in part) return [this.amount(name, part.money, rest)];
      if ('percent' in part) return [this.percent(name, part.percent, rest)];
      return 'number' in part
        ? [{ basis: 'count', ...rest, name, value: part.number, shown: this.format.number(part.number) }]
        : [];
    });
  }
}

export function money(amount: string, currency: string): Money {
  return { amount, currency };
}
