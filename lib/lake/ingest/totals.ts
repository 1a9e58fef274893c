import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decimalText, INTEGER_DIGITS, parseDecimal } from '../../focus/decimal.ts';
import { lookAtBillFile } from '../../platform/bill-file.ts';
import { BursarError } from '../../platform/errors.ts';
import type { ConvertedPeriod, Part } from './model.ts';
import type { Session } from './session.ts';
import { list, literal } from './sql-text.ts';

/**
 * The parts under `outDir` by period, with rows by their own footers and exact sums.
 * @throws BursarError `input` where costs add up to more digits than a decimal of the table holds
 */
export async function periodsOf(
  session: Session,
  outDir: string,
  sourceId: string,
): Promise<ConvertedPeriod[]> {
  const folders = (await readdir(outDir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const periods: ConvertedPeriod[] = [];
  for (const period of folders.map(({ name }) => name).toSorted()) {
    const parts: Part[] = [];
    for (const file of (await readdir(join(outDir, period))).toSorted()) {
      const path = join(outDir, period, file);
      const look = await lookAtBillFile(path);
      const { size } = await stat(path);
      parts.push({ path, rows: look.format === 'parquet' ? look.rows : 0, bytes: size });
    }
    const sums = await summed(
      session,
      { sourceId, period },
      `SELECT coalesce(ProviderName, '') AS provider, BillingCurrency AS currency,
        CAST(sum(BilledCost) AS VARCHAR) AS billed, CAST(sum(EffectiveCost) AS VARCHAR) AS effective
      FROM ${rowsOf(parts)} GROUP BY ALL ORDER BY ALL`,
    );
    periods.push({
      period,
      rows: parts.reduce((sum, { rows }) => sum + rows, 0),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      parts,
      totals: sums.map((row) => ({
        provider: String(row['provider']),
        currency: String(row['currency']),
        billed: exact(row['billed'], { sourceId, period }),
        effective: exact(row['effective'], { sourceId, period }),
      })),
    });
  }
  return periods;
}

interface Whose {
  readonly sourceId: string;
  readonly period: string;
}

async function summed(session: Session, whose: Whose, sql: string) {
  try {
    return await session.rows(sql);
  } catch (error) {
    // DuckDB holds a sum of DECIMAL(38,18) in 128 bits.
    if (/Overflow in HUGEINT/.test(String(error))) throw tooMuch(whose, error);
    throw error;
  }
}

function exact(sum: unknown, whose: Whose): string {
  const parsed = parseDecimal(String(sum));
  if (!parsed.ok) throw tooMuch(whose);
  return decimalText(parsed.value);
}

function tooMuch({ sourceId, period }: Whose, cause?: unknown): BursarError {
  return new BursarError(
    'input',
    `the costs of ${period} add up to more than ${INTEGER_DIGITS} digits before the point`,
    {
      where: `bill:${sourceId}`,
      hint: 'Nothing of it was taken. No bill is that large: look for amounts in a wrong column or unit.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** First start and last end of the charges, ISO-8601 UTC; nulls with no rows. */
export async function spanOf(
  session: Session,
  periods: readonly ConvertedPeriod[],
): Promise<{ start: string | null; asOf: string | null }> {
  const parts = periods.flatMap((period) => period.parts);
  if (parts.length === 0) return { start: null, asOf: null };
  const form = `'%Y-%m-%dT%H:%M:%S.%gZ'`;
  const [row] = await session.rows(`SELECT strftime(min(ChargePeriodStart), ${form}) AS start,
      strftime(max(coalesce(ChargePeriodEnd, ChargePeriodStart)), ${form}) AS "end" FROM ${rowsOf(parts)}`);
  return { start: String(row?.['start']), asOf: String(row?.['end']) };
}

function rowsOf(parts: readonly Part[]): string {
  return `read_parquet(${list(parts.map(({ path }) => literal(path)))})`;
}
