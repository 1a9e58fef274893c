import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Resource, Snapshot, Telemetry } from '../../lib/estate/model.ts';
import { dayOfKey, safeName, snapshotKey, textOf } from '../../lib/lake/layout.ts';
import { kept, putSnapshot, readSnapshots, scopesHeld } from '../../lib/lake/snapshots.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import type { Store } from '../../lib/lake/store/model.ts';

let folder = '';
let store: Store;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-snapshots-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
const fresh = () => {
  store = folderStore(join(folder, String(count++)));
  return store;
};

const KEEP = { last: 3, days: 2 };
const SCOPE = { provider: 'aws', accountId: '111122223333', region: 'us-east-1' } as const;
const NAME = 'aws:111122223333:us-east-1';

const machine = (id: string): Resource => ({
  provider: 'aws',
  accountId: '111122223333',
  region: 'us-east-1',
  type: 'aws:ec2:instance',
  id: `arn:aws:ec2:us-east-1:111122223333:instance/${id}`,
  name: 'two\nlines  and a "quote"',
  state: 'running',
  created: '2026-10-01T00:00:00.000Z',
  tags: Object.fromEntries([
    ['__proto__', 'x'],
    ['team', 'ä ✓'],
  ]),
  sku: 'g5.xlarge',
  accelerators: [{ kind: 'NVIDIA A10G', count: 0.125, memoryMiB: 24_576 }],
  parent: { type: 'asg', id: 'a' },
  attributes: { nested: [{ deep: [1, null, true] }] },
});
const series: Telemetry = {
  resourceId: 'arn:x',
  metric: 'gpu-utilization',
  statistic: 'maximum',
  unit: 'percent',
  device: '0',
  period: 3600,
  points: [{ at: '2026-11-01T00:00:00.000Z', value: 0.1 }],
  expectedPoints: 168,
  source: 'CWAgent nvidia_smi_utilization_gpu',
};
const snapshot = (takenAt: string, more: Partial<Snapshot> = {}): Snapshot => ({
  schemaVersion: 2,
  scope: SCOPE,
  takenAt,
  resources: [machine('i-1'), machine('i-2')],
  telemetry: [series],
  vectorIndexes: [],
  coverage: [{ scope: NAME, status: 'partial', reason: 'telemetry denied', asOf: null }],
  ...more,
});

test('what is put is read back, newest first, at most as many as asked', async () => {
  fresh();
  const takes = ['2026-11-01T10:00:00.000Z', '2026-11-03T10:00:00.000Z', '2026-11-02T10:00:00.000Z'].map(
    (at) => snapshot(at),
  );
  for (const each of takes) await putSnapshot(store, each, { last: 9, days: 9 });
  expect(await readSnapshots(store, NAME, 2)).toEqual([takes[1], takes[2]]);
  expect(await readSnapshots(store, NAME, 9)).toEqual([takes[1], takes[2], takes[0]]);
  expect(await readSnapshots(store, 'aws:0:x', 9)).toEqual([]);
  expect(await scopesHeld(store)).toEqual([NAME]);
});

test('list prices are kept with the look that asked for them', async () => {
  fresh();
  const price = {
    provider: 'aws',
    region: 'us-east-1',
    service: 'AmazonEC2',
    usage: 'BoxUsage:g5.xlarge',
    operation: 'RunInstances',
    sku: 'G5LINUX',
    unit: 'Hrs',
    currency: 'USD',
    tiers: [{ from: '0', price: '1.006' }],
    effective: '2026-10-01T00:00:00Z',
    asOf: '2026-11-01T10:00:00.000Z',
  } as const;
  const taken = snapshot('2026-11-01T10:00:00.000Z', { listPrices: [price] });
  await putSnapshot(store, taken, KEEP);
  expect(await readSnapshots(store, NAME, 1)).toEqual([taken]);
});

test('the same moment twice is one snapshot, the later one', async () => {
  fresh();
  await putSnapshot(store, snapshot('2026-11-01T10:00:00.000Z'), KEEP);
  await putSnapshot(store, snapshot('2026-11-01T10:00:00.000Z', { resources: [] }), KEEP);
  expect(await readSnapshots(store, NAME, 9)).toMatchObject([{ resources: [], telemetry: [series] }]);
});

