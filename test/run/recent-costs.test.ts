import { expect, test } from 'vitest';
import { Meter } from '../../lib/platform/meter.ts';
import { recentCosts } from '../../lib/run/recent-costs.ts';
import type { BesideTable } from '../../lib/sources/model.ts';
import { delivery } from '../lake/bills.ts';
import { bill, opened, QUIET } from './auditor.ts';

const NOW = new Date('2026-11-22T11:30:00Z');
const day = (start: string, resource: string, effective: string) => ({
  start,
  account: '111122223333',
  resource,
  billed: '9',
  effective,
  currency: 'USD',
  estimated: 'true',
});
const table = (takenAt: string): BesideTable => ({
  name: 'resources',
  takenAt,
  rows: [
    day('2026-11-20', 'i-0abc', '0.1'),
    day('2026-11-21', 'i-0abc', '0.2'),
    day('2026-11-21', 'NoResourceId', '50'),
    day('2026-11-09', 'i-0def', '3'),
    { ...day('2026-11-10', 'i-0123', '1'), effective: null },
  ],
});

test('instances of the newest look are summed exactly; what is of no machine, or too old, is left out', async () => {
  const { lake, folder } = await opened();
  for (const [id, sourceType] of [
    ['api', 'aws-cost-explorer'],
    ['files', 'focus-file'],
  ] as const) {
    const source = await bill(folder, id, [{}]);
    const given = await source.deliver({ workDir: folder, now: NOW, meter: new Meter(), progress: QUIET });
    await lake.ingest(delivery(id, given.files, { sourceType, grain: 'account-service' }), NOW, QUIET);
    await lake.putBeside(id, table('2026-11-22T00:00:00.000Z'));
  }
  const window = { start: '2026-11-09T00:00:00.000Z', end: '2026-11-22T00:00:00.000Z' };
  const own = { source: 'api', accountId: '111122223333', currency: 'USD', ...window };
  expect(await recentCosts(lake, null, NOW)).toEqual([
    { ...own, resourceId: 'i-0abc', effective: '0.3' },
    { ...own, resourceId: 'i-0def', effective: '3' },
  ]);
  expect(await recentCosts(lake, ['files'], NOW)).toEqual([]);
  expect(await recentCosts(lake, null, new Date('2026-12-07T00:00:00Z'))).toEqual([]);
  await lake.putBeside('api', { name: 'resources', takenAt: '2026-11-22T10:00:00.000Z', rows: [] });
  expect(await recentCosts(lake, null, NOW)).toEqual([]);
});
