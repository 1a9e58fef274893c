import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { PeriodInPlace } from '../../sources/model.ts';
import { NO_ATTRIBUTION } from '../attribution/derived.ts';
import type { Extent, PeriodSnapshot } from '../manifest.ts';
import type { PeriodTotal, Row } from '../model.ts';
import { chargeEnd, numberIn, orEmpty, textIn, textOrNull } from '../queries/query.ts';
import { type InPlaceSource, ROUNDED } from './model.ts';
import { inPlaceView } from './view.ts';

/** This source with the rows of these billing periods alone. */
export function ofPeriods(source: InPlaceSource, periods: readonly string[]): InPlaceSource {
  return { ...source, rows: (wanted) => source.rows({ ...wanted, periods }) };
}

/**
 * A billing period that is asked where it lies from now on, as a snapshot without parts. Its table is looked at once:
 * it must hold the files that the biller's manifest names and no others, for what it lacks would be lost and what it
 * has besides (a second delivery of the period) would count twice, and nobody would be told.
 * @param id of the new snapshot
 * @throws BursarError `unavailable` where the table holds something else
 */
export async function periodInPlace(
  source: InPlaceSource,
  delivered: PeriodInPlace,
  id: string,
  now: Date,
): Promise<PeriodSnapshot> {
  const { period, bytes, fingerprint, reason } = delivered;
  const only = ofPeriods(source, [period]);
  const { files } = delivered;
  if (files !== null) mustBeThose(source, { ...delivered, files }, await filesIn(only));
  const d = source.engine.dialect;
  const sql = `
    SELECT ${orEmpty(d, 'ProviderName')} AS provider, ${orEmpty(d, 'BillingAccountId')} AS billing_account,
           ${orEmpty(d, 'SubAccountId')} AS sub_account, ${orEmpty(d, 'BillingCurrency')} AS currency,
           MIN(${d.name('ChargePeriodStart')}) AS first_start, MAX(${chargeEnd(d)}) AS last_end,
           COUNT(*) AS charges, SUM(${d.name('BilledCost')}) AS billed, SUM(${d.name('EffectiveCost')}) AS effective,
           SUM(${d.name(ROUNDED)}) AS rounded
    FROM costs GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
  const counted = { ...only, rows: (wanted = {}) => only.rows({ ...wanted, rounded: true }) };
  const view = await inPlaceView([counted], [], NO_ATTRIBUTION, sql);
  const rows = await source.engine.ask(view, sql, {});
  const charges = rows.reduce((sum, row) => sum + numberIn(row, 'charges'), 0);
  if (charges < (delivered.rows ?? 0))
    throw new BursarError(
      'unavailable',
      `${period} is to be asked by ${source.engine.id}, and the table ${source.table} has ${charges} of its ${delivered.rows} rows`,
      { where: delivered.where, hint: 'Name the table of the source, with all its rows.' },
    );
  // An engine that does not count them says NULL.
  const rounded = rows.flatMap((row) => (row['rounded'] === null ? [] : [numberIn(row, 'rounded')]));
  return {
    id,
    ingestedAt: now.toISOString(),
    rows: charges,
    bytes: 0,
    parts: [],
    columns: [],
    totals: totalsOf(rows),
    extents: extentsOf(rows),
    inPlace: {
      engine: source.engine.id,
      table: source.table,
      shownAs: source.engine.shownAs,
      bytes,
      fingerprint,
      reason,
      rounded: rounded.length < rows.length ? null : rounded.reduce((sum, each) => sum + each, 0),
    },
  };
}

/** Exact sums by provider and currency. */
function totalsOf(rows: readonly Row[]): PeriodTotal[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row['provider'], row['currency']]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const sum = (field: string) =>
      decimalText(
        group.reduce((total, row) => total.plus(decimal(textOrNull(row, field) ?? '0')), new Decimal(0)),
      );
    const [provider, currency] = [textIn(first, 'provider'), textIn(first, 'currency')];
    return [{ provider, currency, billed: sum('billed'), effective: sum('effective') }];
  });
}

/** Accounts of payers with the time that their charges span. */
function extentsOf(rows: readonly Row[]): Extent[] {
  const found = new Map<string, Extent>();
  for (const row of rows) {
    const extent: Extent = {
      provider: textIn(row, 'provider'),
      billingAccount: textIn(row, 'billing_account'),
      subAccount: textIn(row, 'sub_account'),
      start: textIn(row, 'first_start'),
      end: textIn(row, 'last_end'),
    };
    const key = JSON.stringify([extent.provider, extent.billingAccount, extent.subAccount]);
    const known = found.get(key);
    found.set(key, {
      ...extent,
      start: known === undefined || extent.start < known.start ? extent.start : known.start,
      end: known === undefined || extent.end > known.end ? extent.end : known.end,
    });
  }
  return [...found.values()];
}

/** Addresses of the files in which the table has rows. */
async function filesIn(source: InPlaceSource): Promise<string[]> {
  const d = source.engine.dialect;
  const sql = `SELECT DISTINCT ${d.name('x_SourceFile')} AS file FROM costs ORDER BY 1`;
  const view = await inPlaceView([source], [], NO_ATTRIBUTION, sql);
  return (await source.engine.ask(view, sql, {})).map((row) => textIn(row, 'file'));
}

function mustBeThose(
  { table, engine }: InPlaceSource,
  delivered: PeriodInPlace & { readonly files: readonly string[] },
  found: readonly string[],
): void {
  const { period, files } = delivered;
  const named = new Set(files.map(nameOf));
  // With "create new" each delivery has a folder of its own, and a table over the export holds them all.
  const isKept = ![...named].every((name) => name.startsWith('billing_period='));
  if (isKept)
    throw new BursarError(
      'config',
      `${period} cannot be asked by ${engine.id}: the export keeps every delivery, and a table over it would count them all`,
      {
        where: delivered.where,
        hint: 'Let the export overwrite its files (its delivery option in AWS Billing).',
      },
    );
  const held = new Set(found.map(nameOf));
  const missing = [...named].filter((name) => !held.has(name));
  const spare = [...held].filter((name) => !named.has(name));
  if (missing.length === 0 && spare.length === 0) return;
  const told = [
    ...(missing.length === 0
      ? []
      : [`it has no row of ${missing.length} of the ${files.length} files, such as ${missing[0]}`]),
    ...(spare.length === 0
      ? []
      : [`it has ${spare.length} files that the manifest does not name, such as ${spare[0]}`]),
  ];
  throw new BursarError(
    'unavailable',
    `${period} is to be asked by ${engine.id}, and the table ${table} does not hold what AWS delivered: ${told.join('; ')}`,
    {
      where: delivered.where,
      hint:
        spare.length === 0
          ? 'Add the folder of the period to the table (ALTER TABLE ... ADD PARTITION, or the crawler), and run again.'
          : 'Let the export overwrite its files, so that the folder of a period holds one delivery, and run again.',
    },
  );
}

/** Folder and name of a file: those that a copy of the export has, too. AWS writes the folder in either case. */
function nameOf(address: string): string {
  const [name = '', folder = ''] = address.split('/').toReversed();
  return `${folder.toLowerCase()}/${name}`;
}
