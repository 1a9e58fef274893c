import type { Moved } from '../analysis/movers/model.ts';
import { Decimal, decimalText } from '../focus/decimal.ts';
import { type Money, mainFirst } from '../focus/money.ts';
import type { Coverage } from '../platform/coverage.ts';
import { addressPart } from './address.ts';
import type {
  DailySeries,
  DigestContent,
  Figure,
  Gap,
  Mover,
  SpendFigure,
  TagFigure,
} from './content-model.ts';
import { mainCauseOf, moverSentence, whyOf } from './drivers.ts';
import { allLines, figures, resolvedLines, topWastes } from './figures.ts';
import { insightFigures } from './insight.ts';
import { decisionLines, lifeFigures } from './life.ts';
import type { DigestInput } from './model.ts';
import { monthFigures } from './month.ts';
import { exact } from './number.ts';
import { topByCurrency } from './rank.ts';
import { brief, story } from './story.ts';
import { wastedResources } from './waste.ts';

const HOUR = 3_600_000;

/**
 * What a digest says: every number with its source, amounts as decimal text by currency (never summed across
 * currencies), nothing formatted. The same input gives the same content.
 */
export function digestContent(input: DigestInput): DigestContent {
  const main = mainCurrency(input);
  const resources = wastedResources(input.findings.filter(isOpen), main);
  const spend = spendFigures(input, main);
  const comparable = new Set(
    input.spend.filter(({ former }) => former !== null).map(({ currency }) => currency),
  );
  const movers = topMovers(input, comparable, main);
  const insight = insightFigures(input, main);
  const looked = input.coverage.some(
    ({ scope, status }) => !scope.startsWith('bill:') && (status === 'complete' || status === 'partial'),
  );
  const numbers = figures({ ...input, findings: input.findings.filter(isOpen) }, resources)
    .map((figure) => inOrder(figure, main))
    .map((figure) => unseen(figure, looked, input.asOf !== null));
  const gaps = coverageGaps(input);
  return {
    schemaVersion: 1,
    id: idOf(input),
    organisation: input.organisation.name,
    timezone: input.organisation.timezone,
    locale: input.locale ?? LOCALE,
    audience: input.audience ?? { kind: 'everyone' },
    kind: input.kind,
    period: input.period,
    former: input.former,
    now: input.now,
    asOf: input.asOf,
    ageHours:
      input.asOf === null
        ? null
        : Math.max(0, Math.floor((Date.parse(input.now) - Date.parse(input.asOf)) / HOUR)),
    story: story({
      kind: input.kind,
      spend,
      movers,
      figures: numbers,
      gaps,
      hasBill: input.asOf !== null,
      begins: beginsLate(input) ? (input.begins ?? null) : null,
      looked,
    }),
    brief: brief({
      kind: input.kind,
      spend,
      movers,
      hasBill: input.asOf !== null,
      begins: beginsLate(input) ? (input.begins ?? null) : null,
    }),
    spend,
    figures: numbers,
    tagging: tagFigures(input, main),
    daily: dailySeries(input, main),
    movers,
    month: monthFigures(input, main),
    life: lifeFigures(input, main).map((figure) => inOrder(figure, main)),
    decisions: decisionLines(input),
    executive: input.executive ?? [],
    ...insight,
    aiDrivers: insight.aiDrivers.filter(({ change: { currency } }) => comparable.has(currency)),
    wastes: topWastes(resources, input.now, main),
    findings: allLines(input.findings.filter(isOpen), input.now, main),
    resolved: resolvedLines(input.resolved, input.now, main),
    savings:
      input.savings === undefined || input.savings.stops === 0
        ? null
        : {
            ...input.savings,
            estimated: mainFirst(input.savings.estimated, main),
            realised: mainFirst(input.savings.realised, main),
          },
    gaps,
    scopes: {
      all: input.coverage.length,
      complete: input.coverage.filter(({ status }) => status === 'complete').length,
    },
    basis: basis(input, main),
    ownCost: input.ownCost,
    asked: input.asked ?? [],
  };
}

/** That none was found of what nobody could see is no number. */
function unseen(figure: Figure, looked: boolean, hasBill: boolean): Figure {
  if (figure.id === 'waste' && !looked) return { ...figure, unseen: 'no resource was looked at' };
  return figure.id === 'untagged' && !hasBill ? { ...figure, unseen: 'no bill was read' } : figure;
}

