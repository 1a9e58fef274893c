import type { Dialect } from './dialect/model.ts';

/** A value by id: of an account, a project, a workspace, a key, an inference profile. */
export type ValueById = Readonly<Record<string, string>>;

/** One rule of a dimension, as the config writes it; the first rule that gives a value wins. */
export type DimensionRule =
  | { readonly tag: string }
  /** The tag of the account that a charge is of: made rules of `account` before anybody asks (account-tags.ts). */
  | { readonly accountTag: string }
  | { readonly account: ValueById }
  | { readonly project: ValueById }
  | { readonly workspace: ValueById }
  | { readonly key: ValueById }
  | { readonly profile: ValueById }
  | { readonly column: string; readonly values?: ValueById | undefined };

/** Dimensions by name: `team` becomes the column `x_team` of `costs`. */
export type Dimensions = Readonly<Record<string, readonly DimensionRule[]>>;

/** Value of a dimension where no rule gives one. */
export const UNALLOCATED = 'unallocated';

/** The column of `costs` that a dimension becomes. */
export const dimensionColumn = (name: string) => `x_${name}`;

/** Dimensions that need no rules of the config: what the bill itself says. */
const OWN_DIMENSIONS: Dimensions = {
  model: [{ column: 'x_model' }, { column: 'x_AiModel' }],
  model_version: [{ column: 'x_model_version' }, { column: 'x_AiModelVersion' }],
  data_source: [{ column: 'x_data_source' }, { column: 'x_Source' }],
};

/** Dimensions that people ask for by name; unallocated throughout until the config gives them rules. */
const ASKED_FOR = ['team', 'product', 'feature', 'customer', 'environment', 'cost_centre', 'agent'] as const;

/**
 * The dimensions of `costs`: those of the config, and those that every company has. A column of that name that a
 * bill brings itself gives the values of a dimension for which the config has no rule.
 */
export function allDimensions(configured: Dimensions): Dimensions {
  const asked = ASKED_FOR.map((name) => [name, [{ column: dimensionColumn(name) }]] as const);
  return { ...Object.fromEntries(asked), ...OWN_DIMENSIONS, ...configured };
}

/** The expression of a text column by its name; null where the bills have no such column. */
export type ColumnSql = (column: string) => string | null;

/**
 * The SQL expression of a dimension. A value counts where it is not blank. An account (AWS account id, GCP
 * project id, a vendor's project or workspace) is SubAccountId, and BillingAccountId where a bill has no
 * sub-account. A column that the bills do not have gives no value.
 */
export function dimensionSql(d: Dialect, rules: readonly DimensionRule[], resolve: ColumnSql): string {
  const values = rules.map((rule) => ruleSql(d, rule, resolve)).filter((sql) => sql !== null);
  return values.length === 0
    ? d.text(UNALLOCATED)
    : `COALESCE(${[...values, d.text(UNALLOCATED)].join(', ')})`;
}

function ruleSql(d: Dialect, rule: DimensionRule, resolve: ColumnSql): string | null {
  const filled = (text: string) => `NULLIF(${d.trim(text)}, '')`;
  const account = `COALESCE(${d.name('SubAccountId')}, ${d.name('BillingAccountId')})`;
  if ('tag' in rule) return filled(d.jsonText(d.name('Tags'), rule.tag));
  if ('accountTag' in rule) return null;
  if ('account' in rule) return byId(d, account, rule.account);
  if ('project' in rule) return byId(d, account, rule.project);
  if ('workspace' in rule) return byId(d, account, rule.workspace);
  if ('key' in rule) return byId(d, resolve('x_ApiKeyId'), rule.key);
  if ('profile' in rule) return byProfile(d, resolve('x_InferenceProfile'), rule.profile);
  const text = resolve(rule.column);
  if (text === null) return null;
  return rule.values === undefined ? filled(text) : byId(d, text, rule.values);
}

function byId(d: Dialect, text: string | null, values: ValueById): string | null {
  const cases = Object.entries(values).map(([id, value]) => `WHEN ${d.text(id)} THEN ${d.text(value)}`);
  return text === null || cases.length === 0 ? null : `CASE ${text} ${cases.join(' ')} END`;
}

/** A profile is named by its ARN or by the id at its end, which AWS makes unique. */
function byProfile(d: Dialect, text: string | null, values: ValueById): string | null {
  if (text === null) return null;
  const id = `COALESCE(${d.capture(text, '([^/]+)$')}, ${text})`;
  const whole = Object.entries(values).filter(([name]) => name.includes('/'));
  const short = Object.entries(values).filter(([name]) => !name.includes('/'));
  const cases = [byId(d, text, Object.fromEntries(whole)), byId(d, id, Object.fromEntries(short))];
  const found = cases.filter((sql) => sql !== null);
  return found.length === 2 ? `COALESCE(${found.join(', ')})` : (found[0] ?? null);
}

/** The value of a rule for a resource that is known by its account and tags; null where it gives none. */
export function ruleValue(
  rule: DimensionRule,
  accountId: string,
  tags: Readonly<Record<string, string>>,
): string | null {
  if ('tag' in rule) {
    const value = Object.hasOwn(tags, rule.tag) ? (tags[rule.tag] ?? '').trim() : '';
    return value === '' ? null : value;
  }
  const values =
    'account' in rule
      ? rule.account
      : 'project' in rule
        ? rule.project
        : 'workspace' in rule
          ? rule.workspace
          : {};
  return Object.hasOwn(values, accountId) ? (values[accountId] ?? null) : null;
}
