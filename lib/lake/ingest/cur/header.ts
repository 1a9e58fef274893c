import { BursarError } from '../../../platform/errors.ts';

/**
 * The header of a Cost and Usage Report, whichever of its three spellings it has: CUR 2.0
 * (`line_item_usage_start_date`, maps `resource_tags`, `cost_category`, `product`, `discount`), the Parquet of the
 * legacy report (the same, tags as `resource_tags_user_x`) and its CSV (`lineItem/UsageStartDate`,
 * `resourceTags/user:X`). Names are compared without case and punctuation, which makes the three one; the name of a
 * tag is not. Source: AWS Data Exports user guide, "Cost and Usage Report (CUR) 2.0" and "Data dictionary" of the
 * legacy report (docs.aws.amazon.com/cur/latest/userguide, read in November 2026).
 */
export interface CurHeader {
  /** Position of a column by its CUR 2.0 name; undefined where the report lacks it. */
  at(name: string): number | undefined;
  readonly tags: readonly CurTag[];
  readonly costCategories: readonly CurTag[];
  /** Columns that belong to no section of the report that is known. */
  readonly unknown: readonly string[];
}

/** A column that holds the values of one key. */
export interface CurTag {
  readonly key: string;
  readonly at: number;
}

/** Without these no line can be placed or counted. */
export const CUR_NEEDED = [
  'bill_payer_account_id',
  'line_item_currency_code',
  'line_item_line_item_type',
  'line_item_unblended_cost',
  'line_item_usage_start_date',
] as const;

/** Sections of the report; the rest of their columns (identity, instance attributes) has no place in FOCUS. */
const SECTIONS =
  /^(identity|bill|lineitem|pricing|product|reservation|savingsplan|resourcetags|costcategory|discount|splitlineitem|capacityreservation)/;
/** Partition columns that some readers add. */
const PARTITIONS = new Set(['year', 'month', 'billingperiod']);

const TAG_COLUMN = /^(?:resourceTags\/|resource_tags_)(.+)$/;
const CATEGORY_COLUMN = /^(?:costCategory\/|cost_category_)(.+)$/;

/** Reads the header. Throws an input error that names the columns without which nothing can be counted. */
export function curHeader(names: readonly string[], shownAs: string): CurHeader {
  const positions = new Map<string, number>();
  const tags: CurTag[] = [];
  const costCategories: CurTag[] = [];
  const unknown: string[] = [];
  const keys = new Set<string>();
  for (const [at, raw] of names.entries()) {
    const name = raw.trim();
    const [, tag] = TAG_COLUMN.exec(name) ?? [];
    const [, category] = CATEGORY_COLUMN.exec(name) ?? [];
    if (tag !== undefined) {
      // `user:team` and a `team` of another kind are two keys, never one.
      const key = tagKey(tag);
      tags.push({ key: keys.has(key) ? tag : key, at });
      keys.add(key);
    } else if (category !== undefined) costCategories.push({ key: category, at });
    else if (!SECTIONS.test(fold(name)) && !PARTITIONS.has(fold(name))) unknown.push(name);
    else if (!positions.has(fold(name))) positions.set(fold(name), at);
    else if (USED.has(fold(name)))
      throw new BursarError('input', `the column ${name} occurs twice`, {
        where: shownAs,
        hint: 'Nobody can say which of them is meant. Export the report again.',
      });
  }
  const missing = CUR_NEEDED.filter((name) => !positions.has(fold(name)));
  if (missing.length > 0)
    throw new BursarError('input', `not a Cost and Usage Report: it lacks ${missing.join(', ')}`, {
      where: shownAs,
      hint: 'Let the export select all columns of COST_AND_USAGE_REPORT.',
    });
  return { at: (name) => positions.get(fold(name)), tags, costCategories, unknown };
}

/** The layout that a header has; null: it is no Cost and Usage Report. */
export function curLayout(names: readonly string[]): 'cur-2.0' | 'cur-legacy' | null {
  const found = new Set(names.map(fold));
  if (!CUR_NEEDED.every((name) => found.has(fold(name)))) return null;
  // Only CUR 2.0 has maps, and names of accounts.
  return names.some((name) => /^(resource_tags|product|bill_payer_account_name)$/.test(name.trim()))
    ? 'cur-2.0'
    : 'cur-legacy';
}

/**
 * The key of a tag as AWS's own FOCUS export writes it: a user's tag by its bare name, one that AWS made with `aws:`
 * before it (FOCUS 1.2, column Tags: only provider-defined keys carry a prefix). Parquet writes both with an
 * underscore, and lower-cases the name: what case it had cannot be told any more.
 */
export function tagKey(raw: string): string {
  const [, kind, name = ''] = /^(user|aws)[:_](.+)$/.exec(raw) ?? [];
  if (kind === undefined) return raw;
  return kind === 'user' ? name : `aws:${name}`;
}

/** Without case and punctuation: `reservation/ReservationARN` is `reservation_reservation_a_r_n`. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

const USED: ReadonlySet<string> = new Set(
  [...CUR_NEEDED, 'line_item_net_unblended_cost', 'resource_tags', 'line_item_resource_id'].map(fold),
);
