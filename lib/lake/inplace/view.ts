import { type Attribution, withDerived } from '../attribution/derived.ts';
import type { Dialect } from '../dialect/model.ts';
import type { Account } from '../model.ts';
import type { InPlaceRows, InPlaceSource, WantedRows } from './model.ts';

/** Accounts of one billing period (`YYYY-MM`) whose rows another source tells: see precedence.ts. */
export interface Without {
  readonly sourceId: string;
  readonly period: string;
  readonly accounts: readonly Account[];
}

/**
 * The SELECT that `costs` stands for over tables of one engine, as costsSql makes it over local parts.
 * @param asked the query that names all columns that it wants; left out where any may be wanted
 */
export async function inPlaceView(
  sources: readonly InPlaceSource[],
  without: readonly Without[],
  attribution: Attribution,
  asked?: string,
): Promise<string> {
  const [first] = sources;
  if (first === undefined) throw new RangeError('no source is asked in place');
  const { dialect } = first.engine;
  const whole = await united(sources, without, dialect);
  const derived = withDerived(dialect, whole.sql, whole.columns, attribution, asked);
  // Nothing is derived: what the query does not name need not be read, nor planned.
  if (derived !== whole.sql || asked === undefined) return derived;
  const text = asked.toLowerCase();
  const keys = without.length === 0 ? [] : KEYS;
  return (
    await united(sources, without, dialect, {
      column: (name) => keys.includes(name) || text.includes(name.toLowerCase()),
    })
  ).sql;
}

const KEYS = ['BillingPeriodStart', 'BillingAccountId', 'SubAccountId'];

/** The rows of all sources; a column that only some have is NULL in the others. */
async function united(
  sources: readonly InPlaceSource[],
  without: readonly Without[],
  d: Dialect,
  wanted?: WantedRows,
): Promise<InPlaceRows> {
  const all = await Promise.all(sources.map((source) => source.rows(wanted)));
  const columns = [
    ...new Map(all.flatMap((rows) => rows.columns).map((name) => [name.toLowerCase(), name])).values(),
  ];
  const selects = all.map((rows, at) => {
    const own = new Set(rows.columns.map((name) => name.toLowerCase()));
    const out = without.filter(({ sourceId }) => sourceId === sources[at]?.sourceId);
    if (all.length === 1 && out.length === 0) return rows.sql;
    const values = columns.map((name) =>
      own.has(name.toLowerCase()) ? d.name(name) : `NULLIF('', '') AS ${d.name(name)}`,
    );
    return `SELECT ${values.join(', ')} FROM (${rows.sql}) AS bill${at}${leaving(d, out)}`;
  });
  return { sql: selects.join(' UNION ALL '), columns };
}

function leaving(d: Dialect, without: readonly Without[]): string {
  if (without.length === 0) return '';
  const column = (name: string) => `COALESCE(${d.name(name)}, '')`;
  const left = without.map(({ period, accounts }) => {
    const pairs = accounts.map(
      ({ billingAccount, subAccount }) =>
        `${column('BillingAccountId')} = ${d.text(billingAccount)} AND ${column('SubAccountId')} = ${d.text(subAccount)}`,
    );
    return `NOT (${d.month(d.name('BillingPeriodStart'))} = ${d.text(period)} AND (${pairs.join(' OR ')}))`;
  });
  return ` WHERE ${left.join(' AND ')}`;
}
