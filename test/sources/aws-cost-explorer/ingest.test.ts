import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convert } from '../../../lib/lake/ingest/convert.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { costExplorerSource } from '../../../lib/sources/aws-cost-explorer/source.ts';
import { answersOf } from './bill.ts';
import { costExplorerFake } from './fake.ts';

const now = new Date('2026-11-22T11:30:00Z');

test('what is delivered is taken by the lake whole: nothing rejected, nothing repaired, sums exact', async () => {
  await using fake = await costExplorerFake(
    answersOf([
      {
        day: '2026-10-31',
        account: '000000000012',
        service: 'AWS "Glue", with, commas',
        billed: '0.1',
        effective: '0.0000000000000001',
      },
      { day: '2026-11-01', service: 'Tax', type: 'Tax', billed: '0.2' },
      { day: '2026-11-01', service: 'Refund\nof two lines', type: 'Refund', billed: '-1e-7' },
    ]),
  );
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-ce-'));
  try {
    const source = costExplorerSource({
      id: 'aws-api',
      client: fake.client,
      accountId: '999900001111',
      months: 2,
    });
    const { files, grain, asOf } = await source.deliver({
      workDir,
      now,
      meter: new Meter(),
      progress: silent,
    });
    const taken = await convert(files, {
      sourceId: 'aws-api',
      sourceType: source.type,
      grain,
      workDir,
      outDir: join(workDir, 'out'),
      now,
      progress: silent,
      memoryMiB: 256,
    });
    expect(taken).toMatchObject({ rowsIn: 3, rowsKept: 3, rowsRejected: 0, repairs: {} });
    expect(taken.periods.map(({ period, totals }) => ({ period, totals }))).toEqual([
      {
        period: '2026-10',
        totals: [{ provider: 'AWS', currency: 'USD', billed: '0.1', effective: '0.0000000000000001' }],
      },
      {
        period: '2026-11',
        totals: [{ provider: 'AWS', currency: 'USD', billed: '0.1999999', effective: '0.1999999' }],
      },
    ]);
    expect(taken.asOf).toBe('2026-11-02T00:00:00.000Z');
    expect(asOf).toBe(taken.asOf);
  } finally {
    await rm(workDir, { recursive: true });
  }
});
