import { BursarError } from '../../../platform/errors.ts';
import type { Session } from '../session.ts';
import { literal, quoted } from '../sql-text.ts';
import type { CurHeader } from './header.ts';
import { PAIR_MACROS } from './pairs-sql.ts';
import { type CurRelation, curRelation } from './relation.ts';
import { FOCUS_RULES, isKnownType, lineSql, NEEDED_BY_TYPE, RULE_MACROS } from './rules.ts';

/** The columns that every report becomes, in this order; the last tells why a line is rejected. */
export const CUR_FOCUS_NAMES: readonly string[] = FOCUS_RULES.map(([name]) => name);

/** Name of the column with the reason of a reject, behind those of `CUR_FOCUS_NAMES`. */
export const FAULT = 'cur fault';

/** Name of the column that tells the unused part of a fee from the line itself. */
const ADDED = 'cur added';

export interface CurToFocus {
  /** Rows beside those of the report: the unused part of a fee. */
  readonly added: number;
  readonly warnings: readonly string[];
  readonly repairs: readonly { readonly kind: string; readonly count: number }[];
}

/**
 * Turns a staged report into Parquet with FOCUS columns, a row a line in the order of the report, then one row for
 * each fee that was not used up. Streams: no more than DuckDB's row groups are in memory.
 * @param csv columns are named `c0`, `c1` ... as those of a staged CSV.
 * @throws BursarError `input` where lines need a column that the report lacks.
 */
export async function curToFocus(
  session: Session,
  report: { readonly path: string; readonly rows: number; readonly shownAs: string },
  header: CurHeader,
  to: string,
  csv: boolean,
): Promise<CurToFocus> {
  for (const macro of [...PAIR_MACROS, ...RULE_MACROS]) await session.run(macro);
  const from = `read_parquet(${literal(report.path)}, binary_as_string = true)`;
  const staged = (await session.rows(`DESCRIBE SELECT * FROM ${from}`)).map((row) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
  }));
  const relation = curRelation(header, from, staged, csv);
  const profile = await profileOf(session, relation, report.shownAs);

  const shared = lineSql(profile.netAmountsAreSpread);
  const named = (names: readonly string[]): string =>
    names.map((name) => `${shared[name] ?? 'NULL'} AS ${quoted(name)}`).join(', ');
  const lines = `(SELECT *, ${named(['unused'])} FROM (SELECT *, ${named(Object.keys(shared).filter((name) => name !== 'unused'))},
      CASE WHEN lower(bill_invoice_id) = 'estimated' THEN NULL ELSE bill_invoice_id END AS invoice
    FROM ${relation.sql} AS input) AS line)`;
  const row = (at: 1 | 2): string =>
    FOCUS_RULES.map((rule, index) => `${rule[at]} AS ${quoted(csv ? `c${index}` : rule[0])}`).join(', ');
  const fault = `CASE WHEN fault IS NOT NULL THEN fault
    WHEN line_item_line_item_type IS NULL THEN 'line_item_line_item_type is missing'
    WHEN line_item_line_item_type = 'SavingsPlanRecurringFee' AND unused IS NULL
      THEN 'savings_plan_total_commitment_to_date and savings_plan_used_commitment do not tell what is unused'
    WHEN line_item_line_item_type = 'RIFee' AND unused IS NULL AND coalesce(reservation_unused_recurring_fee,
        reservation_net_unused_recurring_fee, reservation_unused_amortized_upfront_fee_for_billing_period,
        reservation_net_unused_amortized_upfront_fee_for_billing_period) IS NOT NULL
      THEN 'the unused parts of the fee have more than 20 digits before the point'
    END`;
  await session.run('SET preserve_insertion_order = true');
  await session.run(`COPY (
      SELECT ${row(1)}, ${fault} AS ${quoted(FAULT)}, false AS ${quoted(ADDED)} FROM ${lines} AS line
      UNION ALL
      SELECT ${row(2)}, NULL, true FROM ${lines} AS line
      WHERE line_item_line_item_type IN ('RIFee', 'SavingsPlanRecurringFee') AND unused <> 0 AND (${fault}) IS NULL
        AND billed IS NOT NULL AND line_item_currency_code IS NOT NULL AND line_item_usage_start_date IS NOT NULL
    ) TO ${literal(to)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)`);
  const [made] =
    await session.rows(`SELECT count(*) AS rows, count(*) FILTER (WHERE ${quoted(ADDED)}) AS added
    FROM read_parquet(${literal(to)})`);
  const added = Number(made?.['added']);
  if (Number(made?.['rows']) - added !== report.rows || added > profile.fees)
    throw new BursarError(
      'internal',
      `${report.rows} lines became ${Number(made?.['rows']) - added} rows and ${added} unused parts`,
      { where: report.shownAs, hint: 'Nothing was taken. Please report it as a defect.' },
    );
  return { added, warnings: profile.warnings, repairs: profile.repairs };
}

interface Profile {
  /** Lines that may leave something unused. */
  readonly fees: number;
  readonly netAmountsAreSpread: boolean;
  readonly warnings: readonly string[];
  readonly repairs: CurToFocus['repairs'];
}

/** Counts lines by type, so that a report that cannot be read right is refused before anything is made of it. */
async function profileOf(session: Session, relation: CurRelation, shownAs: string): Promise<Profile> {
  const kinds = [...new Set(relation.repairs.map(({ kind }) => kind))];
  const counts = kinds.map((kind, index) => {
    const flags = relation.repairs.filter((repair) => repair.kind === kind);
    return `sum(${flags.map(({ when }) => `CAST(coalesce(${when}, false) AS INTEGER)`).join(' + ')}) AS r${index}`;
  });
  const rows = await session.rows(`SELECT coalesce(line_item_line_item_type, '') AS type, count(*) AS lines,
      count(line_item_net_unblended_cost) AS net,
      count(*) FILTER (WHERE line_item_net_unblended_cost IS NULL AND line_item_unblended_cost <> 0) AS gross
      ${counts.map((sql) => `, ${sql}`).join('')}
    FROM ${relation.sql} AS input GROUP BY 1 ORDER BY 1`);
  const unknown: string[] = [];
  let fees = 0;
  let net = 0;
  let discounts = 0;
  const repairs = new Map<string, number>();
  for (const row of rows) {
    const type = String(row['type']);
    for (const choice of NEEDED_BY_TYPE[type] ?? [])
      if (!choice.some((name) => relation.has(name)))
        throw new BursarError('input', `the report has ${type} lines and lacks ${choice[0]}`, {
          where: shownAs,
          hint: 'Without it nobody can say what the usage really cost. Let the export select all columns.',
        });
    if (type !== '' && !isKnownType(type)) unknown.push(type);
    if (type === 'RIFee' || type === 'SavingsPlanRecurringFee') fees += Number(row['lines']);
    if (type.endsWith('Discount')) discounts += Number(row['gross']);
    else net += Number(row['net']);
    for (const [index, kind] of kinds.entries()) {
      const count = Number(row[`r${index}`] ?? 0);
      if (count > 0) repairs.set(kind, (repairs.get(kind) ?? 0) + count);
    }
  }
  const netAmountsAreSpread = net > 0 && discounts > 0;
  if (netAmountsAreSpread)
    repairs.set('discount without a net amount of its own (inside the net amounts)', discounts);
  return {
    fees,
    netAmountsAreSpread,
    warnings: unknown.map(
      (type) =>
        `Lines of the type ${type}, which is not documented, were taken as adjustments, with their cost.`,
    ),
    repairs: [...repairs].map(([kind, count]) => ({ kind, count })),
  };
}
