import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import type { Lake, PeriodHistory } from '../lake/model.ts';
import type { AccountServiceTotal } from '../lake/queries/account-service-totals.ts';
import { type SpendDay, spendDaysName } from '../lake/queries/spend-days.ts';
import { BursarError } from '../platform/errors.ts';
import {
  type Amounts,
  type Apart,
  type Basis,
  type Conversion,
  ConvertedSum,
  Converter,
} from './converted.ts';
import { ALL_TIME } from './window.ts';

/** What an account was charged for a service before and after a period was delivered again. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly provider: string;
  readonly account: string;
  readonly service: string;
  readonly currency: string;
  /** Decimal text; '0' on the side where there was none. */
  readonly billedBefore: string;
  readonly billedAfter: string;
  readonly billedChange: string;
  readonly effectiveBefore: string;
  readonly effectiveAfter: string;
  readonly effectiveChange: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

/** One billing period of a source that was delivered more than once. */
export interface PeriodChange {
  readonly source: string;
  readonly period: string;
  /** When the two deliveries were read, ISO-8601 UTC; null: the period was emptied. */
  readonly before: string;
  readonly after: string | null;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly changes: readonly Change[];
  /** Sums of the changes by currency. */
  readonly totals: readonly {
    readonly currency: string;
    readonly billed: string;
    readonly effective: string;
  }[];
  /** The sum of the changes over all currencies, where that was asked for. */
  readonly converted: ConvertedChange | null;
}

/** What a delivery changed in one currency: what came to it less what it was before, by the same rates. */
export interface ConvertedChange extends Amounts {
  readonly currency: string;
  readonly basis: Basis;
  /** Changes for which there is no rate: in no sum. */
  readonly apart: readonly Apart[];
}

/** `bursar changes --format json`. */
export interface ChangesAnswer {
  readonly schemaVersion: 1;
  readonly compared: readonly PeriodChange[];
  /** Periods that were delivered once: there is nothing to compare them with. */
  readonly once: readonly { readonly source: string; readonly period: string }[];
}

/**
 * What the last delivery of each billing period changed against the one before it, by account and service.
 * @throws BursarError where a source or a period is named that the lake does not hold
 */
export async function changes(
  lake: Lake,
  source: string | null,
  period: string | null,
  conversion: Conversion | null,
): Promise<ChangesAnswer> {
  const sources = source === null ? (await lake.sources()).map(({ sourceId }) => sourceId) : [source];
  const compared: PeriodChange[] = [];
  const once: { source: string; period: string }[] = [];
  let known = 0;
  for (const sourceId of sources)
    for (const each of await lake.history(sourceId)) {
      if (period !== null && each.period !== period) continue;
      known += 1;
      if (each.former === null) once.push({ source: sourceId, period: each.period });
      else compared.push(await compare(lake, sourceId, each, each.former, conversion));
    }
  if (period !== null && known === 0)
    throw new BursarError('input', `no source holds the billing period ${period}`, {
      hint: 'Write it as YYYY-MM.',
    });
  return { schemaVersion: 1, compared, once };
}

async function compare(
  lake: Lake,
  source: string,
  { period, current }: PeriodHistory,
  former: NonNullable<PeriodHistory['former']>,
  conversion: Conversion | null,
): Promise<PeriodChange> {
  const totals = (which: 'current' | 'former') =>
    lake.askSnapshot<AccountServiceTotal>('account-service-totals', {}, { sourceId: source, period, which });
  const found = difference(await totals('former'), current === null ? [] : await totals('current'));
  const currencies = [...new Set(found.map(({ currency }) => currency))].toSorted();
  return {
    source,
    period,
    before: former.ingestedAt,
    after: current?.ingestedAt ?? null,
    rowsBefore: former.rows,
    rowsAfter: current?.rows ?? 0,
    changes: found,
    totals: currencies.map((currency) => {
      const own = found.filter((change) => change.currency === currency);
      return {
        currency,
        billed: sum(own.map(({ billedChange }) => billedChange)),
        effective: sum(own.map(({ effectiveChange }) => effectiveChange)),
      };
    }),
    converted:
      conversion === null ? null : await convertedChange(lake, source, period, current !== null, conversion),
  };
}

