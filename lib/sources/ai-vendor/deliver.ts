import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Decimal, parseDecimal } from '../../focus/decimal.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { DeliverContext, Delivery, FocusFile } from '../model.ts';
import { joinUsage } from './join.ts';
import type { Charge, Line, Use } from './model.ts';
import { AI_USAGE, type AiUsage, aiUsageTable } from './requests.ts';
import { COLUMNS, csvLine, type RowContext, vendorRow } from './row.ts';
import { estimatedFrom, type VendorPeriod, vendorPeriods } from './window.ts';

/** What a vendor told of one billing period. */
export interface Told {
  readonly charges: readonly Charge[];
  readonly uses: readonly Use[];
  /** Requests and their tokens: no part of the bill, and told beside it. */
  readonly requests: readonly AiUsage[];
}

/** What a vendor knows of its rows. */
export type VendorRows = Omit<RowContext, 'estimatedFrom' | 'currency'>;

/** What of a vendor's bill is its own. */
export interface Vendor {
  readonly id: string;
  readonly type: 'openai' | 'anthropic';
  /** Whole months besides the current one. */
  readonly months: number;
  /** Whatever changes what is read: a period that was read otherwise is read again. */
  readonly asked: string;
  /** Asks everything of one period; what could not be told goes into `gaps`. */
  read(period: VendorPeriod, gaps: Map<string, Coverage>): Promise<Told>;
  /** Asked once, after the first period was read. */
  rows(): Promise<VendorRows>;
  /** Service tiers among these rows whose cost the vendor does not tell. */
  untoldTiers(lines: readonly Line[]): readonly string[];
  /** What the reader has to know of such a tier. */
  untold(tier: string): string;
}

/** How rows are made: raised whenever the same answers would give other rows. */
const ROWS_VERSION = 1;

/**
 * Delivers the billing periods of a vendor that may have changed, each whole. A period that was read when it was
 * settled is never asked again; one that was asked and is as it was delivers nothing. Whatever the vendor refuses
 * throws, and nothing is delivered.
 */
export async function deliverPeriods(vendor: Vendor, context: DeliverContext): Promise<Delivery> {
  const { now, workDir, held = null, progress } = context;
  const where = `bill:${vendor.id}`;
  const asked = digestOf([String(ROWS_VERSION), vendor.asked]);
  const gaps = new Map<string, Coverage>();
  const files: FocusFile[] = [];
  const fingerprints: Record<string, string> = {};
  const periods: string[] = [];
  let lastDay: string | null = null;
  const untold = new Set<string>();
  const due: VendorPeriod[] = [];
  const requests: AiUsage[] = [];
  // Bills that were read before requests were kept beside them are read once more.
  const isNew = held?.beside?.[AI_USAGE] === undefined;
  for (const period of vendorPeriods(now, vendor.months)) {
    const before = held?.fingerprints[period.period] ?? '';
    if (isNew || !before.startsWith(`settled:${asked}:`)) due.push(period);
    // What a settled month cannot tell is told as long as it is in the window.
    else for (const tier of tiersIn(before)) untold.add(tier);
  }
  for (const [index, period] of due.entries()) {
    progress.step(`${vendor.type} ${period.period}`, index + 1, due.length);
    const told = await vendor.read(period, gaps);
    requests.push(...told.requests);
    const lines = joinUsage(told.charges, told.uses);
    assertKept(told, lines, where);
    const tiers = vendor.untoldTiers(lines);
    for (const tier of tiers) untold.add(tier);
    for (const { day } of lines) if (lastDay === null || day > lastDay) lastDay = day;
    const path = join(workDir, `${vendor.type}-${period.period}.csv`);
    const rows = {
      ...(await vendor.rows()),
      estimatedFrom: estimatedFrom(now),
      currency: told.charges[0]?.currency ?? 'USD',
    };
    const content = await writeRows(path, lines, rows);
    const fingerprint = `${period.settled ? 'settled' : 'open'}:${asked}:${content}:${tiers.join('+')}`;
    if (held?.fingerprints[period.period] === fingerprint) continue;
    periods.push(period.period);
    // A period whose rows are not all taken is read, and its loss told, every time.
    if (lines.every(({ amount }) => parseDecimal(amount).ok)) fingerprints[period.period] = fingerprint;
    if (lines.length > 0)
      files.push({ path, shownAs: `${vendor.type} of ${rows.account.id}, ${period.period}`, format: 'csv' });
  }
  const asOf = lastDay === null ? (held?.asOf ?? null) : dayAfter(lastDay);
  return {
    sourceId: vendor.id,
    sourceType: vendor.type,
    // Neither vendor has resources or tags: such a bill is never called untagged.
    grain: 'account-service',
    files,
    periods,
    fingerprints,
    beside: due.length === 0 ? [] : [aiUsageTable(requests, now.toISOString())],
    skipped: [],
    asOf,
    coverage: [
      { scope: where, status: 'complete', reason: null, asOf },
      ...gaps.values(),
      ...[...untold].toSorted().map(
        (tier): Coverage => ({
          scope: `${where}:${tier}`,
          status: 'not-covered',
          reason: vendor.untold(tier),
          asOf: null,
        }),
      ),
    ],
  };
}

/** The tiers that a fingerprint ends with. */
function tiersIn(fingerprint: string): string[] {
  return (fingerprint.split(':')[3] ?? '').split('+').filter((tier) => tier !== '');
}

/** Writes the rows and gives a digest of them. */
async function writeRows(path: string, lines: readonly Line[], context: RowContext): Promise<string> {
  const digest = createHash('sha256');
  const file = await open(path, 'w');
  try {
    await file.write(csvLine(COLUMNS));
    for (const line of lines) {
      const row = vendorRow(line, context);
      const text = csvLine(COLUMNS.map((column) => row[column]));
      digest.update(text);
      await file.write(text);
    }
  } finally {
    await file.close();
  }
  return digest.digest('hex').slice(0, 32);
}

/** The promise of the join, checked on every bill: not a digit of money and not a token more or less. */
function assertKept({ charges, uses }: Told, lines: readonly Line[], where: string): void {
  const told = sums(charges.map(({ currency, amount }) => valued(currency, amount)));
  const billed = sums(lines.map(({ charge, amount }) => valued(charge?.currency ?? '', amount)));
  const used = sums(uses.map(({ measure, quantity }) => [measure, quantity]));
  const counted = sums(lines.map(({ measure, quantity }) => [measure ?? '', quantity ?? ZERO]));
  for (const [had, has] of [
    [told, billed],
    [used, counted],
  ] as const)
    for (const key of new Set([...had.keys(), ...has.keys()])) {
      const [before, after] = [had.get(key) ?? ZERO, has.get(key) ?? ZERO];
      if (!before.eq(after))
        throw new BursarError(
          'internal',
          `${key} adds up to ${after.toFixed()} instead of ${before.toFixed()}`,
          {
            where,
            hint: 'This is a defect of Bursar; nothing of this run was kept. Please report it.',
          },
        );
    }
}

const ZERO = new Decimal(0);

/** An amount that the table cannot hold is counted by its text. */
function valued(currency: string, amount: string): readonly [string, Decimal] {
  const parsed = parseDecimal(amount);
  return parsed.ok ? [currency, parsed.value] : [`${currency} ${amount}`, new Decimal(1)];
}

function sums(parts: readonly (readonly [key: string, value: Decimal])[]): Map<string, Decimal> {
  const found = new Map<string, Decimal>();
  for (const [key, value] of parts) found.set(key, (found.get(key) ?? ZERO).plus(value));
  return found;
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString();
}
