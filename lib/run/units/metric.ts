import { counted } from '../../digest/counted.ts';
import { Decimal, parseDecimal } from '../../focus/decimal.ts';
import type { Lake, Row } from '../../lake/model.ts';
import { BursarError } from '../../platform/errors.ts';
import type { DailyMetric, MetricSource } from '../../sources/metrics/model.ts';

/** Days that an answer may have: more than a hundred years. */
const MOST_ROWS = 40_000;

/**
 * A number a day from a query of the lake, with the columns `day` and `value`. It runs as a query of a user: read only,
 * one statement, with limits.
 */
export function queryMetric(
  lake: Pick<Lake, 'query'>,
  sql: string,
  where: string,
  sources: readonly string[] | null,
): MetricSource {
  return {
    shownAs: 'a query of the lake',
    permissions: [],
    async read() {
      const { rows, truncated } = await lake.query(sql, sources, { rows: MOST_ROWS });
      if (truncated) throw refused(`more than ${MOST_ROWS} rows`, where);
      return metricOf(rows, where);
    },
  };
}

function metricOf(rows: readonly Row[], where: string): DailyMetric {
  if (rows.length === 0) throw refused('the query has no row', where);
  const values = new Map<string, Decimal>();
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const at = `${where} row ${index + 1}`;
    const [day, value] = ['day', 'value'].map((name) => cellOf(row, name, at));
    // A date, or midnight of one.
    const date = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00:00(?:\.0+)?(?:Z|\+00)?)?$/.exec(day ?? '')?.[1];
    if (date === undefined) throw refused(`${JSON.stringify(day)} is no day`, at);
    if (seen.has(date)) throw refused(`${date} a second time`, at);
    seen.add(date);
    if (value === null || value === undefined) continue;
    const parsed = parseDecimal(value);
    if (!parsed.ok) throw refused(parsed.reason, at);
    values.set(date, new Decimal(parsed.value));
  }
  const gaps = seen.size - values.size;
  return {
    values,
    zone: 'Days are those of the query; ChargePeriodStart counts days of UTC.',
    notes:
      gaps === 0
        ? []
        : [`${counted(gaps, 'row')} of the query ${gaps === 1 ? 'has' : 'have'} no value; a gap is no zero.`],
  };
}

function cellOf(row: Row, name: string, where: string): string | null {
  const key = Object.keys(row).find((each) => each.toLowerCase() === name);
  if (key === undefined)
    throw refused(`there is no column ${name}, only ${Object.keys(row).join(', ')}`, where);
  const value = row[key];
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw refused(`${name} is neither text nor number`, where);
}

function refused(what: string, where: string): BursarError {
  return new BursarError('input', what, {
    where,
    hint: 'Select one row a day: SELECT CAST(ChargePeriodStart AS DATE) AS day, ... AS value FROM ... GROUP BY 1.',
  });
}
