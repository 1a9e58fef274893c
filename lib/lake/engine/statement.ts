import { BursarError } from '../../platform/errors.ts';

/** Table functions that make rows from their arguments alone. */
const TABLE_FUNCTIONS = new Set(['range', 'generate_series', 'unnest', 'json_each', 'json_tree']);

/** Functions that read or change the state of the engine instead of computing. */
const STATEFUL = new Set([
  'write_log',
  'current_setting',
  'nextval',
  'currval',
  'getvariable',
  'getenv',
  'pg_sleep',
  'query',
  'query_table',
]);

/**
 * Functions whose result is as large as an argument says. DuckDB neither counts it against its memory limit nor
 * interrupts it (measured with 1.5.6: `repeat('x', 3000000000)` ran for 33 s and took 1.6 GB under a limit of 256
 * MiB and 2 s), so the argument must be written out and moderate.
 */
const SIZED = new Map([
  ['repeat', 10_000],
  ['lpad', 10_000],
  ['rpad', 10_000],
  ['list_resize', 10_000],
  ['array_resize', 10_000],
  ['bitstring', 10_000],
  ['bar', 10_000],
  ['range', 1_000_000],
  ['generate_series', 1_000_000],
]);
/** How `INTERVAL 1 DAY` and its like are written in the tree: the step of a list of days. */
const STEPS = new Set(['to_hours', 'to_days', 'to_weeks', 'to_months', 'to_quarters', 'to_years']);
const FORMATS = new Set(['format', 'printf', 'fmt']);

/**
 * Refuses what a user's statement may not do, from its syntax tree as `json_serialize_sql` gives it: it is one
 * SELECT over `tables`, its own WITH names and rows that it makes itself. This comes before the locks of the
 * connection and does not replace them.
 */
export function checkStatement(serialized: string, tables: readonly string[] = ['costs']): void {
  const tree = treeOf(serialized);
  if (!isNode(tree)) throw refused('it cannot be read');
  if (tree['error'] === true) {
    if (tree['error_type'] === 'not implemented') throw refused('only SELECT is allowed');
    throw new BursarError('input', `not valid SQL: ${String(tree['error_message'])}`, {
      where:
        typeof tree['position'] === 'string' ? `query, character ${Number(tree['position']) + 1}` : 'query',
    });
  }
  const statements = tree['statements'];
  if (!Array.isArray(statements) || statements.length === 0) throw refused('it is empty');
  if (statements.length > 1) throw refused('it has more than one statement');
  const parameters: unknown = isNode(statements[0]) ? statements[0]['named_param_map'] : undefined;
  if (Array.isArray(parameters) && parameters.length > 0)
    throw refused('it has parameters ($1 or ?), which nothing would fill');
  const names = new Set<string>();
  const rowMakers = new Set<unknown>();
  visit(statements, (node) => {
    collectNames(node, names);
    if (node['type'] === 'TABLE_FUNCTION') rowMakers.add(node['function']);
  });
  visit(statements, (node) => checkNode(node, names, rowMakers, tables));
}

/** DuckDB writes a number that a DOUBLE cannot hold as Infinity, which is no JSON (run, 1.5.6: `SELECT 1e400`). */
function treeOf(serialized: string): unknown {
  try {
    return JSON.parse(serialized);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refused('it has a number that is too large');
  }
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Visits every object of the tree; without recursion, since SQL can be nested deeply. */
function visit(root: unknown, see: (node: Node) => void): void {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) for (const item of value) waiting.push(item);
    else if (isNode(value)) {
      see(value);
      for (const item of Object.values(value)) if (typeof item === 'object') waiting.push(item);
    }
  }
}

function collectNames(node: Node, names: Set<string>): void {
  const map = isNode(node['cte_map']) ? node['cte_map']['map'] : undefined;
  for (const entry of Array.isArray(map) ? map : [])
    if (isNode(entry) && typeof entry['key'] === 'string') names.add(entry['key'].toLowerCase());
}

/** `rowMakers`: functions in FROM, which give their rows bit by bit and can be stopped, however many. */
function checkNode(
  node: Node,
  names: ReadonlySet<string>,
  rowMakers: ReadonlySet<unknown>,
  tables: readonly string[],
): void {
  switch (node['type']) {
    case 'BASE_TABLE':
      return checkTable(node, names, tables);
    case 'TABLE_FUNCTION': {
      const name = isNode(node['function']) ? text(node['function'], 'function_name') : '';
      if (!TABLE_FUNCTIONS.has(name)) throw refused(`${name}() is not allowed`);
      return;
    }
    case 'SHOW_REF':
      if (!isNode(node['query'])) throw refused('SHOW is not allowed; DESCRIBE costs lists the columns');
      return;
    case 'FUNCTION':
      if (node['class'] === 'FUNCTION' && !rowMakers.has(node)) checkFunction(node);
      return;
  }
}

function checkTable(node: Node, names: ReadonlySet<string>, tables: readonly string[]): void {
  const [catalog, schema] = [text(node, 'catalog_name'), text(node, 'schema_name')];
  const name = text(node, 'table_name');
  if (catalog === '' && schema === 'information_schema') return;
  if (catalog === '' && (schema === '' || schema === 'main') && tables.includes(name)) return;
  // A name of WITH that looks like a file would be one outside the reach of its WITH.
  if (catalog === '' && schema === '' && names.has(name) && /^[\p{L}_][\p{L}\p{N}_ -]*$/u.test(name)) return;
  const known =
    tables.length === 1 ? `the only table is ${tables[0]}` : `the tables are ${tables.join(', ')}`;
  throw refused(`${known}, not ${JSON.stringify(node['table_name'])}`);
}

function checkFunction(node: Node): void {
  const name = text(node, 'function_name');
  const children = Array.isArray(node['children']) ? node['children'] : [];
  if (STATEFUL.has(name)) throw refused(`${name}() is not allowed`);
  const most = SIZED.get(name);
  // The first argument of the text functions is the text; of range() it may be the only one.
  const sizes = name === 'range' || name === 'generate_series' ? children : children.slice(1);
  if (most !== undefined && !sizes.every((size) => isModerate(size, most)))
    throw refused(`the size that ${name}() makes must be a number up to ${most}, written out`);
  if (FORMATS.has(name) && !isPlainFormat(children[0]))
    throw refused(`the format of ${name}() must be written out, without a width of more than three digits`);
}

function isModerate(node: unknown, most: number): boolean {
  if (!isNode(node)) return false;
  if (node['class'] === 'CAST') return isModerate(node['child'], most);
  if (node['class'] === 'FUNCTION') return STEPS.has(text(node, 'function_name'));
  if (node['class'] !== 'CONSTANT' || !isNode(node['value'])) return false;
  const value = node['value']['value'];
  // Dates, intervals and pads are not numbers and are no size either.
  const size = Number(value);
  return Number.isNaN(size) || typeof value === 'object' || Math.abs(size) <= most;
}

function isPlainFormat(node: unknown): boolean {
  const value =
    isNode(node) && node['class'] === 'CONSTANT' && isNode(node['value']) && node['value']['value'];
  return typeof value === 'string' && !/\d{4,}|\{[^}]*\{|\*/.test(value);
}

function text(node: Node, field: string): string {
  const value = node[field];
  return typeof value === 'string' ? value.toLowerCase() : '';
}

function refused(why: string): BursarError {
  return new BursarError('input', `the query is refused: ${why}`, {
    hint: 'Write exactly one SELECT over the view costs.',
  });
}
