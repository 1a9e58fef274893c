import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import type { BesideTable } from '../../lib/sources/model.ts';
import { answersOf } from '../sources/aws-cost-explorer/bill.ts';
import { deliver } from '../sources/aws-cost-explorer/deliver.ts';
import { costExplorerFake } from '../sources/aws-cost-explorer/fake.ts';
import { type Bench, bench, delivery, row } from './bills.ts';

const NOW = new Date('2026-11-22T11:30:00Z');
let bills: Bench;
let lake: Lake;

beforeAll(async () => {
  bills = await bench();
  lake = await openLake({
    store: folderStore(`${bills.folder}/lake`),
    workDir: `${bills.folder}/work`,
    memoryMiB: 128,
  });
  await lake.ingest(delivery('api', [await bills.file([row()])]), NOW, silent);
  await lake.ingest(delivery('other', [await bills.file([row()])]), NOW, silent);
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
  await bills[Symbol.asyncDispose]();
});

const asked = async (sql: string, sources: readonly string[] | null = null) =>
  (await lake.query(sql, sources)).rows;

const commitments = (takenAt: string, days: readonly (readonly [string, string])[]): BesideTable => ({
  name: 'commitments',
  takenAt,
  rows: days.flatMap(([start, unused]) => [
    {
      kind: 'savings-plan-utilization',
      start,
      service: null,
      committed: '24.0',
      used: '20.5',
      unused,
      percentage: '85.416666666666666667',
      saved: '1e-7',
    },
    {
      kind: 'reservation-coverage',
      start,
      service: 'Amazon Relational Database Service',
      covered: '12',
      onDemand: '12',
      total: '24',
      percentage: '50',
    },
  ]),
});

test('what Cost Explorer told by tag is asked in SQL, to the last decimal, and is no part of costs', async () => {
  await using fake = await costExplorerFake(
    answersOf([
      { day: '2026-10-03', billed: '3', tags: { team: 'red' } },
      { day: '2026-11-03', billed: '0.1', effective: '0.05', tags: { team: 'red' } },
      { day: '2026-11-04', billed: '0.2', tags: { team: 'blue' } },
      { day: '2026-11-05', type: 'Tax', service: 'Tax', billed: '0.4' },
    ]),
  );
  const { delivery: told } = await deliver(fake.client, { beside: { tags: ['team'] } });
  for (const table of told.beside ?? []) await lake.putBeside('api', table);
  expect(
    await asked(
      `SELECT source, period, key, value, SUM(billed) AS billed, SUM(effective) AS effective, currency
       FROM cost_by_tag GROUP BY ALL ORDER BY period, value NULLS LAST`,
    ),
  ).toEqual([
    {
      source: 'api',
      period: '2026-10',
      key: 'team',
      value: 'red',
      billed: '3',
      effective: '3',
      currency: 'USD',
    },
    {
      source: 'api',
      period: '2026-11',
      key: 'team',
      value: 'blue',
      billed: '0.2',
      effective: '0.2',
      currency: 'USD',
    },
    {
      source: 'api',
      period: '2026-11',
      key: 'team',
      value: 'red',
      billed: '0.1',
      effective: '0.05',
      currency: 'USD',
    },
    {
      source: 'api',
      period: '2026-11',
      key: 'team',
      value: null,
      billed: '0.4',
      effective: '0.4',
      currency: 'USD',
    },
  ]);
  expect(await asked('SELECT SUM("BilledCost") AS billed FROM costs')).toEqual([{ billed: '3' }]);
  expect(await asked('SELECT COUNT(*) AS n FROM cost_by_tag', ['other'])).toEqual([{ n: 0 }]);
});

const envTable = (takenAt: string, rows: readonly (readonly [string, string])[]): BesideTable => ({
  name: 'tag env',
  takenAt,
  rows: rows.map(([period, billed]) => ({
    period,
    account: '111122223333',
    key: 'env',
    value: 'prod',
    billed,
    effective: billed,
    currency: 'USD',
  })),
});

