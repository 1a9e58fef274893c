import { columnSql, textSql } from '../column-sql.ts';
import { quoted } from '../sql-text.ts';
import { BILL_YEARS } from '../value-sql.ts';
import { CUR_COLUMNS, type CurColumn } from './columns.ts';
import type { CurHeader } from './header.ts';
import { mapIsUnreadable, pairsOfColumns, pairsOfMap, type RawColumn, valueOfMap } from './pairs-sql.ts';

/** The lines of one staged report with typed columns under their CUR 2.0 names, whatever its spelling. */
export interface CurRelation {
  /** A SELECT with every column of `CUR_COLUMNS` (null where the report lacks it), `tags` and other JSON, `fault`. */
  readonly sql: string;
  /** Is the column in the report? */
  has(name: CurColumn): boolean;
  /** Kinds of repairs, as flags over the relation. */
  readonly repairs: readonly { readonly kind: string; readonly when: string }[];
}

const KINDS = ['text', 'datetime', 'money', 'decimal'] as const;

/**
 * Money is read exactly: a text as it stands, a DOUBLE as its shortest decimal. What cannot be read so becomes
 * `fault`, the reason that its line is rejected with.
 * @param from `read_parquet(...)` of the staged file.
 * @param staged name and DuckDB type of every staged column, in the order of the header.
 */
export function curRelation(
  header: CurHeader,
  from: string,
  staged: readonly { readonly name: string; readonly type: string }[],
  csv: boolean,
): CurRelation {
  const used = new Set<number>();
  const column = (at: number): RawColumn => {
    used.add(at);
    return { sql: `input.${quoted(`raw ${at}`)}`, type: staged[at]?.type ?? 'VARCHAR' };
  };
  const texts: string[] = [];
  const values: string[] = [];
  const faults: string[] = [];
  const repairs: { kind: string; when: string }[] = [];
  for (const kind of KINDS)
    for (const name of CUR_COLUMNS[kind]) {
      const at = header.at(name);
      const made = `input.${quoted(name)}`;
      const target = { name, kind, nullable: true, level: 'conditional', made } as const;
      if (at === undefined) {
        values.push(`${columnSql(target, []).value} AS ${quoted(name)}`);
        continue;
      }
      const raw = column(at);
      const text = `input.${quoted(`text ${name}`)}`;
      texts.push(`${textSql(target, { ...raw, csv })} AS ${quoted(`text ${name}`)}`);
      const read = columnSql(target, [{ ...raw, text, csv }]);
      values.push(`${read.value} AS ${quoted(name)}`);
      for (const { when, reason } of read.rejects) faults.push(`WHEN ${when} THEN ${reason}`);
      for (const repair of read.repairs) if (telling(repair.kind)) repairs.push(repair);
      if (kind === 'datetime' && name.startsWith('line_item_usage_start'))
        faults.push(
          `WHEN ${raw.sql} IS NOT NULL AND ${text} IS NOT NULL AND ${made} IS NULL
            THEN '${name} is no ISO 8601 time from ${BILL_YEARS.first} to ${BILL_YEARS.last}: ' || left(${text}, 60)`,
        );
    }

  const map = (name: string): RawColumn | null => {
    const at = header.at(name);
    return at === undefined ? null : column(at);
  };
  const object = (name: string, list: 'cur_tag_texts' | 'cur_texts', more: string | null): string => {
    const held = map(name);
    const parts = [
      ...(held === null ? [] : [`${list}(${pairsOfMap(held)})`]),
      ...(more === null ? [] : [more]),
    ];
    if (parts.length === 0) return 'CAST(NULL AS VARCHAR)';
    return `cur_object(${parts.length === 1 ? parts[0] : `list_concat(${parts.join(', ')})`})`;
  };
  const columns = (keys: CurHeader['tags']): string | null =>
    keys.length === 0 ? null : pairsOfColumns(keys, column);
  values.push(`${object('resource_tags', 'cur_tag_texts', columns(header.tags))} AS tags`);
  values.push(`${object('cost_category', 'cur_texts', columns(header.costCategories))} AS cost_categories`);
  values.push(`${object('discount', 'cur_texts', null)} AS discounts`);
  const product = map('product');
  values.push(
    `${product === null ? 'CAST(NULL AS VARCHAR)' : valueOfMap(product, 'product_name')} AS product_name`,
  );
  for (const name of ['resource_tags', 'cost_category', 'discount']) {
    const held = map(name);
    const when = held === null ? null : mapIsUnreadable(held);
    if (when !== null) repairs.push({ kind: `${name} cannot be read (set to null)`, when });
  }

  const raws = [...used].map((at) => `${quoted(staged[at]?.name ?? '')} AS ${quoted(`raw ${at}`)}`);
  const withTexts = `(SELECT *, ${texts.join(', ')} FROM (SELECT ${raws.join(', ')} FROM ${from}) AS input)`;
  const withValues = `(SELECT *, ${values.join(', ')} FROM ${withTexts} AS input)`;
  return {
    sql: `(SELECT *, CASE ${faults.join(' ')} END AS fault FROM ${withValues} AS input)`,
    has: (name) => header.at(name) !== undefined,
    repairs,
  };
}

/** Blank and NULL texts are how a report says nothing; what was lost or rounded is told. */
function telling(kind: string): boolean {
  return kind === 'rounded to 18 places' || kind.endsWith('(set to null)');
}
