/**
 * `node test/bench/rows-100m.ts [--rows N] [--memory MIB]`: every named query over 100 million rows of one lake's
 * layout, on whatever machine this is; prints times, processor time for each row and the peak memory of the whole process. The Parquet is made
 * once into the cache and kept; its values repeat, so that it is far smaller than a real bill. Not part of `npm run bench`, nor of any test.
 */
import { mkdir, rename, stat } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { AI_COLUMNS, FOCUS_COLUMNS, OWN_COLUMNS, storedType } from '../../lib/focus/columns.ts';
import { NO_ATTRIBUTION } from '../../lib/lake/attribution/derived.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import { openEngine } from '../../lib/lake/engine/duckdb.ts';
import { queryOf } from '../../lib/lake/queries/index.ts';
import { sqlName, sqlText } from '../../lib/lake/sql.ts';
import { costsSql } from '../../lib/lake/view.ts';
import { measured } from './measure.ts';
import { seconds } from './report.ts';

const { values } = parseArgs({ options: { rows: { type: 'string' }, memory: { type: 'string' } } });
const rows = Number(values.rows ?? '100000000');
// DuckDB's own share of 4 GB: Node and what DuckDB does not count come on top.
const memoryMiB = Number(values.memory ?? '3000');
if (!Number.isSafeInteger(rows) || rows < 1000) throw new RangeError('--rows takes a whole number from 1000');
if (!Number.isSafeInteger(memoryMiB) || memoryMiB < 200) throw new RangeError('--memory takes MiB from 200');

const A_FILE = 5_000_000;
const COLUMNS = [...FOCUS_COLUMNS, ...OWN_COLUMNS, ...AI_COLUMNS].map(({ name, kind }) => ({
  name,
  type: storedType(kind),
}));
/** What a column of row `i` is; columns that are not here are NULL, as most are in most rows of a bill. */
const MADE: Readonly<Record<string, string>> = {
  BilledCost: 'CAST(i % 9973 AS DECIMAL(38,18)) / 10000',
  EffectiveCost: 'CAST(i % 9967 AS DECIMAL(38,18)) / 10000',
  ListCost: 'CAST(i % 9973 AS DECIMAL(38,18)) / 9000',
  ContractedCost: 'CAST(i % 9973 AS DECIMAL(38,18)) / 9500',
  BillingCurrency: `'USD'`,
  BillingAccountId: `'999900001111'`,
  SubAccountId: `printf('%012d', 100000000000 + i % 200)`,
  ProviderName: `'AWS'`,
  ServiceName: `'Service ' || (i % 60)`,
  ServiceCategory: `CASE WHEN i % 3 = 0 THEN 'Compute' ELSE 'Storage' END`,
  ChargeCategory: `CASE WHEN i % 50 = 0 THEN 'Credit' ELSE 'Usage' END`,
  ResourceId: `CASE WHEN i % 10 <> 0 THEN 'i-' || (i % 50000) END`,
  RegionId: `'region-' || (i % 12)`,
  PricingUnit: `'Hrs'`,
  PricingCategory: `'Standard'`,
  Tags: `'{"team":"team-' || (i % 40) || '","env":"' || CASE WHEN i % 4 = 0 THEN 'prod' ELSE 'dev' END || '"}'`,
  CommitmentDiscountId: `CASE WHEN i % 4 = 1 THEN 'sp-1' END`,
  CommitmentDiscountStatus: `CASE WHEN i % 4 = 1 THEN 'Used' END`,
  BillingPeriodStart: `TIMESTAMP '2026-11-01'`,
  BillingPeriodEnd: `TIMESTAMP '2026-12-01'`,
  ChargePeriodStart: `TIMESTAMP '2026-11-01' + to_hours(CAST(i % 720 AS INTEGER))`,
  ChargePeriodEnd: `TIMESTAMP '2026-11-01' + to_hours(CAST(i % 720 AS INTEGER) + 1)`,
  x_Source: `'aws'`,
  x_SourceGrain: `'resource'`,
  x_Estimated: 'false',
  x_IngestedAt: `TIMESTAMP '2026-12-02'`,
  x_SourceFile: `'bill.parquet'`,
};
const WINDOW = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };
const ASKED: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['spend-total', {}],
  ['spend-by-provider-month', {}],
  ['spend-by-day', WINDOW],
  ['spend-by-service', WINDOW],
  ['account-service-totals', {}],
  ['source-ends', {}],
  ['resource-costs', WINDOW],
  ['tag-spend', WINDOW],
  ['unused-commitment', WINDOW],
  ['commitment-usage', { ...WINDOW, wasted: '[]' }],
  ['commitments-held', WINDOW],
  ['eligible-usage', { ...WINDOW, wasted: '[]' }],
  ['resource-days', { ...WINDOW, id: 'i-7', short: 'i-7', account: '100000000007' }],
  ['data-end', {}],
  ['bill-detail', WINDOW],
  ['ai-calls', { ...WINDOW, services: '["Service 7"]' }],
  ['ai-services', { ...WINDOW, classes: '["model API"]' }],
  ['spend-by:service,month|', WINDOW],
  ['spend-by:ai_class,month|', WINDOW],
  ['spend-by:model,token_kind|', WINDOW],
];

const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bursar-bench', 'rows');
await mkdir(folder, { recursive: true });
const paths = await made();
const bytes = (await Promise.all(paths.map((path) => stat(path)))).reduce((sum, { size }) => sum + size, 0);
say(`${rows} rows, ${Math.round(bytes / 2 ** 20)} MiB of Parquet in ${paths.length} files`);
const engine = await openEngine({ tempDir: join(folder, 'spill'), memoryMiB });
for (const [name, params] of ASKED) {
  const sql = queryOf(name, params).sql(duckdb);
  const view = costsSql([{ columns: COLUMNS, paths }], NO_ATTRIBUTION, sql);
  const { ms, cpuMs, value } = await measured(() => engine.ask(view, sql, params));
  const figures = [seconds(ms), `${seconds(cpuMs)} cpu`, `${Math.round((cpuMs * 1e6) / rows)} ns a row`];
  say(
    `${name.padEnd(26)} ${figures.map((each) => each.padStart(14)).join(' ')} ${String(value.length).padStart(8)} rows of answer`,
  );
}
engine.close();
say(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, ${availableParallelism()} cores`);

/** Files of at most A_FILE rows each, those of an earlier run kept. */
async function made(): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1500MiB' });
  const connection = await instance.connect();
  const select = COLUMNS.map(
    ({ name, type }) => `CAST(${MADE[name] ?? 'NULL'} AS ${type}) AS ${sqlName(name)}`,
  );
  const found: string[] = [];
  for (let from = 0; from < rows; from += A_FILE) {
    const to = Math.min(from + A_FILE, rows);
    const path = join(folder, `${from}-${to}.parquet`);
    found.push(path);
    if (await exists(path)) continue;
    say(`making rows ${from} to ${to}`);
    await connection.run(
      `COPY (SELECT ${select.join(', ')} FROM range(${from}, ${to}) AS r(i))
       TO ${sqlText(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await rename(`${path}.part`, path);
  }
  connection.closeSync();
  instance.closeSync();
  return found;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
