import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { NO_ATTRIBUTION } from '../../../lib/lake/attribution/derived.ts';
import { bigquery } from '../../../lib/lake/dialect/bigquery.ts';
import { bigQueryEngine } from '../../../lib/lake/engine/bigquery.ts';
import { inPlaceManifest } from '../../../lib/lake/inplace/extents.ts';
import { gcpInPlace } from '../../../lib/lake/inplace/gcp-source.ts';
import { inPlaceView } from '../../../lib/lake/inplace/view.ts';
import { queryOf } from '../../../lib/lake/queries/index.ts';
import { tableName } from '../../../lib/platform/bigquery/name.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { clientOf } from '../../sources/gcp-bigquery/deliver.ts';
import { DETAILED, usage } from '../../sources/gcp-bigquery/export.ts';
import { renewBigQuery, tableOf } from '../../sources/gcp-bigquery/tables.ts';

let front: Front;
let meter: Meter;
beforeAll(renewBigQuery);
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
  meter = new Meter();
});
afterEach(() => front.close());

const GIB = 2n ** 30n;
const NOW = new Date('2026-08-15T12:00:00Z');

async function bill(name: string, now = NOW) {
  const table = await tableOf(inject('bigqueryUrl'), name, DETAILED, [
    usage({ cost: 0.1, credits: [{ name: 'Free', amount: -0.03, type: 'FREE_TIER', id: 'free' }] }),
    usage({ cost: 0.2, labels: [{ key: '__proto__', value: 'p' }] }),
    usage({
      cost: 4,
      invoice: { month: '202608' },
      usage_start_time: '2026-08-02T05:00:00Z',
      usage_end_time: '2026-08-02T06:00:00Z',
    }),
  ]);
  const client = clientOf(front.url);
  const engine = bigQueryEngine({ client, location: 'EU', meter, maximumBytesBilled: GIB });
  const source = gcpInPlace({
    sourceId: 'gcp',
    engine,
    client,
    table: tableName(table),
    meter,
    now: () => now,
  });
  const ask = async (query: string, params: Record<string, string>) => {
    const named = queryOf(query, params);
    const sql = named.sql(engine.dialect);
    const rows = await engine.ask(await inPlaceView([source], [], NO_ATTRIBUTION, sql), sql, params);
    return rows.map((row) => named.row(row));
  };
  return { table, engine, source, ask };
}

test('the detailed export answers where it lies: net, by invoice month, with what is provisional', async () => {
  const { ask, source } = await bill('inplace_detailed');
  expect(await ask('spend-by-provider-month', {})).toMatchObject([
    { month: '2026-07', billed: '0.27', effective: '0.27', rows: 2 },
    { month: '2026-08', billed: '4', effective: '4', rows: 1 },
  ]);
  expect(await ask('spend-by-day', { start: '2026-07-01T00:00:00Z', end: '2026-09-01T00:00:00Z' })).toEqual([
    { day: '2026-07-02', currency: 'USD', effective: '0.27', estimated: false },
    { day: '2026-08-02', currency: 'USD', effective: '4', estimated: true },
  ]);
  const { periods } = await inPlaceManifest(source);
  expect(periods.map(({ period, current }) => [period, current?.extents])).toEqual([
    [
      '2026-07',
      [
        {
          provider: 'Google Cloud',
          billingAccount: '010101-F0FFF0-61C528',
          subAccount: 'acme-vision',
          start: '2026-07-02T10:00:00.000Z',
          end: '2026-07-02T11:00:00.000Z',
        },
      ],
    ],
    ['2026-08', [expect.objectContaining({ start: '2026-08-02T05:00:00.000Z' })]],
  ]);
});

test('an amount that BigQuery cannot keep fails the question: no money is left out unsaid', async () => {
  const { source } = await bill('inplace_huge');
  const named = queryOf('spend-by-provider-month', {});
  const view = await inPlaceView([source], [], NO_ATTRIBUTION, named.sql(bigquery));
  // The emulator's numbers have no bound, so that it takes every amount: what is sent is looked at instead.
  expect(view).toMatch(/CAST\(CASE WHEN `cost`.* AS BIGNUMERIC\)/s);
  expect(view).not.toMatch(/SAFE_CAST\((?!FORMAT)/);
});

test('tags are asked by any key, one that is called __proto__ too', async () => {
  const { engine, source } = await bill('inplace_tags');
  const key = engine.dialect.jsonText(engine.dialect.name('Tags'), '__proto__');
  const sql = `SELECT ${key} AS value, SUM(\`EffectiveCost\`) AS effective, MAX(\`Tags\`) AS tags FROM costs GROUP BY 1 ORDER BY 1`;
  expect(await engine.ask(await inPlaceView([source], [], NO_ATTRIBUTION, sql), sql, {})).toEqual([
    { value: 'p', effective: '0.2', tags: '{"__proto__":"p","cost-center":"cc-7"}' },
    { value: null, effective: '4.07', tags: '{"cost-center":"cc-7","team":"vision"}' },
  ]);
});

test('columns and bytes are told without a job; the ceiling holds, and an abort cancels', async () => {
  const { table, engine, source } = await bill('inplace_ceiling');
  expect(await engine.columns(table)).toContainEqual({ name: 'cost', type: 'float' });
  front.bytes = () => 5n * GIB;
  const sql = 'SELECT SUM(`BilledCost`) AS billed FROM costs';
  const view = await inPlaceView([source], [], NO_ATTRIBUTION, sql);
  front.calls.length = 0;
  expect(await engine.bytes(view, sql, {})).toBe(5n * GIB);
  expect(front.calls).toHaveLength(1);
  await expect(engine.ask(view, sql, {})).rejects.toMatchObject({ code: 'input' });
  await expect(engine.ask(view, sql, {})).rejects.toThrow(
    'Query exceeded limit for bytes billed: 1073741824.',
  );
  front.bytes = () => GIB;
  const stop = new AbortController();
  front.change = (method, answer) => {
    if (method === 'bigquery.jobs.insert') stop.abort();
    return answer;
  };
  await expect(engine.ask(view, sql, {}, { signal: stop.signal })).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(front.calls.at(-1)?.method).toBe('bigquery.jobs.cancel');
});

test('a query that names few columns is asked for those alone', async () => {
  const { source } = await bill('inplace_columns');
  const sql = 'SELECT SUM(`BilledCost`) AS billed FROM costs';
  const view = await inPlaceView([source], [], NO_ATTRIBUTION, sql);
  expect(view).toContain('AS `BilledCost`');
  expect(view).not.toContain('AS `Tags`');
});
