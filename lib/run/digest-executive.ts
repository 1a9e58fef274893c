import { forecast } from '../analysis/forecast/forecast.ts';
import { isOpen } from '../digest/content.ts';
import type { ExecutiveFigure } from '../digest/content-model.ts';
import type { DigestInput } from '../digest/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { money } from '../focus/money.ts';
import { UNALLOCATED } from '../lake/dimensions.ts';
import { type SpendPart, spendByName } from '../lake/queries/spend-by.ts';
import type { Auditor } from './auditor.ts';
import { dailySeries, summed } from './daily-series.ts';

const DAY = 86_400_000;
const MONTH_DAYS = 30;
const UNITS = 3;

type Reader = Pick<Auditor, 'lake'>;
type Input = Pick<DigestInput, 'organisation' | 'period' | 'asOf' | 'findings' | 'insight' | 'spend'>;

/**
 * What who leads asks for: how much of the money has a team, how much of the GPUs stands idle, how far forecasts were
 * off, how much is committed, and what a unit costs. Each in the organisation's own currency, or the first that its
 * bills use; what cannot be told says why.
 */
export async function executiveFigures(
  auditor: Reader,
  input: Input,
  sources: readonly string[] | null,
  now: Date,
): Promise<ExecutiveFigure[]> {
  if (input.asOf === null) return [];
  const used = input.spend.map(({ currency }) => currency).toSorted();
  const own = input.organisation.currency;
  const currency = used.includes(own) ? own : (used[0] ?? own);
  return [
    await allocated(auditor, input, currency, sources),
    await idleGpus(auditor, input, currency, sources),
    await forecastError(auditor, currency, sources, now),
    coverage(input, currency),
    ...unitCosts(input, currency),
  ];
}

async function allocated(
  { lake }: Reader,
  { period }: Input,
  currency: string,
  sources: readonly string[] | null,
): Promise<ExecutiveFigure> {
  const parts = await lake.ask<SpendPart>(spendByName({ by: ['team'], where: [] }), { ...period }, sources);
  const ours = parts.filter((part) => part.currency === currency);
  const all = sum(ours.map(({ effective }) => effective));
  const none = sum(
    ours
      .filter(({ key: [team = ''] }) => team === UNALLOCATED || team === '')
      .map(({ effective }) => effective),
  );
  return {
    id: 'allocated',
    label: 'Allocated',
    // Credits can be more than what they are taken from: a share is still one.
    ...share(Decimal.max(0, Decimal.min(all.minus(none), all)), all),
    note: all.gt(0)
      ? [
          'of ',
          { money: money(all, currency) },
          ' has a team; ',
          { money: money(none, currency) },
          ' has none',
        ]
      : [all.isZero() ? 'nothing was spent' : 'more was credited than charged'],
    source: `spend-by:team| of ${period.start}/${period.end}`,
  };
}

/** Of what GPUs and their work cost in 30 days, what machines cost that are proven idle. */
async function idleGpus(
  { lake }: Reader,
  { findings, asOf }: Input,
  currency: string,
  sources: readonly string[] | null,
): Promise<ExecutiveFigure> {
  const end = new Date(Math.floor(Date.parse(asOf ?? '') / DAY) * DAY).toISOString();
  const window = { start: new Date(Date.parse(end) - MONTH_DAYS * DAY).toISOString(), end };
  const parts = await lake.ask<SpendPart>(spendByName({ by: ['ai_class'], where: [] }), window, sources);
  const gpus = sum(
    parts
      .filter(({ key: [name = ''], currency: of }) => name === 'GPU compute' && of === currency)
      .map(({ effective }) => effective),
  );
  // What we stopped is idle no more: the digest's own figure of idle GPUs leaves it out, too.
  const open = findings.filter(isOpen);
  const idle = new Map<string, Decimal>();
  for (const { check, verdict, monthlyCost, costBasis, provider, resourceId } of open)
    if (
      check === 'idle-gpu' &&
      verdict === 'IDLE' &&
      costBasis === 'billed' &&
      monthlyCost?.currency === currency
    )
      idle.set(JSON.stringify([provider, resourceId]), decimal(monthlyCost.amount));
  const wasted = sum([...idle.values()].map((amount) => amount.toFixed()));
  const unobserved = open.filter(
    ({ check, verdict }) => check === 'idle-gpu' && verdict === 'UNOBSERVED',
  ).length;
  return {
    id: 'idle-gpu-share',
    label: 'Idle GPUs',
    ...share(wasted, gpus),
    note: gpus.gt(0)
      ? [
          { money: money(wasted, currency) },
          ' of ',
          { money: money(gpus, currency) },
          ' a month for GPUs',
          ...(unobserved === 0 ? [] : ['; ', { number: String(unobserved) }, ' more that nobody measures']),
        ]
      : ['no GPU is on the bill'],
    source: `findings of idle-gpu against spend-by:ai_class| of ${window.start}/${window.end}`,
  };
}