const LOCALE = 'en-US';

/** Digests for others of the same period are other posts. */
function idOf({ organisation, kind, period, audience }: DigestInput): string {
  const whole = `digest/${organisation.name}/${kind}/${period.start}`;
  if (audience === undefined || audience.kind === 'everyone') return whole;
  return audience.kind === 'team'
    ? `${whole}/team/${addressPart(audience.team)}`
    : `${whole}/${audience.kind}`;
}

/** What we stopped wastes nothing any more, and what was brought back was wanted. */
const OVER: ReadonlySet<string> = new Set([
  'RESOLVED',
  'STOPPED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORED',
  'RESTORE_FAILED',
]);

/** Is it waste still, as totals count it? */
export function isOpen({ state }: { readonly state: string }): boolean {
  return !OVER.has(state);
}

/** The organisation's own currency where its bills use it, else the first that they use. */
function mainCurrency(input: DigestInput): string {
  const used = input.spend.map(({ currency }) => currency).toSorted();
  const own = input.organisation.currency;
  return used.length === 0 || used.includes(own) ? own : (used[0] ?? own);
}

function spendFigures(input: DigestInput, main: string): SpendFigure[] {
  return mainFirst(input.spend, main).map(({ currency, current, former, estimated, missing = [] }) => ({
    currency,
    current,
    former,
    ...(former === null ? { difference: null, percent: null } : change(current, former)),
    estimated,
    since: beginsLate(input) ? (input.begins ?? null) : null,
    missing,
    source: `bills: EffectiveCost in ${currency} of ${input.period.start}/${input.period.end}, compared with ${input.former.start}/${input.former.end}`,
  }));
}

/** Do all bills begin only after the period did? */
function beginsLate({ begins, period }: DigestInput): boolean {
  return begins !== undefined && begins > period.start.slice(0, 10);
}

/** Difference, and its percentage of a former amount above zero (of a credit or of nothing there is none). */
function change(current: string, former: string): { difference: string; percent: string | null } {
  const before = exact(former);
  const difference = exact(current).minus(before);
  return {
    difference: decimalText(difference),
    percent: before.gt(0) ? decimalText(difference.div(before).times(100).toDecimalPlaces(2)) : null,
  };
}

function topMovers(input: DigestInput, comparable: ReadonlySet<string>, main: string): Mover[] {
  const causes = causesOf(input);
  const moved = input.byService
    .map((row) => ({ ...row, ...change(row.current, row.former) }))
    .filter(({ difference }) => !exact(difference).isZero())
    .toSorted(
      (a, b) =>
        exact(b.difference).abs().comparedTo(exact(a.difference).abs()) ||
        byText(a.provider, b.provider) ||
        byText(a.service, b.service),
    );
  return topByCurrency(
    moved.filter(({ currency }) => comparable.has(currency)),
    5,
    main,
  ).map((row) => {
    const known = causes(row);
    return {
      ...row,
      why: known === null ? null : whyOf(known),
      cause: known === null ? null : mainCauseOf(known),
      sentence: moverSentence(row.service, row, known),
      source: `bills: EffectiveCost of ${row.provider} ${row.service} in ${row.currency}, ${input.period.start}/${input.period.end} against ${input.former.start}/${input.former.end}`,
    };
  });
}

/** The causes of what a service moved by, where they are those of the same two amounts: never of a part of the periods. */
function causesOf({ insight }: DigestInput): (row: DigestInput['byService'][number]) => Moved | null {
  const rows = new Map(
    (insight?.movers.rows ?? []).map((row) => [JSON.stringify([row.key, row.currency]), row]),
  );
  return ({ provider, service, currency, current, former }) => {
    const row = rows.get(JSON.stringify([[provider, service], currency]));
    return row !== undefined && exact(row.current).eq(exact(current)) && exact(row.former).eq(exact(former))
      ? row
      : null;
  };
}

