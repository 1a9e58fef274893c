import { requiredOf, taggingSummary } from '../checks/index.ts';
import type { AskedQuery } from '../digest/content-model.ts';
import { counted } from '../digest/counted.ts';
import type { Audience, DigestInput, DigestLife, Interval, PeriodKind } from '../digest/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { providerOf } from '../focus/provider.ts';
import type { Lake } from '../lake/model.ts';
import type { DataEnd } from '../lake/queries/data-end.ts';
import { type SpendPart, spendByName, whereParam } from '../lake/queries/spend-by.ts';
import type { FindingRecord, LedgerStore } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import { Meter } from '../platform/meter.ts';
import { type LastAudit, lastAudit } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { type BillGap, billGaps, withGaps } from './bill-gaps.ts';
import { commitmentOutlook } from './commitments.ts';
import { executiveFigures } from './digest-executive.ts';
import { digestInsight } from './digest-insight.ts';
import { digestLife } from './digest-life.ts';
import { coverageForTeam, findingsOfTeam, insightOfTeam, mustBeTeam } from './digest-team.ts';
import { type Selection, taggingFacts, windowOf } from './facts.ts';
import { basisOf, keptTagging } from './kept.ts';
import { lastWholePeriod } from './period.ts';
import { remembered } from './remembered-lake.ts';
import { savingsOf } from './savings.ts';

const DAYS_SHOWN = 28;
const DAY_MS = 86_400_000;

const NO_COMMITMENTS: Awaited<ReturnType<typeof commitmentOutlook>> = {
  report: { window: null, held: [], coverage: [], advice: [], untold: [] },
  opportunities: [],
};

type Row<T> = T & Record<string, unknown>;
type DayRow = Row<{ day: string; currency: string; effective: string; estimated: boolean }>;
type ServiceRow = Row<{ provider: string; service: string; currency: string; effective: string }>;

/** Reads from lake and ledger what a digest is made from, for whom it is. Writes nothing. */
export async function digestInput(
  auditor: Auditor,
  kind: PeriodKind,
  selection: Selection,
  now: Date,
  audience: Audience = { kind: 'everyone' },
): Promise<DigestInput> {
  const asked: AskedQuery[] = [];
  const lake = remembered(auditor.lake, (question) => asked.push(question));
  const { ledger, organisation } = auditor;
  const { sources } = selection;
  const team = audience.kind === 'team' ? audience.team : null;
  if (team !== null) await mustBeTeam({ ...auditor, lake }, sources, team);
  const last = await lastAudit(ledger);
  const ends = await lake.ask<DataEnd>('data-end', {}, sources);
  const billWindow = windowOf(ends, now);
  const dataEnd = billWindow === null ? null : new Date(billWindow.end);
  const { period, former } = lastWholePeriod(kind, now, dataEnd, organisation.timezone);
  // Four weeks, and of a month all of it: days of the period that are told add up to what was spent.
  const shownFrom = new Date(
    Math.min(Date.parse(period.end) - DAYS_SHOWN * DAY_MS, Date.parse(period.start)),
  ).toISOString();
  const bills = billsOf(lake, sources, team);
  const days = await bills.byDay({ start: shownFrom, end: period.end });
  // Of everybody's bills: a day on which one team spent nothing is not one that bills are missing of.
  const billed = await lake.ask<DayRow>('spend-by-day', { start: former.start, end: period.end }, sources);
  const current = await bills.byService(period);
  const before = await bills.byService(former);
  const gaps = await billGaps(lake, { start: former.start, end: period.end }, sources, now);
  const starts = await lake.ask<Row<{ currency: string; start: string }>>('spend-total', {}, sources);
  const { own: records, unknown } = await recordsOf(auditor, selection, team, period.start);
  const findings = records.map(({ finding }) => finding);
  // Commitments are of the organisation: no team's digest tells of them.
  const { report, opportunities } =
    team === null
      ? await commitmentOutlook({ ...auditor, lake }, sources, billWindow, findings, now)
      : NO_COMMITMENTS;
  const kept: Pick<LedgerStore, 'all' | 'getDocs'> = {
    all: () => each(records),
    getDocs: (keys) => ledger.getDocs(keys),
  };
  const savings = dataEnd === null ? undefined : await savingsOf(lake, kept, sources, dataEnd.toISOString());
  const insight =
    dataEnd === null
      ? undefined
      : await digestInsight({ ...auditor, lake }, { period, former }, report, sources, now, team);
  const coverage = withGaps(last?.coverage ?? [], gaps);
  const input: DigestInput = {
    organisation,
    locale: organisation.locale,
    audience,
    now: now.toISOString(),
    kind,
    period,
    former,
    asOf: dataEnd?.toISOString() ?? null,
    begins: starts.map(({ start }) => start.slice(0, 10)).toSorted()[0],
    spend: spendOf(
      current,
      before,
      { days, billed },
      new Map(starts.map(({ currency, start }) => [currency, start])),
      period,
      former,
      gaps,
      team,
    ),
    daily: days.map(({ day, currency, effective }) => ({ day, currency, effective })),
    byService: joinServices(current, before),
    tagging: team === null ? await tagging({ ...auditor, lake }, selection, coverage, billWindow) : [],
    findings: findings.filter(({ state }) => state !== 'RESOLVED'),
    resolved: findings.filter(({ state, lastSeen }) => state === 'RESOLVED' && lastSeen >= period.start),
    commitments: opportunities,
    savings,
    insight: insight === undefined || team === null ? insight : insightOfTeam(insight, team),
    coverage: team === null ? coverage : coverageForTeam(coverage),
    ownCost: ownCost(auditor, last),
    life: withUnknown(await digestLife(ledger, records, period, auditor.approvers ?? []), unknown),
  };
  const executive =
    audience.kind === 'executive' ? await executiveFigures({ ...auditor, lake }, input, sources, now) : [];
  // What was asked of everybody's bills may name what is not the team's.
  return {
    ...input,
    executive,
    asked: team === null ? asked : asked.map(({ query, rows }) => ({ query, rows, params: {} })),
  };
}

