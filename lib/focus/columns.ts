import { COLUMNS_1_2 } from './data/columns-1.2.ts';

export type ColumnKind = 'money' | 'decimal' | 'text' | 'datetime' | 'json' | 'boolean';
export type FocusColumnName = (typeof COLUMNS_1_2)[number]['name'];

/** What one column of `costs` holds. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** How much FOCUS asks a biller for it. */
  readonly level: 'mandatory' | 'conditional' | 'recommended';
  /** The only values that it may hold; left out where any may be. */
  readonly allowed?: readonly string[];
}

/** All columns of FOCUS 1.2, in alphabetical order. */
export const FOCUS_COLUMNS: readonly Column[] = COLUMNS_1_2;

/**
 * Columns that Bursar adds to every row. x_Source: id of the source; x_SourceGrain: `resource` or
 * `account-service`; x_Estimated: the biller calls the amount provisional; x_IngestedAt: when the row was
 * read; x_SourceFile: the file or address it was read from.
 */
export const OWN_COLUMNS: readonly Column[] = [
  { name: 'x_Source', kind: 'text', nullable: false, level: 'mandatory' },
  { name: 'x_SourceGrain', kind: 'text', nullable: false, level: 'mandatory' },
  { name: 'x_Estimated', kind: 'boolean', nullable: false, level: 'mandatory' },
  { name: 'x_IngestedAt', kind: 'datetime', nullable: false, level: 'mandatory' },
  { name: 'x_SourceFile', kind: 'text', nullable: false, level: 'mandatory' },
];

/**
 * Columns about AI work that `costs` always has. A source that knows them writes them into its files; the others are
 * derived by rules (lib/focus/ai). x_TokenQuantity counts tokens of x_TokenKind; x_ListEstimate is an estimate from
 * list prices in BillingCurrency where the biller gives no cost, and is part of no sum of costs.
 */
export const AI_COLUMNS: readonly Column[] = [
  { name: 'x_AiClass', kind: 'text', nullable: true, level: 'conditional' },
  { name: 'x_AiModel', kind: 'text', nullable: true, level: 'conditional' },
  { name: 'x_AiModelVersion', kind: 'text', nullable: true, level: 'conditional' },
  { name: 'x_TokenKind', kind: 'text', nullable: true, level: 'conditional' },
  { name: 'x_TokenQuantity', kind: 'decimal', nullable: true, level: 'conditional' },
  { name: 'x_ApiKeyId', kind: 'text', nullable: true, level: 'conditional' },
  { name: 'x_InferenceProfile', kind: 'text', nullable: true, level: 'conditional' },
  { name: 'x_ListEstimate', kind: 'decimal', nullable: true, level: 'conditional' },
];

/** Without any one of these a file is not a FOCUS bill. */
export const REQUIRED_TO_READ = [
  'BilledCost',
  'EffectiveCost',
  'ChargePeriodStart',
  'BillingCurrency',
] as const;

const BY_NAME: ReadonlyMap<string, Column> = new Map(
  [...FOCUS_COLUMNS, ...OWN_COLUMNS].map((column) => [column.name, column]),
);

const AI_BY_NAME: ReadonlyMap<string, Column> = new Map(
  AI_COLUMNS.map((column) => [column.name.toLowerCase(), column]),
);

/** What a custom column of a bill holds: that of an AI column of this name (in whatever case), else text. */
export function customColumn(name: string): Column {
  return AI_BY_NAME.get(name.toLowerCase()) ?? { name, kind: 'text', nullable: true, level: 'conditional' };
}

/** The column of this exact name, FOCUS or our own; undefined for any other. */
export function columnOf(name: string): Column | undefined {
  return BY_NAME.get(name);
}

export type StoredType = 'DECIMAL(38,18)' | 'TIMESTAMP' | 'BOOLEAN' | 'VARCHAR';

const STORED: Readonly<Record<ColumnKind, StoredType>> = {
  money: 'DECIMAL(38,18)',
  decimal: 'DECIMAL(38,18)',
  datetime: 'TIMESTAMP',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  json: 'VARCHAR',
};

/** The DuckDB type that a kind is stored as; JSON is kept as its text. */
export function storedType(kind: ColumnKind): StoredType {
  return STORED[kind];
}

/** The allowed value that `text` spells with other case or stray blanks; null where there is none. */
export function canonicalValue(column: Column, text: string): string | null {
  const folded = text.trim().toLowerCase();
  return column.allowed?.find((value) => value.toLowerCase() === folded) ?? null;
}
