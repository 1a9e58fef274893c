import { apart, type BilledDay, committedOf, realised } from '../analysis/savings.ts';
import { isPaidAllTheSame } from '../checks/after-stop.ts';
import type { DigestSavings } from '../digest/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { type Money, money, sumByCurrency, timesMoney } from '../focus/money.ts';
import { MONTH_DAYS } from '../focus/month.ts';
import type { Lake } from '../lake/model.ts';
import type { DataEnd } from '../lake/queries/data-end.ts';
import type { ResourceDay } from '../lake/queries/resource-days.ts';
import type { Finding, FindingRecord, LedgerStore } from '../ledger/model.ts';
import { type Stopped, savingKey, savingOf } from './sweep/savings.ts';

const DAY_MS = 86_400_000;
const RATE_DAYS = 31;
const MONTH_HOURS = 24 * MONTH_DAYS;
/** A share of what went unused, of money: more places would tell nothing. */
const SHARE_PLACES = 6;
/** Stops that ended longer ago are told no more. */
const TOLD_MS = 400 * DAY_MS;

type Row<T> = T & Record<string, unknown>;

/**
 * What our stops were said to save and what the bills say they saved, over the same hours. A stop of which no bill
 * tells (yet, or for ever) is counted apart: what it saved is unknown, and never taken for nothing or for what was
 * said.
 * @param billedUntil where the bills end; the bill of a resource may end before
 */
export async function savingsOf(
  lake: Pick<Lake, 'ask'>,
  ledger: Pick<LedgerStore, 'all' | 'getDocs'>,
  sources: readonly string[] | null,
  billedUntil: string,
): Promise<DigestSavings> {
  const all = await stopsSaved(lake, ledger, sources, billedUntil);
  const known = all.flatMap(({ stop, found }) => (found === null ? [] : [{ stop, ...found }]));
  return {
    stops: all.length,
    unbilled: all.length - known.length,
    estimated: sumByCurrency(
      known.flatMap(({ stop, hours }) =>
        stop.estimated === null ? [] : [timesMoney(stop.estimated, new Decimal(hours).div(MONTH_HOURS))],
      ),
    ),
    realised: sumByCurrency(known.map(({ saved }) => saved)),
  };
}

/** One stop of ours, and what the bills say that it saved; null where they say nothing. */
export interface StopSaved {
  readonly finding: Finding;
  readonly stop: Stopped;
  readonly found: { readonly saved: Money; readonly hours: number } | null;
}

/**
 * Every stop of ours that is told, of one resource none over another.
 * @param billedUntil as in `savingsOf`
 * @param only resources that are meant, by their canonical ids; left out: all
 */
export async function stopsSaved(
  lake: Pick<Lake, 'ask'>,
  ledger: Pick<LedgerStore, 'all' | 'getDocs'>,
  sources: readonly string[] | null,
  billedUntil: string,
  only?: ReadonlySet<string>,
): Promise<StopSaved[]> {
  const resources = [...(await stoppedResources(ledger))];
  const bills: Bills = { lake, sources, until: billedUntil, ends: await endsOf(lake, sources) };
  const isMeant = ({ finding }: Pick<StopSaved, 'finding'>) => only?.has(finding.resourceId) !== false;
  const meant = await billedStops(bills, resources.filter(isMeant));
  // What went unused is shared with the other stops: they are read only where there is something to share.
  const others = meant.some(({ billed }) => billed?.committed.gt(0) === true)
    ? await billedStops(
        bills,
        resources.filter((each) => !isMeant(each)),
      )
    : [];
  const saved: StopSaved[] = [];
  for (const { finding, stop, billed } of meant)
    saved.push({
      finding,
      stop,
      found:
        billed === null
          ? null
          : withoutReserved(finding, await oneStop(bills, stop, billed, [...meant, ...others])),
    });
  return saved;
}

