import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal, decimalText } from '../focus/decimal.ts';
import type { HeldSource, IngestReport, PeriodReport } from '../lake/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { Delivery, HeldBill } from '../sources/model.ts';
import type { Auditor } from './auditor.ts';
import { failed, type Outcome } from './outcome.ts';

/**
 * Collects one bill into the lake. A source that delivers its periods one after the other may fail in some of
 * them: these are told, keep the rows that they had, and the others are taken.
 */
export async function collectBill(
  auditor: Auditor,
  sourceId: string,
  now: Date,
  meter: Meter,
): Promise<Outcome> {
  const source = auditor.sources.find(({ id }) => id === sourceId);
  const scope = `bill:${sourceId}`;
  if (source === undefined)
    return {
      coverage: [
        { scope, status: 'not-covered', reason: 'the config no longer names this source', asOf: null },
      ],
      ingest: null,
      failure: null,
    };
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-'));
  try {
    const { progress } = auditor;
    const before = await heldOf(auditor, sourceId);
    const beside = before === null ? {} : await auditor.lake.besideHeld(sourceId);
    const held = before === null ? null : { ...before, beside, inPlace: leftInPlace(before) };
    const first = await source.deliver({ workDir, now, meter, progress, held });
    const outcome = await takeAll(auditor, first, scope, now);
    for (const table of first.beside ?? []) await auditor.lake.putBeside(sourceId, table);
    return outcome;
  } catch (error) {
    return failed(error, scope);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function takeAll(auditor: Auditor, first: Delivery, scope: string, now: Date): Promise<Outcome> {
  const { lake, progress } = auditor;
  const ingests: IngestReport[] = [];
  let delivery = first;
  for (;;) {
    const { next } = delivery;
    if (next === undefined) break;
    let refused: BursarError | null = null;
    try {
      ingests.push(await lake.ingest(delivery, now, progress));
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      refused = error;
    }
    delivery = await next(refused);
  }
  if (!isEmpty(delivery)) ingests.push(await lake.ingest(delivery, now, progress));
  const { coverage, failed: why } = delivery;
  const failure = why === undefined ? null : { code: why.code, told: why.told };
  if (ingests.length === 0) return { coverage, ingest: null, failure };
  const ingest = ingests.reduce(added);
  const asOf = (await heldOf(auditor, first.sourceId))?.asOf ?? first.asOf;
  const own =
    coverage.length > 0 ? coverage : [{ scope, status: 'complete', reason: null, asOf: null } as const];
  return { coverage: own.map((entry) => billCoverage(entry, scope, ingest, asOf)), ingest, failure };
}

async function heldOf({ lake }: Auditor, sourceId: string): Promise<HeldSource | null> {
  return (await lake.sources()).find((each) => each.sourceId === sourceId) ?? null;
}

function leftInPlace({ periods }: HeldSource): NonNullable<HeldBill['inPlace']> {
  return Object.fromEntries(
    periods.flatMap(({ period, inPlace }) => (inPlace === undefined ? [] : [[period, inPlace]])),
  );
}

/** A source that tells accounts but no cost, or found nothing changed, has nothing for the lake. */
function isEmpty({ files, periods }: Delivery): boolean {
  return files.length === 0 && periods.length === 0;
}

/** A bill with rejected rows is partial: its total is short of the invoice by what was rejected. */
function billCoverage(entry: Coverage, scope: string, ingest: IngestReport, asOf: string | null): Coverage {
  if (entry.scope !== scope) return entry;
  const elsewhere = ingest.periods.flatMap(toldInPlace);
  const reason = [...(entry.reason === null ? [] : [entry.reason]), ...elsewhere].join('\n') || null;
  const dated = { ...entry, reason, asOf: entry.asOf ?? asOf };
  if (ingest.rowsRejected === 0 || entry.status === 'failed') return dated;
  const amounts = ingest.rejectedMoney.map(({ billed, currency }) => `${billed} ${currency}`);
  const unread = ingest.rejectedMoneyUnread > 0 ? [`${ingest.rejectedMoneyUnread} unreadable`] : [];
  const rejected = `${ingest.rowsRejected} of ${ingest.rowsIn} rows were rejected (${[...amounts, ...unread].join(', ')}); see ${ingest.rejectsFile ?? 'the rejects file'}`;
  return {
    ...dated,
    status: 'partial',
    reason: reason === null ? rejected : `${reason}\n${rejected}`,
  };
}

/** A period that is asked where it lies is whole: which engine answers for it is told beside it. */
function toldInPlace({ period, inPlace }: PeriodReport): string[] {
  if (inPlace === undefined) return [];
  const rounded =
    (inPlace.rounded ?? 0) === 0 ? '' : `; ${inPlace.rounded} of its costs are rounded to 18 places`;
  return [
    `${period} is asked by ${inPlace.engine} where it lies (${inPlace.shownAs}, table ${inPlace.table}), for ${inPlace.reason}${rounded}`,
  ];
}

function added(a: IngestReport, b: IngestReport): IngestReport {
  const repairs = { ...a.repairs };
  for (const [kind, count] of Object.entries(b.repairs)) repairs[kind] = (repairs[kind] ?? 0) + count;
  return {
    sourceId: a.sourceId,
    rowsIn: a.rowsIn + b.rowsIn,
    rowsKept: a.rowsKept + b.rowsKept,
    rowsRejected: a.rowsRejected + b.rowsRejected,
    rejectedMoney: addedMoney([...a.rejectedMoney, ...b.rejectedMoney]),
    rejectedMoneyUnread: a.rejectedMoneyUnread + b.rejectedMoneyUnread,
    rejectsFile: [a.rejectsFile, b.rejectsFile].filter((file) => file !== null).join(', ') || null,
    repairs,
    skipped: [...a.skipped, ...b.skipped],
    periods: [...a.periods, ...b.periods].toSorted((one, other) => (one.period < other.period ? -1 : 1)),
    warnings: [...new Set([...a.warnings, ...b.warnings])],
  };
}

function addedMoney(all: IngestReport['rejectedMoney']): IngestReport['rejectedMoney'] {
  const sums = new Map<string, string>();
  for (const { currency, billed } of all)
    sums.set(currency, decimalText(decimal(sums.get(currency) ?? '0').plus(decimal(billed))));
  return [...sums].map(([currency, billed]) => ({ currency, billed }));
}
