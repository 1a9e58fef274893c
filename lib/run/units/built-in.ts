import { dayPlus } from '../../analysis/units/days.ts';
import type { ByDay, Outlier, UnitTrend } from '../../analysis/units/model.ts';
import { caughtIn, outliers } from '../../analysis/units/outliers.ts';
import { perUnit, perUnitByDay, unitTrend } from '../../analysis/units/per-unit.ts';
import { type SavingsRate, savingsRate } from '../../analysis/units/savings-rate.ts';
import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import type { SavingsBase } from '../../lake/queries/savings-rates.ts';
import type { TokenDay } from '../../lake/queries/token-costs.ts';
import type { DaySpan } from '../../sources/metrics/model.ts';
import type { Auditor } from '../auditor.ts';
import { freshness } from '../freshness.ts';
import { type GpuReport, gpuReport } from './gpu.ts';

const MILLION = 1_000_000;
/** Days that ups and downs are told from. */
const HISTORY = 430;

/** What a million tokens of one kind of one model cost in the window. Amounts are decimal text. */
export interface TokenRow {
  readonly source: string;
  /** As the bill writes it. */
  readonly provider: string;
  readonly model: string;
  /** `input`, `cached-input`, `cache-write`, `output`. */
  readonly kind: string;
  readonly currency: string;
  /** Of charges that tell a number of tokens, and tokens that a cost is told for. */
  readonly cost: string;
  readonly tokens: string;
  /** Null where no token has a cost. */
  readonly perMillion: string | null;
  readonly trend: UnitTrend | null;
  /** Times in the window in which a million cost other than before. */
  readonly outliers: readonly Outlier[];
  /** Cost of charges that tell no tokens, and tokens that the biller tells no cost for: in no figure per million. */
  readonly costWithoutTokens: string;
  readonly tokensWithoutCost: string;
}

export interface SavingsRow {
  readonly source: string;
  readonly provider: string;
  readonly currency: string;
  readonly overContracted: SavingsRate;
  readonly overList: SavingsRate;
  /** Why there is no rate; null where there is one. */
  readonly why: string | null;
}

/** Units that need no config. */
export interface BuiltIn {
  /** The dearest first, by currency. */
  readonly tokens: readonly TokenRow[];
  readonly savingsRates: readonly SavingsRow[];
  readonly gpu: GpuReport;
}

/**
 * Kinds of source that tell no prices: Cost Explorer has none, and the vendors' bills repeat what was billed, so a rate
 * over them would be one of the copy.
 */
const WITHOUT_PRICES: Readonly<Record<string, string>> = {
  'aws-cost-explorer': 'Cost Explorer tells no list or contracted prices.',
  openai: 'OpenAI tells what was billed, and no list or contracted prices.',
  anthropic: 'Anthropic tells what was billed, and no list or contracted prices.',
};

export async function builtIn(
  auditor: Pick<Auditor, 'lake' | 'checks'>,
  window: DaySpan,
  sources: readonly string[] | null,
  now: Date,
): Promise<BuiltIn> {
  const { lake } = auditor;
  const settled = new Map(
    (await freshness(lake, sources)).map(({ source, end, unsettledFrom }) => [
      source,
      [dayPlus(end.slice(0, 10), 1), unsettledFrom ?? '9999-12-31'].toSorted()[0] ?? '',
    ]),
  );
  const start = dayPlus(window.end, -HISTORY);
  const days = await lake.ask<TokenDay>('token-costs', paramsOf({ start, end: window.end }), sources);
  const bases = await lake.ask<SavingsBase>('savings-rates', paramsOf(window), sources);
  const types = new Map((await lake.sources()).map(({ sourceId, sourceType }) => [sourceId, sourceType]));
  return {
    tokens: tokenRows(days, window, settled),
    savingsRates: bases.map((base) => savingsRow(base, WITHOUT_PRICES[types.get(base.source) ?? ''] ?? null)),
    gpu: await gpuReport(auditor, sources, now),
  };
}

function paramsOf({ start, end }: DaySpan): { start: string; end: string } {
  return { start: `${start}T00:00:00.000Z`, end: `${end}T00:00:00.000Z` };
}

function tokenRows(
  days: readonly TokenDay[],
  window: DaySpan,
  settled: ReadonlyMap<string, string>,
): TokenRow[] {
  const groups = Map.groupBy(
    days.filter(({ kind, source, day }) => kind !== '' && day < (settled.get(source) ?? '')),
    ({ source, provider, model, kind, currency }) =>
      JSON.stringify([source, provider, model, kind, currency]),
  );
  const rows = [...groups.values()].flatMap((all): TokenRow[] => {
    const own = all.filter(({ day }) => day >= window.start && day < window.end);
    const [first] = own;
    if (first === undefined) return [];
    const { source, provider, model, kind, currency } = first;
    const costWithoutTokens = sum(own, 'costWithoutTokens');
    const tokensWithoutCost = sum(own, 'tokensWithoutCost');
    const cost = sum(own, 'cost').minus(costWithoutTokens);
    const tokens = sum(own, 'tokens').minus(tokensWithoutCost);
    const costs = byDay(all, (day) => decimal(day.cost).minus(day.costWithoutTokens));
    const millions = byDay(all, (day) => decimal(day.tokens).minus(day.tokensWithoutCost).div(MILLION));
    const found = outliers(perUnitByDay(costs, millions));
    const end = [window.end, settled.get(source) ?? ''].toSorted()[0] ?? window.end;
    return [
      {
        source,
        provider,
        model,
        kind,
        currency,
        cost: decimalText(cost),
        tokens: decimalText(tokens),
        perMillion: perUnit(cost, tokens.div(MILLION)),
        trend: unitTrend(costs, millions, end),
        outliers: 'notEnough' in found ? [] : caughtIn(found, window),
        costWithoutTokens: decimalText(costWithoutTokens),
        tokensWithoutCost: decimalText(tokensWithoutCost),
      },
    ];
  });
  return rows.toSorted(
    (a, b) =>
      (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0) ||
      new Decimal(b.cost).comparedTo(a.cost) ||
      (JSON.stringify([a.model, a.kind]) < JSON.stringify([b.model, b.kind]) ? -1 : 1),
  );
}

function byDay(days: readonly TokenDay[], value: (day: TokenDay) => Decimal): ByDay {
  return new Map(days.map((day) => [day.day, value(day)]));
}

function sum(
  days: readonly TokenDay[],
  key: 'cost' | 'tokens' | 'costWithoutTokens' | 'tokensWithoutCost',
): Decimal {
  return days.reduce((total, day) => total.plus(day[key]), new Decimal(0));
}

function savingsRow(base: SavingsBase, untold: string | null): SavingsRow {
  const { source, provider, currency } = base;
  const rates = savingsRate(base);
  const known = rates.overList.percent !== null || rates.overContracted.percent !== null;
  return {
    source,
    provider,
    currency,
    overContracted: untold === null ? rates.overContracted : withoutRate(rates.overContracted),
    overList: untold === null ? rates.overList : withoutRate(rates.overList),
    why: untold ?? (known ? null : 'No charge of usage tells a list or contracted price above zero.'),
  };
}

/** Of a bill that tells no prices: all that was paid has none. */
function withoutRate({ withoutPrice, effective }: SavingsRate): SavingsRate {
  return {
    price: '0',
    effective: '0',
    percent: null,
    withoutPrice: decimalText(new Decimal(withoutPrice).plus(effective)),
  };
}
