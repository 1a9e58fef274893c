import { sqlText } from './sql.ts';

/** One rule of a dimension, as the config writes it; the first rule that gives a value wins. */
export type DimensionRule =
  | { readonly tag: string }
  | { readonly account: Readonly<Record<string, string>> }
  | { readonly project: Readonly<Record<string, string>> };

/** Dimensions by name: `team` becomes the column `x_team` of `costs`. */
export type Dimensions = Readonly<Record<string, readonly DimensionRule[]>>;

/** Value of a dimension where no rule gives one. */
export const UNALLOCATED = 'unallocated';

/** The column of `costs` that a dimension becomes. */
export const dimensionColumn = (name: string) => `x_${name}`;

/**
 * The SQL expression of a dimension. A tag's value counts where it is not blank. An account (AWS account id, GCP
 * project id) is SubAccountId, and BillingAccountId where a bill has no sub-account.
 */
export function dimensionSql(rules: readonly DimensionRule[]): string {
  const values = rules.map(ruleSql).filter((sql) => sql !== null);
  return values.length === 0
    ? sqlText(UNALLOCATED)
    : `COALESCE(${[...values, sqlText(UNALLOCATED)].join(', ')})`;
}

function ruleSql(rule: DimensionRule): string | null {
  if ('tag' in rule) return `NULLIF(TRIM(json_extract_string("Tags", ${sqlText(pointer(rule.tag))})), '')`;
  const byId = Object.entries('account' in rule ? rule.account : rule.project);
  if (byId.length === 0) return null;
  const cases = byId.map(([id, value]) => `WHEN ${sqlText(id)} THEN ${sqlText(value)}`);
  return `CASE COALESCE("SubAccountId", "BillingAccountId") ${cases.join(' ')} END`;
}

/** RFC 6901 JSON pointer to a key of the top level, whatever characters it has. */
function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
