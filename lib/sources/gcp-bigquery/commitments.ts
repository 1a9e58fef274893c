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

/**
 * Commitments in force, each as it is told with the latest end. `hourly` is what is paid an hour: since July 2025 at
 * committed prices, before at prices on demand ("Spend-based CUDs program improvements"); null where the unit is none
 * that is known.
 */
export function commitmentsOf(pages: readonly Page[], now: Date): BesideTable['rows'] {
  const newest = new Map<string, Readonly<Record<string, string | null>>>();
  for (const row of pages.flatMap(({ rows }) => rows)) {
    const { id = null, ...told } = Object.fromEntries(COLUMNS.map(([name], at) => [name, textIn(row[at])]));
    if (id === null) continue;
    const known = newest.get(id);
    if (known === undefined || timeOf(told['ends']) > timeOf(known['ends'])) newest.set(id, told);
  }
  return [...newest].flatMap(([id, { amount = null, unit = null, state = null, ...told }]) =>
    state?.toUpperCase() === 'ACTIVE' && timeOf(told['ends']) > now.getTime()
      ? [{ id, ...told, hourly: unit === '$/hr' ? amount : null, currency: unit === '$/hr' ? 'USD' : null }]
      : [],
  );
}

function timeOf(text: string | null | undefined): number {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

function textIn(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
