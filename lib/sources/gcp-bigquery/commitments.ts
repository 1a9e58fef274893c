import { isoText } from '../../lake/dialect/bigquery.ts';
import type { Page, Table, Value } from '../../platform/bigquery/model.ts';
import { quotedTable, shown } from '../../platform/bigquery/name.ts';
import { BursarError } from '../../platform/errors.ts';
import type { BesideTable } from '../model.ts';
import { fieldsIn } from './mapping.ts';
import { path, textOf } from './sql.ts';
import { everyPartition, partitionOf } from './survey.ts';

/** Name of the table of Google's spend-based commitments. */
export const SPEND_COMMITMENTS = 'spend-based commitments';

/**
 * Columns of the export of commitments (`cud_subscriptions_export`; Google Cloud documentation, "Structure of CUD
 * metadata export", April 2026). The page writes `commitent_amount`; either spelling is read.
 */
const COLUMNS = [
  ['id', 'subscription.instance_id'],
  ['name', 'subscription.display_name'],
  ['product', 'cud_product.display_name'],
  ['model', 'consumption_model.id'],
  ['region', 'region'],
  ['amount', 'commitent_amount.value', 'commitment_amount.value'],
  ['unit', 'commitent_amount.unit', 'commitment_amount.unit'],
  ['term', 'term'],
  ['starts', 'start_time'],
  ['ends', 'end_time'],
  ['state', 'state'],
] as const;

/**
 * Every commitment once, over all days that the export holds: it is a snapshot a day, and which of them is the newest
 * no column tells.
 * @throws BursarError (config) where the table is no such export
 */
export function commitmentsSql(table: Table, where: string): string {
  const has = fieldsIn(table.fields);
  const selected = COLUMNS.map(([name, ...paths]) => {
    const found = paths.find((each) => has(each) !== undefined);
    if (found === undefined)
      throw new BursarError(
        'config',
        `${shown(table.name)} is no export of commitments: it has no ${paths[0]}`,
        {
          where,
          hint: 'Name the table cud_subscriptions_export of the CUD metadata export.',
        },
      );
    const sql = has(found)?.type === 'TIMESTAMP' ? isoText(path(found)) : textOf(has, found);
    return `${sql} AS ${path(name)}`;
  });
  const partition = partitionOf(table);
  const filter =
    table.partition?.filterRequired === true && partition !== null ? everyPartition(partition) : 'TRUE';
  return `SELECT DISTINCT ${selected.join(', ')} FROM ${quotedTable(table.name)} WHERE ${filter} ORDER BY 1`;
}

/** States before the active one; which there are Google does not document beside `Active` and `Expired`. */
const NOT_YET = /pending|scheduled|creating|not.?started/i;

/**
 * Commitments in force, each as it is told with the latest end. `hourly` is what is paid an hour: since July 2025 at
 * committed prices, before at prices on demand ("Spend-based CUDs program improvements"); null where the unit is none
 * that is known, or snapshots with one end tell several amounts: which is the newest nobody knows. For the same reason
 * what is told both as active and as over is not in force.
 */
export function commitmentsOf(pages: readonly Page[], now: Date): BesideTable['rows'] {
  const told = pages
    .flatMap(({ rows }) => rows)
    .map((row) => Object.fromEntries(COLUMNS.map(([name], at) => [name, textIn(row[at])])));
  return [...Map.groupBy(told, ({ id }) => id ?? null)].flatMap(([id, snapshots]) => {
    if (id === null) return [];
    const end = Math.max(...snapshots.map(({ ends }) => timeOf(ends)));
    const latest = snapshots.filter(({ ends, state }) => timeOf(ends) === end && !NOT_YET.test(state ?? ''));
    const [newest] = latest;
    const isActive = latest.every(({ state }) => state?.toUpperCase() === 'ACTIVE');
    if (newest === undefined || !isActive || end <= now.getTime()) return [];
    const amounts = new Set(latest.map(({ amount, unit }) => (unit === '$/hr' ? (amount ?? null) : null)));
    const hourly = amounts.size === 1 ? ([...amounts][0] ?? null) : null;
    const { name = null, product = null, model = null, region = null, term = null, starts = null } = newest;
    return [
      {
        id,
        name,
        product,
        model,
        region,
        term,
        starts,
        ends: newest['ends'] ?? null,
        hourly,
        currency: hourly === null ? null : 'USD',
      },
    ];
  });
}

function timeOf(text: string | null | undefined): number {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

function textIn(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
