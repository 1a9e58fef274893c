import { bigqueryText, exactDouble, halfEven } from '../../lake/dialect/bigquery.ts';
import type { Field } from '../../platform/bigquery/model.ts';
import { SERVICE_CATEGORIES } from './data/service-categories.ts';
import { isFloat } from './mapping.ts';

/** A path of names, each quoted: `\`usage\`.\`amount\``. */
export function path(...names: readonly string[]): string {
  return names
    .flatMap((name) => name.split('.'))
    .map((name) => `\`${name}\``)
    .join('.');
}

/** A number of any type as BIGNUMERIC with at most 18 places, exactly or half-even; NULL where it cannot be one. */
export function exact(sql: string, field: Field): string {
  if (isFloat(field)) return exactDouble(sql);
  return field.type === 'BIGNUMERIC' ? halfEven(sql) : `CAST(${sql} AS BIGNUMERIC)`;
}

/** The quoted name of a text field of a RECORD, or NULL where the table does not have it. */
export function textOf(has: (path: string) => Field | undefined, name: string): string {
  return has(name) === undefined ? 'CAST(NULL AS STRING)' : `CAST(${path(name)} AS STRING)`;
}

/** ServiceCategory of a service by its description; `Other` where the table of categories does not know it. */
export function serviceCategory(service: string): string {
  const whens = Object.entries(SERVICE_CATEGORIES).map(
    ([category, services]) =>
      `WHEN LOWER(TRIM(${service})) IN (${services.map((name) => bigqueryText(name.toLowerCase())).join(', ')}) THEN ${bigqueryText(category)}`,
  );
  return `CASE ${whens.join(' ')} ELSE 'Other' END`;
}

/** ServiceSubcategory of FOCUS 1.2 where nothing finer than the category is known. */
export function otherOf(category: string): string {
  return `CONCAT('Other (', ${category}, ')')`;
}

/** A list of pairs in a table: its path, the names of its key and value, and which comes first (lowest wins). */
export interface Pairs {
  readonly path: string;
  readonly key: string;
  readonly value: string;
  readonly rank: number;
  /** Condition over the pair `p`. */
  readonly where?: string;
}

/**
 * Pairs of several lists as the text of one JSON object, keys in order. Of equal keys the list of the lowest rank
 * wins. It is put together as text, so a key named `__proto__` is a key like any other.
 */
export function tagsJson(lists: readonly Pairs[]): string {
  if (lists.length === 0) return `'{}'`;
  const pairs = lists.map(
    ({ path: list, key, value, rank, where }) =>
      `SELECT p.${path(key)} AS k, p.${path(value)} AS v, ${rank} AS r FROM UNNEST(${list}) AS p WHERE ${where ?? 'TRUE'}`,
  );
  return `CONCAT('{', ARRAY_TO_STRING(ARRAY(SELECT CONCAT(TO_JSON_STRING(k), ':', TO_JSON_STRING(IFNULL(v, '')))
    FROM (SELECT k, ARRAY_AGG(v ORDER BY r, v LIMIT 1)[OFFSET(0)] AS v FROM (${pairs.join(' UNION ALL ')})
      WHERE k IS NOT NULL GROUP BY k) ORDER BY k), ','), '}')`;
}

/** A list as JSON text; NULL where it is empty. */
export function listJson(list: string): string {
  return `IF(ARRAY_LENGTH(${list}) > 0, TO_JSON_STRING(${list}), NULL)`;
}

/** Midnight of the first day of an invoice month (`YYYYMM`) and of the next, Pacific time. */
export function invoiceMonth(month: string): { start: string; end: string } {
  // Google's own FOCUS view reads invoice.month so; a month of billing begins at midnight in Los Angeles.
  const first = `PARSE_DATE('%Y%m', ${month})`;
  return {
    start: `TIMESTAMP(${first}, 'America/Los_Angeles')`,
    end: `TIMESTAMP(DATE_ADD(${first}, INTERVAL 1 MONTH), 'America/Los_Angeles')`,
  };
}

export function noText(): string {
  return 'CAST(NULL AS STRING)';
}
