import { Decimal, exactText } from '../focus/decimal.ts';
import type { SpendPart } from '../lake/queries/spend-by.ts';
import type { SpendDay } from '../lake/queries/spend-days.ts';
import { BursarError } from '../platform/errors.ts';
import {
  type Amounts,
  type Apart,
  type Basis,
  type Conversion,
  ConvertedSum,
  Converter,
} from './converted.ts';
import { type CurrencySpend, ofCurrency, type SpendRow, sum } from './spend-rows.ts';

/** What a converted row is made of: charges of one currency, as billed, converted, and what of them had no rate. */
export interface ConvertedPart extends Amounts {
  readonly currency: string;
  readonly converted: Amounts;
  /** Amounts in `currency` that are not in `converted`. */
  readonly apart: Amounts | null;
}

/** A row over all currencies; its amounts are converted, and every decimal is kept. */
export interface ConvertedRow extends SpendRow {
  readonly of: readonly ConvertedPart[];
}

/** Everything in one currency: rows add up to the total to the last decimal. What has no rate is in `apart` alone. */
export interface ConvertedSpend extends Omit<CurrencySpend, 'rows'> {
  readonly rows: readonly ConvertedRow[];
  readonly basis: Basis;
  readonly apart: readonly Apart[];
}

/**
 * The parts of all currencies in one.
 * @param days asks for the same charges by other axes, by currency and, where it is to be converted, by day
 */
export async function convertedSpend(
  conversion: Conversion,
  by: readonly string[],
  parts: readonly SpendPart[],
  classes: readonly SpendPart[] | null,
  days: (by: readonly string[]) => Promise<SpendDay[]>,
): Promise<ConvertedSpend> {
  const converter = new Converter(conversion);
  const rows = convertedParts(parts, await days(by), converter);
  const byClass =
    classes === null ? null : convertedParts(classes, await days(['ai_class']), new Converter(conversion));
  const whole = ofCurrency(
    conversion.into,
    by,
    rows.map(({ part }) => part),
    byClass?.map(({ part }) => part) ?? null,
  );
  const madeOf = new Map(rows.map(({ part, of }) => [JSON.stringify(part.key), of]));
  return {
    ...whole,
    rows: whole.rows.map((row) => ({
      ...row,
      of: madeOf.get(JSON.stringify(by.map((axis) => row.key[axis]))) ?? [],
    })),
    basis: converter.basis,
    apart: converter.apart,
  };
}

/** The parts over all currencies, each once by its key, with what they are made of. */
function convertedParts(
  parts: readonly SpendPart[],
  days: readonly SpendDay[],
  converter: Converter,
): { part: SpendPart; of: ConvertedPart[] }[] {
  const daysOf = Map.groupBy(days, ({ key, currency }) => JSON.stringify([key, currency]));
  return [...Map.groupBy(parts, ({ key }) => JSON.stringify(key)).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const all = new ConvertedSum();
    const of = own.map(({ key, currency, billed, effective }) => {
      const its = daysOf.get(JSON.stringify([key, currency])) ?? [];
      const isSame = sum(its.map((each) => each.billed)) === exactText(new Decimal(billed));
      if (!isSame || sum(its.map((each) => each.effective)) !== exactText(new Decimal(effective)))
        throw new BursarError('conflict', 'a bill was replaced while it was asked', { hint: 'Ask again.' });
      const one = new ConvertedSum();
      for (const day of its) converter.add(day, one);
      all.plus(one);
      const [apart] = one.apart;
      return {
        currency,
        billed,
        effective,
        converted: one.amounts,
        apart: apart === undefined ? null : { billed: apart.billed, effective: apart.effective },
      };
    });
    const part = {
      key: first.key,
      currency: converter.into,
      ...all.amounts,
      tokens: sum(own.map(({ tokens }) => tokens)),
      listEstimate: exactText(all.listEstimate),
      rows: own.reduce((count, { rows }) => count + rows, 0),
      since: own.map(({ since }) => since).toSorted()[0] ?? first.since,
      estimated: own.some(({ estimated }) => estimated),
    };
    return [{ part, of }];
  });
}