/**
 * The bill of a machine falls when it stops; where it ran in reserved capacity, that of the reservation rises as much.
 * Nothing is told to be saved there, even where somebody gave the reservation up meanwhile.
 */
function withoutReserved({ evidence }: Finding, found: StopSaved['found']): StopSaved['found'] {
  if (found === null || !isPaidAllTheSame(evidence) || !decimal(found.saved.amount).gt(0)) return found;
  return { ...found, saved: money('0', found.saved.currency) };
}

/** What the bills tell of one stop. */
interface Billed {
  readonly days: readonly BilledDay[];
  readonly currency: string;
  /** Up to when the bills of its resource reach, and up to when it was stopped as far as they do. ISO-8601 UTC. */
  readonly billedUntil: string;
  readonly until: string;
  /** The most of it that commitments may have paid for nothing. */
  readonly committed: Decimal;
}

interface BilledStop {
  readonly finding: Finding;
  readonly stop: Stopped;
  /** Null where the bills say nothing of it. */
  readonly billed: Billed | null;
}

async function billedStops(
  bills: Bills,
  resources: readonly { readonly finding: Finding; readonly all: readonly Stopped[] }[],
): Promise<BilledStop[]> {
  const found: BilledStop[] = [];
  for (const { finding, all } of resources)
    for (const stop of apart(all)) {
      if (stop.until !== null && Date.parse(bills.until) - Date.parse(stop.until) > TOLD_MS) continue;
      found.push({ finding, stop, billed: await billedOf(bills, finding, stop) });
    }
  return found;
}

/** Stops by resource: two findings may have stopped the same. */
async function stoppedResources(
  ledger: Pick<LedgerStore, 'all' | 'getDocs'>,
): Promise<Iterable<{ readonly finding: Finding; readonly all: Stopped[] }>> {
  const stopped: FindingRecord[] = [];
  for await (const record of ledger.all()) if (record.life?.stopped) stopped.push(record);
  const docs = await ledger.getDocs(stopped.map(({ finding }) => savingKey(finding.id)));
  const resources = new Map<string, { finding: Finding; all: Stopped[] }>();
  for (const [index, record] of stopped.entries()) {
    const { finding } = record;
    const known = resources.get(finding.resourceId) ?? { finding, all: [] };
    known.all.push(...stopsOf(record, docs[index]?.value));
    resources.set(finding.resourceId, known);
  }
  return resources.values();
}

/** The bills as they are, and up to when each source of them speaks (ISO-8601 UTC). */
interface Bills {
  readonly lake: Pick<Lake, 'ask'>;
  readonly sources: readonly string[] | null;
  readonly until: string;
  readonly ends: ReadonlyMap<string, string>;
}

async function endsOf(
  lake: Pick<Lake, 'ask'>,
  sources: readonly string[] | null,
): Promise<ReadonlyMap<string, string>> {
  const ends = await lake.ask<Row<DataEnd>>('data-end', {}, sources);
  return new Map(ends.map(({ source, end }) => [source, end]));
}

/** The stops that were kept; where a process ended before it kept one, that of the life. */
function stopsOf(record: FindingRecord, value: unknown): readonly Stopped[] {
  const kept = savingOf(value)?.stops ?? [];
  const ended = endOf(record);
  if (kept.length > 0) {
    return kept.map((stop) =>
      stop.until === null && ended !== null && ended > stop.from ? { ...stop, until: ended } : stop,
    );
  }
  const stopped = record.life?.stopped ?? null;
  if (stopped === null) return [];
  const until = ended !== null && ended > stopped.at ? ended : null;
  return [{ from: stopped.at, until, action: stopped.action, estimated: stopped.estimated }];
}

/** When the last stop was over, where a document does not say so: brought back, or seen ended by others. */
function endOf({ finding, life, observed }: FindingRecord): string | null {
  return finding.state === 'RESOLVED' ? observed.at : (life?.restoredAt ?? null);
}

