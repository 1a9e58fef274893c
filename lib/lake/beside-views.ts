import { Decimal, decimalText, INTEGER_DIGITS } from '../focus/decimal.ts';
import { BursarError } from '../platform/errors.ts';
import type { BesideTable } from '../sources/model.ts';
import { besideHeld, readBeside } from './beside.ts';
import type { Store } from './store/model.ts';

/**
 * The tables that sources told beside their bills, as tables that a user's SQL can ask. They tell the same money as
 * the bill, in another cut, or no money at all: nothing of them is in `costs`, so that no total has it.
 */
type Kind = 'VARCHAR' | 'DECIMAL(38,18)' | 'DATE' | 'TIMESTAMP' | 'BOOLEAN';

interface BesideColumn {
  readonly name: string;
  readonly type: Kind;
  /** From a row as it is kept. */
  readonly from: (row: Row) => string | null;
}

type Row = BesideTable['rows'][number];

interface View {
  readonly name: string;
  /** Is this table of a source, or this row of it, told by this view? */
  readonly table: (name: string) => boolean;
  readonly row?: (row: Row) => boolean;
  readonly columns: readonly BesideColumn[];
}

/** A table to be made: its columns, and its rows in their order as text. */
export interface FilledView {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: Kind }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const column = (name: string, type: Kind = 'VARCHAR', key = name): BesideColumn => ({
  name,
  type,
  from: (row) => row[key] ?? null,
});
const amount = (name: string, key = name) => column(name, 'DECIMAL(38,18)', key);

const COSTS = [amount('billed'), amount('effective'), column('currency')];
/** `savings-plan-utilization` is of a savings plan. */
const PROGRAMME: BesideColumn = {
  name: 'programme',
  type: 'VARCHAR',
  from: ({ kind }) => (kind ?? '').replace(/-(utilization|coverage)$/, ''),
};
/** AWS tells Savings Plans in dollars an hour committed, reservations in hours. */
const UNIT: BesideColumn = {
  name: 'unit',
  type: 'VARCHAR',
  from: ({ kind }) => (kind?.startsWith('savings-plan') === true ? 'USD' : 'hours'),
};

const VIEWS: readonly View[] = [
  {
    name: 'cost_by_tag',
    table: (name) => name.startsWith('tag '),
    columns: [column('period'), column('account'), column('key'), column('value'), ...COSTS],
  },
  {
    name: 'cost_by_hour',
    table: (name) => name === 'hourly',
    columns: [
      column('start', 'TIMESTAMP'),
      column('account'),
      column('service'),
      ...COSTS,
      column('estimated', 'BOOLEAN'),
    ],
  },
  {
    name: 'cost_by_resource',
    table: (name) => name === 'resources',
    columns: [
      column('day', 'DATE', 'start'),
      column('account'),
      column('resource'),
      ...COSTS,
      column('estimated', 'BOOLEAN'),
    ],
  },
  {
    name: 'commitment_utilization',
    table: (name) => name === 'commitments',
    row: ({ kind }) => kind?.endsWith('-utilization') === true,
    columns: [
      column('day', 'DATE', 'start'),
      PROGRAMME,
      column('service'),
      amount('committed'),
      amount('used'),
      amount('unused'),
      UNIT,
      amount('percentage'),
      amount('saved'),
    ],
  },
  {
    name: 'ai_usage',
    table: (name) => name === 'ai usage',
    columns: [
      column('day', 'DATE'),
      column('kind'),
      column('project'),
      column('key'),
      column('model'),
      column('tier'),
      column('batch', 'BOOLEAN'),
      amount('requests'),
      amount('input'),
      amount('cached_input'),
      amount('cache_write'),
      amount('output'),
    ],
  },
  {
    name: 'commitment_coverage',
    table: (name) => name === 'commitments',
    row: ({ kind }) => kind?.endsWith('-coverage') === true,
    columns: [
      column('day', 'DATE', 'start'),
      PROGRAMME,
      column('service'),
      amount('covered'),
      amount('on_demand', 'onDemand'),
      amount('total'),
      UNIT,
      amount('percentage'),
    ],
  },
];

/** Source and time of every row, before the columns of its view. */
const OWN = [
  { name: 'source', type: 'VARCHAR' },
  { name: 'taken_at', type: 'TIMESTAMP' },
] as const;

/** Every view; those that the SQL does not name are empty, for nothing is fetched that nobody asks. */
export async function besideViews(
  store: Store,
  sources: readonly string[],
  sql: string,
): Promise<FilledView[]> {
  const asked = sql.toLowerCase();
  const wanted = VIEWS.filter(({ name }) => asked.includes(name));
  const tables: { source: string; table: BesideTable }[] = [];
  for (const source of wanted.length === 0 ? [] : sources)
    for (const name of Object.keys(await besideHeld(store, source))) {
      if (!wanted.some((view) => view.table(name))) continue;
      const table = await readBeside(store, source, name);
      if (table !== null) tables.push({ source, table });
    }
  return VIEWS.map((view) => ({
    name: view.name,
    columns: [...OWN, ...view.columns.map(({ name, type }) => ({ name, type }))],
    rows: wanted.includes(view)
      ? tables
          .filter(({ table }) => view.table(table.name))
          .flatMap(({ source, table }) => rowsOf(view, source, table))
      : [],
  }));
}

function rowsOf(view: View, source: string, { name, takenAt, rows }: BesideTable): (string | null)[][] {
  return rows
    .filter((row) => view.row?.(row) ?? true)
    .map((row) => [source, takenAt, ...view.columns.map((each) => valueOf(each, row, `${source}, ${name}`))]);
}

function valueOf({ name, type, from }: BesideColumn, row: Row, where: string): string | null {
  const value = from(row);
  if (value === null || type !== 'DECIMAL(38,18)') return value;
  // A share may have more than 18 places: it is rounded, and only what is no number is refused.
  const given = /^[+-]?\d*\.?\d+([eE][+-]?\d{1,4})?$/.test(value) ? new Decimal(value) : null;
  if (given?.abs().lt(`1e${INTEGER_DIGITS}`) === true) return decimalText(given);
  throw new BursarError('unavailable', `${name} is ${JSON.stringify(value)} and no amount`, {
    where,
    hint: 'The table beside the bill is damaged: run bursar audit, which reads it again.',
  });
}