function tagFigures(input: DigestInput, main: string): TagFigure[] {
  return mainFirst(input.tagging, main).map((row) => {
    const taggable = exact(row.tagged).plus(exact(row.untagged)).plus(exact(row.notActivated));
    const share = taggable.gt(0) ? exact(row.tagged).div(taggable).times(100) : null;
    return {
      ...row,
      coverage:
        share === null ? null : decimalText(Decimal.max(0, Decimal.min(100, share)).toDecimalPlaces(1)),
      source: `bills: EffectiveCost in ${row.currency} of the last 30 days, by the tags that the untagged check asks for`,
    };
  });
}

function dailySeries(input: DigestInput, main: string): DailySeries[] {
  // Bounds are dates at midnight UTC, as the days of the bill are.
  const [first, end] = [input.period.start.slice(0, 10), input.period.end.slice(0, 10)];
  const series = [...Map.groupBy(input.daily, ({ currency }) => currency)].map(([currency, rows]) => ({
    currency,
    days: rows
      .toSorted((a, b) => byText(a.day, b.day))
      .map(({ day, effective }) => ({
        day: day.slice(0, 10),
        amount: effective,
        inPeriod: day.slice(0, 10) >= first && day.slice(0, 10) < end,
      })),
    source: `bills: EffectiveCost in ${currency} a day`,
  }));
  return mainFirst(series, main);
}

/** Lines of what was wrong and what to do, as sentences on one line. */
function sentences(lines: string): string {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line, at, all) => (at === all.length - 1 || /[.!?:;]$/.test(line) ? line : `${line}.`))
    .join(' ');
}

/** What was not wholly seen, together where the reason is the same; a company without any bill is such a gap. */
function coverageGaps(input: DigestInput): Gap[] {
  const groups = new Map<string, { status: Gap['status']; reason: string; scopes: string[] }>();
  for (const entry of input.coverage) {
    if (!isGap(entry)) continue;
    const reason = sentences(entry.reason ?? 'no reason was given');
    const key = JSON.stringify([entry.status, reason]);
    const group = groups.get(key) ?? { status: entry.status, reason, scopes: [] };
    group.scopes.push(entry.scope);
    groups.set(key, group);
  }
  if (input.asOf === null)
    groups.set('bills', {
      status: 'not-covered',
      reason: 'no bill was read: costs, movers and tag coverage are unknown',
      scopes: ['bills'],
    });
  const rank = { failed: 0, partial: 1, 'not-covered': 2 } as const;
  return [...groups.values()]
    .map((group) => ({ ...group, scopes: group.scopes.toSorted() }))
    .toSorted((a, b) => rank[a.status] - rank[b.status] || b.scopes.length - a.scopes.length);
}

function isGap(entry: Coverage): entry is Coverage & { status: Gap['status'] } {
  return entry.status !== 'complete';
}

function basis(input: DigestInput, main: string): string[] {
  const currencies = mainFirst(input.spend, main).map(({ currency }) => currency);
  return [
    `Costs are effective cost (FOCUS EffectiveCost: after discounts, with commitments spread over their use)${
      currencies.length === 0 ? '' : ` in ${currencies.join(', ')}`
    }, by the day of use.`,
    `A ${input.kind} is the last one that is over in ${input.organisation.timezone}; its days are those of the bills, which are UTC.`,
    ...((input.insight?.forecasts ?? []).length === 0
      ? []
      : [
          'Month to date, forecast and budgets leave out credits and corrections (FOCUS ChargeCategory Credit and Adjustment); what was spent holds them.',
        ]),
    ...(currencies.length > 1 ? ['Currencies are never added or converted.'] : []),
    ...(input.spend.some(({ estimated }) => estimated)
      ? ['The biller still calls some days of this period provisional: they can change.']
      : []),
    ...(input.spend.some(({ missing = [] }) => missing.length > 0)
      ? [
          'A total is partial where a bill has no charge on a day that it usually charges: that day is in no sum, and nothing is compared with it.',
        ]
      : []),
    'A resource that several checks found is counted once: its larger saving, never above its cost.',
    ...(input.life?.notes ?? []),
  ];
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The amounts of a figure in the order of everything else. */
function inOrder<T extends { readonly amounts: readonly Money[]; readonly estimated?: readonly Money[] }>(
  figure: T,
  main: string,
): T {
  const { amounts, estimated } = figure;
  return {
    ...figure,
    amounts: mainFirst(amounts, main),
    ...(estimated === undefined ? {} : { estimated: mainFirst(estimated, main) }),
  };
}
