import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitPeriods } from '../../lib/lake/commit.ts';
import { convert } from '../../lib/lake/ingest/convert.ts';
import type { Converted } from '../../lib/lake/ingest/model.ts';
import { openLake } from '../../lib/lake/lake.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import type { Store } from '../../lib/lake/store/model.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type Bench, type BillRow, bench, delivery, inMonth, row } from './bills.ts';
import { breaking } from './breaking.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
let bills: Bench;
let old: Converted;
let restated: Converted;

beforeAll(async () => {
  bills = await bench();
  old = await converted('old', [row({ BilledCost: '1' }), inMonth('2026-10', { BilledCost: '10' })]);
  restated = await converted('new', [row({ BilledCost: '2' }), inMonth('2026-10', { BilledCost: '20' })]);
});
afterAll(async () => {
  await bills[Symbol.asyncDispose]();
});

async function converted(name: string, rows: readonly BillRow[]): Promise<Converted> {
  const workDir = join(bills.folder, name);
  await mkdir(workDir);
  return await convert([await bills.file(rows)], {
    sourceId: 'acme',
    sourceType: 'focus-file',
    grain: 'resource',
    workDir,
    outDir: join(workDir, 'parts'),
    now: NOW,
    progress: silent,
    memoryMiB: 128,
  });
}

/** Commits a copy of the parts, since storing may move them away. */
async function commit(store: Store, from: Converted, folder: string): Promise<void> {
  const periods = [];
  for (const period of from.periods) {
    const parts = [];
    for (const [at, part] of period.parts.entries()) {
      const path = join(folder, `${period.period}-${at}.parquet`);
      await cp(part.path, path);
      parts.push({ ...part, path });
    }
    periods.push({ ...period, parts });
  }
  await commitPeriods(store, delivery('acme', []), { ...from, periods }, new Map(), String(counter++), NOW);
}
let counter = 0;

test.each([{ after: false }, { after: true }])(
  'whichever write is the last (done: $after), the lake holds the old rows or the new ones, whole',
  async ({ after }) => {
    const seen: string[] = [];
    for (let failing = 0; ; failing++) {
      const state = join(bills.folder, `${after}-${failing}`);
      const whole = folderStore(join(state, 'lake'));
      await commit(whole, old, state);
      const store = breaking(whole, failing, after);
      const outcome = await commit(store, restated, state).then(
        () => 'done',
        (error: unknown) => (error instanceof Error ? error.message : 'other'),
      );
      await using lake = await openLake({ store: whole, workDir: join(state, 'work'), memoryMiB: 128 });
      const held = async () =>
        (await lake.ask<{ billed: string }>('spend-by-provider-month', {}, null))
          .map(({ billed }) => billed)
          .join(' ');
      seen.push(`${outcome}: ${await held()}`);
      // The next run completes what the crash left.
      await commit(whole, restated, state);
      expect(await held()).toBe('20 2');
      if (store.writes() <= failing) break;
    }
    // Two parts and the manifest: each was the last write once, and then none was.
    expect(seen).toEqual([
      'the power is gone: 10 1',
      'the power is gone: 10 1',
      `the power is gone: ${after ? '20 2' : '10 1'}`,
      'done: 20 2',
    ]);
  },
);

test('a writer who is told that it lost against itself keeps the true former totals', async () => {
  const state = join(bills.folder, 'echo');
  const whole = folderStore(join(state, 'lake'));
  await commit(whole, old, state);
  let lost = 0;
  const echoing: Store = {
    ...whole,
    async putIf(key, body, version) {
      await whole.putIf(key, body, version);
      lost++;
      return await whole.putIf(key, body, version);
    },
  };
  await commit(echoing, restated, state);
  expect(lost).toBe(1);
  await using lake = await openLake({ store: whole, workDir: join(state, 'work'), memoryMiB: 128 });
  expect((await lake.sources())[0]?.periods).toMatchObject([
    { period: '2026-10', totals: [{ billed: '20' }], former: [{ billed: '10' }] },
    { period: '2026-11', totals: [{ billed: '2' }], former: [{ billed: '1' }] },
  ]);
});
