/**
 * Google's FOCUS export (`gcp_billing_export_focus_*`, preview), or a view of the same columns, as rows of FOCUS 1.2.
 * Its columns are taken as they are; added is what it lacks (November 2026: no Tags, ServiceCategory, ChargeFrequency,
 * InvoiceIssuerName, no columns of commitments; labels and project are in `x_` records of its own).
 *
 * BilledCost and EffectiveCost of the export are net of credits already, as Google's FOCUS view defines them
 * ("FinOps FOCUS guide", BigQuery view): `x_Credits` explains them and is not subtracted again.
 */

import { FOCUS_COLUMNS } from '../../focus/columns.ts';
import { bigqueryText, halfEven } from '../../lake/dialect/bigquery.ts';
import type { Field, Table } from '../../platform/bigquery/model.ts';
import { quotedTable } from '../../platform/bigquery/name.ts';
import { type CreditList, creditGroups, creditSum } from './credits.ts';
import { fieldsIn, isNumber, type MappedColumn, type Mapping, sumColumn, textColumn } from './mapping.ts';
import { exact, listJson, otherOf, type Pairs, path, serviceCategory, tagsJson, textOf } from './sql.ts';

type Has = (path: string) => Field | undefined;

/** Columns of one row of a table that add up over rows: the others are its attributes and prices. */
const SUMS = new Set([
  'BilledCost',
  'EffectiveCost',
  'ListCost',
  'ContractedCost',
  'ConsumedQuantity',
  'PricingQuantity',
  'CommitmentDiscountQuantity',
  'PricingCurrencyEffectiveCost',
]);

export function focusMapping(table: Table): Mapping {
  const has = fieldsIn(table.fields);
  const billed = number(has, 'BilledCost');
  return {
    layout: 'focus',
    month: `FORMAT_TIMESTAMP('%Y%m', ${path('BillingPeriodStart')}, 'UTC')`,
    exportTime: has('x_ExportTime') === undefined ? null : path('x_ExportTime'),
    billed,
    from: (where) =>
      `(SELECT t.*, ${path('ChargePeriodStart')} AS b_start, ${end(has)} AS b_end FROM ${quotedTable(table.name)} AS t WHERE ${where})`,
    columns: [...standard(has), ...own(has)],
  };
}

function end(has: Has): string {
  return has('ChargePeriodEnd') === undefined ? path('ChargePeriodStart') : path('ChargePeriodEnd');
}

function number(has: Has, name: string): string {
  const field = has(name);
  if (field === undefined) return 'CAST(NULL AS BIGNUMERIC)';
  if (isNumber(field)) return exact(path(name), field);
  return halfEven(`SAFE_CAST(${path(name)} AS BIGNUMERIC)`);
}

/** The columns of FOCUS 1.2 that the table has or that can be told from others. */
function standard(has: Has): MappedColumn[] {
  const made = derived(has);
  return FOCUS_COLUMNS.flatMap((column): MappedColumn[] => {
    const { name, kind } = column;
    const known = made[name];
    if (known !== undefined) return [known];
    if (has(name) === undefined) return [];
    if (kind === 'datetime') return [{ name, kind: 'time', sql: path(name) }];
    if (kind === 'money' || kind === 'decimal')
      return [{ name, kind: SUMS.has(name) ? 'sum' : 'decimal', sql: number(has, name) }];
    const text = textOf(has, name);
    return [{ name, kind: 'text', sql: column.allowed === undefined ? text : cased(text, column.allowed) }];
  });
}

/** An allowed value in whatever case, as FOCUS writes it (Google's view writes `usage`, `correction`). */
function cased(text: string, allowed: readonly string[]): string {
  const whens = allowed.map(
    (value) => `WHEN ${bigqueryText(value.toLowerCase())} THEN ${bigqueryText(value)}`,
  );
  return `CASE LOWER(TRIM(${text})) ${whens.join(' ')} ELSE ${text} END`;
}

