import { requiredOf, taggingSummary } from '../checks/index.ts';
import type { DigestInput, Interval, PeriodKind } from '../digest/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import type { Finding } from '../ledger/model.ts';
import { Meter } from '../platform/meter.ts';
import { type LastAudit, lastAudit } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { commitmentOutlook } from './commitments.ts';
import { digestInsight } from './digest-insight.ts';
import { gatherFacts, type Selection } from './facts.ts';
import { lastWholePeriod } from './period.ts';
import { savingsOf } from './savings.ts';

const DAYS_SHOWN = 28;
const DAY_MS = 86_400_000;

type Row<T> = T & Record<string, unknown>;
type DayRow = Row<{ day: string; currency: string; effective: string; estimated: boolean }>;
type ServiceRow = Row<{ provider: string; service: string; currency: string; effective: string }>;

/** Reads from lake and ledger what a digest is made from. Writes nothing. */
export async function digestInput(
  auditor: Auditor,
  kind: PeriodKind,
  selection: Selection,
  now: Date,
): Promise<DigestInput> {
  const { lake, ledger, organisation } = auditor;
  const { sources } = selection;
  const last = await lastAudit(ledger);
  const facts = await gatherFacts(lake, selection, last?.coverage ?? [], auditor.ownerOf, now);
  const dataEnd = facts.billWindow === null ? null : new Date(facts.billWindow.end);
  const { period, former } = lastWholePeriod(kind, now, dataEnd, organisation.timezone);
  const shownFrom = new Date(Date.parse(period.end) - DAYS_SHOWN * DAY_MS).toISOString();
  const days = await lake.ask<DayRow>('spend-by-day', { start: shownFrom, end: period.end }, sources);
  const current = await lake.ask<ServiceRow>('spend-by-service', { ...period }, sources);
  const before = await lake.ask<ServiceRow>('spend-by-service', { ...former }, sources);
  const starts = await lake.ask<Row<{ currency: string; start: string }>>('spend-total', {}, sources);
  const findings = await everyFinding(auditor);
  const { report, opportunities } = await commitmentOutlook(
    auditor,
    sources,
    facts.billWindow,
    findings,
    now,
  );
  const savings =
    dataEnd === null ? undefined : await savingsOf(lake, ledger, sources, dataEnd.toISOString());
  return {
    organisation,
    now: now.toISOString(),
    kind,
    period,
    former,
    asOf: dataEnd?.toISOString() ?? null,
    spend: spendOf(
      current,
      before,
      days,
      new Map(starts.map(({ currency, start }) => [currency, start])),
      period,
      former,
    ),
    daily: days.map(({ day, currency, effective }) => ({ day, currency, effective })),
    byService: joinServices(current, before),
    tagging: taggingSummary(facts, requiredOf(auditor.checks.untagged)),
    findings: findings.filter(({ state }) => state !== 'RESOLVED'),
    resolved: findings.filter(({ state, lastSeen }) => state === 'RESOLVED' && lastSeen >= period.start),
    commitments: opportunities,
    savings,
    insight:
      dataEnd === null ? undefined : await digestInsight(auditor, { period, former }, report, sources, now),
    coverage: last?.coverage ?? [],
    ownCost: ownCost(auditor, last),
  };
}

/** Of the last audit, and of this digest's own questions where bills lie. */
function ownCost({ asking }: Auditor, last: LastAudit | null): DigestInput['ownCost'] {
  const meter = new Meter();
  if (last !== null) meter.absorb(last.ownCost);
  meter.absorb(asking.drain());
  return meter.total();
}

async function everyFinding({ ledger }: Auditor): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { finding } of ledger.all()) findings.push(finding);
  return findings;
}

/** Both periods by currency. `former` is null where the bills of that currency begin after it began. */
function spendOf(
  current: readonly ServiceRow[],
  before: readonly ServiceRow[],
  days: readonly DayRow[],
  starts: ReadonlyMap<string, string>,
  period: Interval,
  former: Interval,
): DigestInput['spend'] {
  const [now, then] = [byCurrency(current), byCurrency(before)];
  return [...new Set([...now.keys(), ...then.keys()])].toSorted().map((currency) => ({
    currency,
    current: decimalText(now.get(currency) ?? new Decimal(0)),
    former:
      (starts.get(currency) ?? '9') <= former.start
        ? decimalText(then.get(currency) ?? new Decimal(0))
        : null,
    estimated: days.some(
      (day) => day.currency === currency && day.estimated && day.day >= period.start.slice(0, 10),
    ),
  }));
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