async function billedOf(
  bills: Bills,
  { resourceId: id, accountId: account }: Finding,
  stop: Stopped,
): Promise<Billed | null> {
  if (bills.until <= stop.from) return null;
  const start = new Date(Date.parse(stop.from) - RATE_DAYS * DAY_MS).toISOString();
  const rows = await bills.lake.ask<Row<ResourceDay>>(
    'resource-days',
    { start, end: bills.until, id, short: id.slice(id.lastIndexOf('/') + 1), account },
    bills.sources,
  );
  const billedUntil = endOfBill(bills, rows);
  const days = daysOf(rows);
  const currency = days[0]?.currency;
  if (currency === undefined || billedUntil <= stop.from) return null;
  const until = stop.until !== null && stop.until < billedUntil ? stop.until : billedUntil;
  return { days, currency, billedUntil, until, committed: committedOf(stop, days, billedUntil) };
}

/** @param all every stop, this one among them: what commitments paid for nothing is told of all of them together */
async function oneStop(
  bills: Bills,
  stop: Stopped,
  { days, currency, billedUntil, until, committed }: Billed,
  all: readonly BilledStop[],
): Promise<{ saved: Money; hours: number } | null> {
  let more = new Decimal(0);
  if (committed.gt(0)) {
    const together = all
      .filter((each) => each.billed?.currency === currency)
      .filter((each) => each.stop.from < until && stop.from < (each.billed?.until ?? ''))
      .reduce((paid, each) => paid.plus(each.billed?.committed ?? 0), new Decimal(0));
    const unused = await moreUnused(bills, stop.from, until, currency);
    more = together.gt(committed)
      ? unused.times(committed).div(together).toDecimalPlaces(SHARE_PLACES)
      : unused;
  }
  const { saved, hoursStopped } = realised(stop, days, billedUntil, more);
  return saved === null ? null : { saved, hours: hoursStopped };
}

/**
 * Up to when every source that ever charged the resource speaks: what a late bill has not said yet is not taken for
 * nothing charged.
 */
function endOfBill({ until, ends }: Bills, rows: readonly ResourceDay[]): string {
  return rows.reduce((earliest, { source }) => {
    const end = ends.get(source) ?? earliest;
    return Date.parse(end) < Date.parse(earliest) ? new Date(end).toISOString() : earliest;
  }, until);
}

/** One row a day and currency, however the bill spells the resource. */
function daysOf(rows: readonly ResourceDay[]): BilledDay[] {
  const days = new Map<string, BilledDay>();
  for (const { day, currency, effective, committed } of rows) {
    const key = `${day} ${currency}`;
    const former = days.get(key);
    days.set(key, {
      day,
      currency,
      effective: sum(effective, former?.effective),
      committed: sum(committed, former?.committed),
    });
  }
  return [...days.values()];
}

function sum(a: string, b: string | undefined): string {
  return decimalText(decimal(a).plus(decimal(b ?? '0')));
}

/** Commitment that went unused in a span beyond what went unused in an equal span before it. */
async function moreUnused(
  { lake, sources }: Bills,
  from: string,
  until: string,
  currency: string,
): Promise<Decimal> {
  // Bills tell UTC days: both spans are those that they touch, since a part of one would count all of it or nothing.
  const first = Math.floor(Date.parse(from) / DAY_MS) * DAY_MS;
  const end = Math.ceil(Date.parse(until) / DAY_MS) * DAY_MS;
  const unusedIn = async (start: number, stop: number) => {
    const rows = await lake.ask<Row<{ currency: string; unused: string }>>(
      'unused-commitment',
      { start: new Date(start).toISOString(), end: new Date(stop).toISOString() },
      sources,
    );
    return decimal(rows.find((row) => row.currency === currency)?.unused ?? '0');
  };
  return (await unusedIn(first, end)).minus(await unusedIn(2 * first - end, first));
}