function derived(has: Has): Readonly<Record<string, MappedColumn>> {
  const text = (name: string, sql: string): Record<string, MappedColumn> =>
    has(name) === undefined ? { [name]: { name, kind: 'text', sql } } : {};
  const charge = `LOWER(IFNULL(${textOf(has, 'ChargeCategory')}, 'usage'))`;
  const category =
    has('ServiceCategory') === undefined
      ? serviceCategory(`IFNULL(${textOf(has, 'ServiceName')}, '')`)
      : `IFNULL(${textOf(has, 'ServiceCategory')}, 'Other')`;
  const billed = number(has, 'BilledCost');
  const project = textOf(has, 'x_Project.Id');
  const fee = `STARTS_WITH(LOWER(IFNULL(${textOf(has, 'ChargeDescription')}, '')), 'commitment')`;
  return {
    ListCost: sumColumn('ListCost', `COALESCE(${number(has, 'ListCost')}, ${billed})`),
    ContractedCost: sumColumn('ContractedCost', `COALESCE(${number(has, 'ContractedCost')}, ${billed})`),
    // The early view put the billing account here; what answers for a charge is its project.
    SubAccountId: {
      name: 'SubAccountId',
      kind: 'text',
      sql: `COALESCE(${project}, NULLIF(${textOf(has, 'SubAccountId')}, ${textOf(has, 'BillingAccountId')}))`,
    },
    SubAccountName: {
      name: 'SubAccountName',
      kind: 'text',
      sql: `COALESCE(${textOf(has, 'x_Project.Name')}, ${textOf(has, 'SubAccountName')})`,
    },
    ...text('InvoiceIssuerName', `'Google Cloud'`),
    ...text('ServiceCategory', category),
    ...text('ServiceSubcategory', otherOf(category)),
    ...text(
      'ChargeFrequency',
      `CASE WHEN ${charge} = 'usage' AND ${fee} THEN 'Recurring' WHEN ${charge} = 'usage' THEN 'Usage-Based' ELSE 'One-Time' END`,
    ),
    ...text('SubAccountType', `IF(${project} IS NULL, NULL, 'Project')`),
    // A table that has Tags of its own may write them as records or as JSON.
    Tags: { name: 'Tags', kind: 'text', sql: tags(has) },
  };
}

function tags(has: Has): string {
  const type = has('Tags')?.type;
  if (type === 'STRING') return path('Tags');
  if (type === 'JSON') return `TO_JSON_STRING(${path('Tags')})`;
  return tagsJson([
    ...pairs(has, 'x_Labels', 1),
    ...pairs(has, 'Tags', 2),
    ...pairs(has, 'x_Tags', 2, inherits(has) ? 'NOT IFNULL(p.x_Inherited, FALSE)' : undefined),
    ...(inherits(has) ? pairs(has, 'x_Tags', 3, 'IFNULL(p.x_Inherited, FALSE)') : []),
    ...pairs(has, 'x_ProjectLabels', 4),
  ]);
}

function inherits(has: Has): boolean {
  return has('x_Tags.x_Inherited') !== undefined;
}

function pairs(has: Has, list: string, rank: number, where?: string): Pairs[] {
  const key = has(`${list}.Key`);
  const value = has(`${list}.Value`);
  if (key === undefined || value === undefined || has(list)?.mode !== 'REPEATED') return [];
  return [
    { path: path(list), key: key.name, value: value.name, rank, ...(where === undefined ? {} : { where }) },
  ];
}

/** The `x_` columns: the names of those that the detailed export becomes, too, and scalars of the export's own. */
function own(has: Has): MappedColumn[] {
  const list = (name: string, from: string): MappedColumn[] =>
    has(from) === undefined ? [] : [textColumn(name, listJson(path(from)))];
  const renamed = (name: string, from: string): MappedColumn[] =>
    has(from) === undefined ? [] : [textColumn(name, textOf(has, from))];
  const amount = has('x_Credits.Amount');
  const credits: CreditList | null =
    amount === undefined
      ? null
      : {
          list: path('x_Credits'),
          amount: 'Amount',
          type: 'Type',
          id: 'Id',
          name: 'FullName',
          field: amount,
        };
  return [
    ...renamed('x_ConsumptionModel', 'x_ConsumptionModelId'),
    ...renamed('x_CostType', 'x_CostType'),
    ...(credits === null
      ? []
      : [
          { name: 'x_Credits', kind: 'sum', sql: creditSum(credits) } as const,
          ...creditGroups(credits).map(({ name, sql }) => ({ name, kind: 'sum', sql }) as const),
        ]),
    ...renamed('x_CurrencyConversionRate', 'x_CurrencyConversionRate'),
    textColumn(
      'x_InferredColumns',
      `'${['ChargeFrequency', 'InvoiceIssuerName', 'ServiceCategory', 'ServiceSubcategory'].filter((name) => has(name) === undefined).join(',')}'`,
    ),
    ...renamed('x_Location', 'x_Location'),
    ...list('x_ProjectAncestors', 'x_Project.Ancestors'),
    ...renamed('x_ProjectAncestry', 'x_Project.AncestryNumbers'),
    ...list('x_ProjectLabels', 'x_ProjectLabels'),
    ...renamed('x_ProjectNumber', 'x_Project.Number'),
    ...list('x_ResourceLabels', 'x_Labels'),
    ...list('x_ResourceTags', 'x_Tags'),
    ...renamed('x_ServiceId', 'x_ServiceId'),
    ...renamed('x_SubscriptionId', 'x_SubscriptionInstanceId'),
    ...list('x_SystemLabels', 'x_SystemLabels'),
  ];
}