async function convertedChange(
  lake: Lake,
  source: string,
  period: string,
  isHeld: boolean,
  conversion: Conversion,
): Promise<ConvertedChange> {
  const days = (which: 'current' | 'former') =>
    lake.askSnapshot<SpendDay>(
      spendDaysName({ by: [], where: [] }, conversion.into),
      { ...ALL_TIME },
      { sourceId: source, period, which },
    );
  const before = new Map((await days('former')).map((each) => [dayKey(each), each]));
  const after = new Map((isHeld ? await days('current') : []).map((each) => [dayKey(each), each]));
  const converter = new Converter(conversion);
  const all = new ConvertedSum();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    const either = is ?? was;
    if (either === undefined) continue;
    const change = (field: 'billed' | 'effective' | 'listEstimate') =>
      minus(is?.[field] ?? '0', was?.[field] ?? '0');
    converter.add(
      {
        ...either,
        billed: change('billed'),
        effective: change('effective'),
        listEstimate: change('listEstimate'),
      },
      all,
    );
  }
  return { currency: conversion.into, ...all.amounts, basis: converter.basis, apart: converter.apart };
}

const dayKey = ({ currency, day }: SpendDay) => JSON.stringify([currency, day]);

/** What differs between two lists of totals, the largest change of effective or billed cost first. */
export function difference(
  before: readonly AccountServiceTotal[],
  after: readonly AccountServiceTotal[],
): Change[] {
  const pairs = new Map<string, { before?: AccountServiceTotal; after?: AccountServiceTotal }>();
  for (const each of before) pairs.set(keyOf(each), { before: each });
  for (const each of after) pairs.set(keyOf(each), { ...pairs.get(keyOf(each)), after: each });
  return [...pairs.values()]
    .flatMap((pair) => changeOf(pair.before, pair.after))
    .toSorted((a, b) => weight(b).comparedTo(weight(a)) || (order(a) < order(b) ? -1 : 1));
}

function keyOf({ provider, account, service, currency }: AccountServiceTotal): string {
  return JSON.stringify([provider, account, service, currency]);
}

function changeOf(before: AccountServiceTotal | undefined, after: AccountServiceTotal | undefined): Change[] {
  const either = after ?? before;
  if (either === undefined) return [];
  const billed = [before?.billed ?? '0', after?.billed ?? '0'] as const;
  const effective = [before?.effective ?? '0', after?.effective ?? '0'] as const;
  const rows = [before?.rows ?? 0, after?.rows ?? 0] as const;
  const change = {
    billed: minus(billed[1], billed[0]),
    effective: minus(effective[1], effective[0]),
  };
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const isSame = change.billed === '0' && change.effective === '0' && rows[0] === rows[1];
  if (kind === 'changed' && isSame) return [];
  return [
    {
      kind,
      provider: either.provider,
      account: either.account,
      service: either.service,
      currency: either.currency,
      billedBefore: billed[0],
      billedAfter: billed[1],
      billedChange: change.billed,
      effectiveBefore: effective[0],
      effectiveAfter: effective[1],
      effectiveChange: change.effective,
      rowsBefore: rows[0],
      rowsAfter: rows[1],
    },
  ];
}

function weight({ billedChange, effectiveChange }: Change): Decimal {
  return Decimal.max(decimal(billedChange).abs(), decimal(effectiveChange).abs());
}

function order({ provider, account, service, currency }: Change): string {
  return JSON.stringify([currency, provider, account, service]);
}

function minus(a: string, b: string): string {
  return decimalText(decimal(a).minus(decimal(b)));
}

function sum(amounts: readonly string[]): string {
  return decimalText(amounts.reduce((total, amount) => total.plus(decimal(amount)), new Decimal(0)));
}