async function* each<T>(all: readonly T[]): AsyncIterable<T> {
  yield* all;
}

/** Spend by day and by provider and service, of everything or of one team. */
function billsOf(lake: Lake, sources: readonly string[] | null, team: string | null) {
  const where = team === null ? [] : ['team'];
  const parts = async (by: readonly string[], window: Interval) =>
    await lake.ask<SpendPart>(
      spendByName({ by, where }),
      { ...window, ...(team === null ? {} : { [whereParam('team')]: JSON.stringify([team]) }) },
      sources,
    );
  return {
    byDay: async (window: Interval): Promise<DayRow[]> =>
      team === null
        ? await lake.ask<DayRow>('spend-by-day', { ...window }, sources)
        : (await parts(['day'], window)).map(({ key: [day = ''], currency, effective, estimated }) => ({
            day,
            currency,
            effective,
            estimated,
          })),
    byService: async (window: Interval): Promise<ServiceRow[]> =>
      team === null
        ? await lake.ask<ServiceRow>('spend-by-service', { ...window }, sources)
        : (await parts(['provider', 'service'], window)).map(
            ({ key: [provider = '', service = ''], currency, effective }) => ({
              provider: providerOf(provider),
              service,
              currency,
              effective,
            }),
          ),
  };
}

/** The findings that the digest speaks of, with what they have been through; `unknown` are of nobody knows which team. */
async function recordsOf(
  auditor: Auditor,
  selection: Selection,
  team: string | null,
  since: string,
): Promise<{ readonly own: FindingRecord[]; readonly unknown: number }> {
  const records: FindingRecord[] = [];
  for await (const record of auditor.ledger.all()) records.push(record);
  return team === null
    ? { own: records, unknown: 0 }
    : await findingsOfTeam(auditor, selection, team, records, since);
}

/** What was looked for in vain is said. */
function withUnknown(life: DigestLife, unknown: number): DigestLife {
  if (unknown === 0) return life;
  const which = unknown === 1 ? 'its resource is' : 'their resources are';
  const note = `${counted(unknown, 'finding')} of the organisation ${unknown === 1 ? 'is' : 'are'} in no team's digest: ${which} in no look of late, and of which team is not known.`;
  return { ...life, notes: [...life.notes, note] };
}