test('months that a later run did not ask again stay as they were', async () => {
  await lake.putBeside(
    'api',
    envTable('2026-11-20T00:00:00.000Z', [
      ['2026-09', '9'],
      ['2026-10', '10'],
      ['2026-11', '1'],
    ]),
  );
  await lake.putBeside(
    'api',
    envTable('2026-11-21T00:00:00.000Z', [
      ['2026-10', '10.5'],
      ['2026-11', '2'],
    ]),
  );
  await lake.putBeside('api', envTable('2026-11-22T00:00:00.000Z', [['2026-11', '3']]));
  expect(await asked(`SELECT period, billed FROM cost_by_tag WHERE key = 'env' ORDER BY period`)).toEqual([
    { period: '2026-09', billed: '9' },
    { period: '2026-10', billed: '10.5' },
    { period: '2026-11', billed: '3' },
  ]);
});

test('use and coverage of commitments: each day once, as it was told last, with the unit that AWS counts in', async () => {
  await lake.putBeside(
    'api',
    commitments('2026-11-15T00:00:00.000Z', [
      ['2026-11-01', '3.5'],
      ['2026-11-02', '4'],
    ]),
  );
  await lake.putBeside('api', commitments('2026-11-22T00:00:00.000Z', [['2026-11-02', '3']]));
  expect(await asked('SELECT * EXCLUDE (source, taken_at) FROM commitment_utilization ORDER BY day')).toEqual(
    [
      ['2026-11-01', '3.5'],
      ['2026-11-02', '3'],
    ].map(([day, unused]) => ({
      day,
      programme: 'savings-plan',
      service: null,
      committed: '24',
      used: '20.5',
      unused,
      unit: 'USD',
      percentage: '85.416666666666666667',
      saved: '0.0000001',
    })),
  );
  expect(
    await asked(
      `SELECT programme, unit, SUM(covered) AS covered, SUM(on_demand) AS on_demand, SUM(total) AS total
       FROM commitment_coverage GROUP BY ALL`,
    ),
  ).toEqual([{ programme: 'reservation', unit: 'hours', covered: '24', on_demand: '24', total: '48' }]);
});

const rowOf = (name: string, start: string, more: Record<string, string>): BesideTable['rows'][number] => ({
  start,
  account: '111122223333',
  ...more,
  billed: '1.5',
  effective: '1.25',
  currency: 'USD',
  estimated: name === 'hourly' ? 'false' : 'true',
});

test('hours and instances are those of the newest look alone', async () => {
  for (const day of ['20', '21']) {
    const takenAt = `2026-11-${day}T00:00:00.000Z`;
    const hour = rowOf('hourly', `2026-11-${day}T05:00:00Z`, { service: 'EC2' });
    const instance = rowOf('resources', `2026-11-${day}`, { resource: 'i-0abc' });
    await lake.putBeside('api', { name: 'hourly', takenAt, rows: [hour] });
    await lake.putBeside('api', { name: 'resources', takenAt, rows: [instance] });
  }
  expect(await asked('SELECT start, service, effective, estimated FROM cost_by_hour')).toEqual([
    { start: '2026-11-21T05:00:00.000Z', service: 'EC2', effective: '1.25', estimated: false },
  ]);
  expect(await asked('SELECT day, resource, billed, estimated, taken_at FROM cost_by_resource')).toEqual([
    {
      day: '2026-11-21',
      resource: 'i-0abc',
      billed: '1.5',
      estimated: true,
      taken_at: '2026-11-21T00:00:00.000Z',
    },
  ]);
});

test('an amount that is none ends the question, and says of which table', async () => {
  await lake.putBeside('other', {
    name: 'tag team',
    takenAt: '2026-11-22T00:00:00.000Z',
    rows: [{ period: '2026-11', billed: 'NaN' }],
  });
  await expect(asked('SELECT * FROM cost_by_tag', ['other'])).rejects.toMatchObject({
    code: 'unavailable',
    where: 'other, tag team',
  });
});

test('no other table and no file comes with them', async () => {
  for (const sql of [
    'SELECT * FROM beside',
    "SELECT * FROM cost_by_tag, read_text('/etc/passwd')",
    `SELECT * FROM read_json('${bills.folder}/work/x.json')`,
    'DROP TABLE cost_by_tag',
    "INSERT INTO cost_by_tag VALUES ('x')",
    'SELECT * FROM other.cost_by_tag',
  ])
    await expect(asked(sql, ['api'])).rejects.toMatchObject({ code: 'input' });
  expect(await asked('DESCRIBE commitment_coverage')).toHaveLength(10);
});