/** The last whole month: what would have been foreseen of it at its beginning, against what it cost. */
async function forecastError(
  { lake }: Reader,
  currency: string,
  sources: readonly string[] | null,
  now: Date,
): Promise<ExecutiveFigure> {
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1);
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const name = new Date(start).toISOString().slice(0, 7);
  const base = {
    id: 'forecast-error',
    label: 'Forecast error',
    source: `daily-series:| in ${currency}: forecast from the days before ${name}-01 against ${name}`,
  } as const;
  const none = (why: string): ExecutiveFigure => ({ ...base, value: null, note: [why] });
  const whole = summed(
    (await dailySeries(lake, [], {}, sources, now)).filter((each) => each.currency === currency),
  );
  if (whole === null) return none('no day has settled');
  const { series } = whole;
  const from = Math.round((start - Date.parse(series.start)) / DAY);
  const days = Math.round((end - start) / DAY);
  const actual = series.values.slice(from, from + days);
  if (from < 0 || actual.length < days || actual.includes(null))
    return none(`${name} is not wholly on the bills, or has not settled`);
  if (from === 0) return none(`the bills begin with ${name}: there was nothing to foresee it from`);
  const told = forecast({ ...series, values: series.values.slice(0, from) }, { horizon: days, sums: [days] });
  if ('notEnough' in told) return none(told.reason);
  const [expected] = told.sums;
  const cost = actual.reduce<Decimal>((total, value) => total.plus(value ?? 0), new Decimal(0));
  if (expected === undefined || !cost.gt(0)) return none(`${name} cost nothing`);
  const foreseen = new Decimal(expected.mean).toDecimalPlaces(2);
  return {
    ...base,
    value: {
      percent: decimalText(foreseen.minus(cost).abs().div(cost).times(100).toDecimalPlaces(1)),
    },
    note: [
      { money: money(foreseen, currency) },
      ' foreseen, ',
      { money: money(cost.toDecimalPlaces(2), currency) },
      ` charged in ${name}`,
    ],
  };
}

function coverage({ insight }: Input, currency: string): ExecutiveFigure {
  const rows = (insight?.commitments.coverage ?? []).filter((row) => row.currency === currency);
  const covered = sum(rows.map((row) => row.covered));
  const all = covered.plus(sum(rows.map((row) => row.onDemand)));
  return {
    id: 'commitment-coverage',
    label: 'Commitment coverage',
    ...share(covered, all),
    note: all.gt(0)
      ? ['of ', { money: money(all, currency) }, ' at on-demand prices that could be committed to']
      : ['nothing on the bills can be committed to'],
    source: `eligible-usage and commitment-usage of ${insight?.commitments.window?.start ?? 'no bill'}/${insight?.commitments.window?.end ?? ''}`,
  };
}

/** The first units of the config, in the period. */
function unitCosts({ period, insight }: Input, currency: string): ExecutiveFigure[] {
  const base = { id: 'unit-cost', source: `bursar units of ${period.start}/${period.end}` } as const;
  const units = insight?.units ?? [];
  if (units.length === 0)
    return [
      { ...base, label: 'Unit cost', value: null, note: ['the config names no units: add units to it'] },
    ];
  return [...Map.groupBy(units, ({ name }) => name)].slice(0, UNITS).map(([name, rows]) => {
    const row = rows.find((each) => each.currency === currency);
    const perUnit = row?.total?.perUnit ?? null;
    const [first] = rows;
    const [problem = null] = (row ?? first)?.problems ?? [];
    return {
      ...base,
      label: `Cost per ${first?.per ?? 'unit'}`,
      value: perUnit === null ? null : { money: money(decimal(perUnit), currency) },
      note: [
        { name },
        ...(problem !== null
          ? [': ', { name: problem }]
          : perUnit !== null
            ? []
            : [row === undefined ? `: it has no cost in ${currency}` : ': no day of it is known']),
      ],
    };
  });
}

function share(part: Decimal, all: Decimal): { value: ExecutiveFigure['value'] } {
  return {
    value: all.gt(0) ? { percent: decimalText(part.div(all).times(100).toDecimalPlaces(1)) } : null,
  };
}

function sum(amounts: readonly string[]): Decimal {
  return amounts.reduce((total, amount) => total.plus(decimal(amount)), new Decimal(0));
}
