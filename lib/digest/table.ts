import { Decimal } from '../focus/decimal.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';

/**
 * What a column holds. `money` and `rate` are decimal text in the currency of the row's column `currency`, a rate
 * often far below a cent; `number` is decimal text; `percent` is decimal text in percent; `day` is `YYYY-MM-DD`;
 * `instant` is ISO-8601 UTC.
 */
export type CellKind = 'text' | 'money' | 'rate' | 'number' | 'percent' | 'day' | 'instant';

export interface Column {
  /** Name in files: lower case, underscores. */
  readonly id: string;
  /** Name for people. */
  readonly label: string;
  readonly kind: CellKind;
}

/** A table as values: pages show it, files keep it. Null: not known, which is no zero. */
export interface DataTable {
  /** Name of its files: lower case, hyphens. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Query, rows or analysis that it is from. */
  readonly source: string;
}

const CURRENCY = 'currency';

/** Columns that people see: a currency stands in its amounts already. */
export function shownColumns({
  columns,
}: DataTable): readonly { readonly column: Column; readonly at: number }[] {
  const hasMoney = columns.some(({ kind }) => kind === 'money' || kind === 'rate');
  return columns
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => !(hasMoney && column.id === CURRENCY));
}

/** A cell for people; '' where it is not known. */
export function cellText(
  { columns }: DataTable,
  row: DataTable['rows'][number],
  at: number,
  format: Format,
): string {
  const value = row[at] ?? null;
  const kind = columns[at]?.kind;
  if (value === null || kind === undefined) return '';
  const currency = row[columns.findIndex(({ id }) => id === CURRENCY)] ?? '';
  switch (kind) {
    case 'text':
      return plain(value, 200);
    case 'money':
      return format.exact({ amount: value, currency });
    case 'rate':
      return format.rate({ amount: value, currency });
    case 'number':
      return format.number(value);
    case 'percent':
      return format.percent(value);
    case 'day':
      return value;
    case 'instant':
      return format.instant(value);
  }
}

/** How long a bar beside an amount is, 0 to 100, against the largest of its column. */
export function barLengths(amounts: readonly (string | null)[]): number[] {
  const values = amounts.map((amount) => (amount === null ? new Decimal(0) : exact(amount).abs()));
  const most = Decimal.max(0, ...values);
  return values.map((value) =>
    most.isZero() ? 0 : value.div(most).times(100).toDecimalPlaces(1).toNumber(),
  );
}