test('the newest stay, and beyond them the newest of each day', async () => {
  fresh();
  const times = ['01T01', '01T02', '02T01', '02T02', '03T01', '03T02', '03T03', '03T04'];
  for (const time of times) await putSnapshot(store, snapshot(`2026-11-${time}:00:00.000Z`), KEEP);
  expect((await readSnapshots(store, NAME, 9)).map(({ takenAt }) => takenAt.slice(8, 13))).toEqual([
    '03T04',
    '03T03',
    '03T02',
    '02T02',
  ]);
});

test('keeping: never less than the newest, never more than asked, one a day', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2026-03-01'), noInvalidDate: true }),
        {
          selector: (date) => date.getTime(),
        },
      ),
      fc.nat(10),
      fc.nat(40),
      (dates, last, days) => {
        const keys = dates
          .map((date) => snapshotKey('s', date))
          .toSorted()
          .toReversed();
        const stay = kept(keys, { last, days });
        for (const key of keys.slice(0, last)) expect(stay).toContain(key);
        expect(stay.size).toBeLessThanOrEqual(last + days);
        const older = keys
          .slice(last)
          .filter((key) => stay.has(key))
          .map(dayOfKey);
        expect(new Set(older).size).toBe(older.length);
      },
    ),
  );
});

test('any text is a safe name and comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      fc.pre(a.isWellFormed() && b.isWellFormed());
      expect(safeName(a)).toMatch(/^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/);
      expect(textOf(safeName(a))).toBe(a);
      expect(safeName(a) === safeName(b)).toBe(a === b);
    }),
  );
  expect([safeName(''), safeName('.'), safeName('..'), safeName('a/b')]).toEqual([
    '~',
    '~2e',
    '~2e.',
    'a~2fb',
  ]);
});

test('a snapshot of a newer version, a torn one and a foreign file are told with their place', async () => {
  fresh();
  const at = '2026-11-01T10:00:00.000Z';
  await putSnapshot(store, snapshot(at), KEEP);
  const key = snapshotKey(NAME, new Date(at));
  const body = Buffer.from((await store.get(key))?.body ?? []);
  const lines = gunzipSync(body).toString();
  const attempts: [Uint8Array, object][] = [
    [gzipSync(lines.replace('"schemaVersion":2', '"schemaVersion":3')), { code: 'conflict' }],
    [body.subarray(0, body.length - 20), { code: 'unavailable' }],
    [
      gzipSync(lines.split('\n').slice(0, 3).join('\n')),
      { code: 'unavailable', message: expect.stringContaining('too early') },
    ],
    [Buffer.from('hello'), { code: 'unavailable' }],
    [
      gzipSync('{"kind":"snapshot"}\n'),
      { code: 'unavailable', message: expect.stringContaining('no record') },
    ],
  ];
  for (const [bad, told] of attempts) {
    await store.put(key, bad);
    await expect(readSnapshots(store, NAME, 1)).rejects.toMatchObject({
      ...told,
      where: expect.stringContaining(key),
    });
  }
});

test('an index that version 1 kept is read as one of pgvector of which nothing more is known', async () => {
  fresh();
  const at = '2026-11-01T10:00:00.000Z';
  const v1 = {
    store: 'docs',
    storeType: 'pgvector',
    id: 'postgres://db.acme.example:5432/docs/public.chunks_idx',
    table: 'public.chunks',
    index: 'public.chunks_idx',
    method: 'hnsw',
    dimension: 1536,
    vectors: 2_000_000,
    bytes: 16_000_000_000,
    queries: 4711,
    tableScans: 3,
    lastQuery: '2026-08-15T10:30:00.000Z',
    statsSince: '2026-01-01T00:00:00.000Z',
    replica: false,
    replicas: 0,
  };
  const lines = [
    { kind: 'snapshot', schemaVersion: 1, scope: SCOPE, takenAt: at, coverage: [] },
    { kind: 'vector-index', value: v1 },
    { kind: 'end', lines: 1 },
  ];
  await store.put(
    snapshotKey(NAME, new Date(at)),
    gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  );
  const [read] = await readSnapshots(store, NAME, 1);
  expect(read?.schemaVersion).toBe(2);
  expect(read?.vectorIndexes).toEqual([
    {
      ...v1,
      provider: 'postgres',
      accountId: 'db.acme.example:5432',
      region: 'global',
      dataset: 'pgvector.indexes',
      incarnation: null,
      metric: null,
      model: null,
      created: null,
      lastWrite: null,
      measured: null,
      writes: null,
      modelLifecycle: null,
      latency: null,
      source: null,
      capacity: null,
      sample: null,
      gaps: [],
    },
  ]);
});