/** As the last audit of these bills found it, beside whose findings it stands; else from the bills now. */
async function tagging(
  auditor: Pick<Auditor, 'lake' | 'ledger' | 'checks' | 'ownerOf'>,
  selection: Selection,
  coverage: readonly Coverage[],
  billWindow: Interval | null,
): Promise<DigestInput['tagging']> {
  const { lake, ledger, checks } = auditor;
  if (billWindow === null) return [];
  const required = requiredOf(checks['untagged']);
  const kept = await keptTagging(ledger, await basisOf(lake, selection.sources, required));
  return kept ?? taggingSummary(await taggingFacts(lake, selection, coverage, billWindow), required);
}

/** Of the last audit, and of this digest's own questions where bills lie. */
function ownCost({ asking }: Auditor, last: LastAudit | null): DigestInput['ownCost'] {
  const meter = new Meter();
  if (last !== null) meter.absorb(last.ownCost);
  meter.absorb(asking.drain());
  return meter.total();
}

/**
 * Both periods by currency. `former` is null where the bills of that currency begin after it began, where one of them
 * lacks days of either, and where just one of the two has charges on each of its days: days that no bill speaks of are
 * not days that cost nothing.
 */
function spendOf(
  current: readonly ServiceRow[],
  before: readonly ServiceRow[],
  { days, billed }: { readonly days: readonly DayRow[]; readonly billed: readonly DayRow[] },
  starts: ReadonlyMap<string, string>,
  period: Interval,
  former: Interval,
  gaps: readonly BillGap[],
  team: string | null,
): DigestInput['spend'] {
  const [now, then] = [byCurrency(current), byCurrency(before)];
  const first = period.start.slice(0, 10);
  return [...new Set([...now.keys(), ...then.keys()])].toSorted().map((currency) => {
    const own = gaps.filter(({ currencies }) => currencies.has(currency));
    return {
      currency,
      current: decimalText(now.get(currency) ?? new Decimal(0)),
      former:
        own.length === 0 &&
        (starts.get(currency) ?? '9') <= former.start &&
        isWhole(billed, currency, former) === isWhole(billed, currency, period)
          ? decimalText(then.get(currency) ?? new Decimal(0))
          : null,
      estimated: days.some((day) => day.currency === currency && day.estimated && day.day >= first),
      missing: own
        .map(({ source, days: all }) => ({
          // Whose bill it is a team is not told.
          bill: team === null ? source : null,
          days: all.filter((day) => day >= first),
        }))
        .filter(({ days: lacking }) => lacking.length > 0),
    };
  });
}

/** Has every day of it a charge in the currency? Of a bill that comes but now and then, hardly any period has. */
function isWhole(billed: readonly DayRow[], currency: string, { start, end }: Interval): boolean {
  const [first, until] = [start.slice(0, 10), end.slice(0, 10)];
  const days = billed.filter((row) => row.currency === currency).map(({ day }) => day.slice(0, 10));
  return (
    days.filter((day) => day >= first && day < until).length ===
    (Date.parse(until) - Date.parse(first)) / DAY_MS
  );
}

function byCurrency(rows: readonly ServiceRow[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { currency, effective } of rows)
    sums.set(currency, (sums.get(currency) ?? new Decimal(0)).plus(decimal(effective)));
  return sums;
}

function joinServices(
  current: readonly ServiceRow[],
  before: readonly ServiceRow[],
): DigestInput['byService'] {
  const joined = new Map<string, DigestInput['byService'][number]>();
  const keyOf = ({ provider, service, currency }: ServiceRow) =>
    JSON.stringify([provider, service, currency]);
  // Bills may call one provider by several names: what is the same here is added up.
  const add = (row: ServiceRow, field: 'current' | 'former') => {
    const { provider, service, currency, effective } = row;
    const known = joined.get(keyOf(row)) ?? { provider, service, currency, current: '0', former: '0' };
    const sum = decimalText(new Decimal(known[field]).plus(decimal(effective)));
    joined.set(keyOf(row), { ...known, [field]: sum });
  };
  for (const row of current) add(row, 'current');
  for (const row of before) add(row, 'former');
  return [...joined.values()];
}
