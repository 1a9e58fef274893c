import { expect, test } from 'vitest';
import type { FindingState } from '../../lib/ledger/life.ts';
import { withoutOwnStops } from '../../lib/run/own-stops.ts';
import { judgement, recordOf } from '../ledger/fixtures.ts';
import { memoryLedger } from '../ledger/memory.ts';

const OURS = judgement();
const billed = judgement({ check: 'stopped-but-billed', verdict: 'UNUSED' });
const other = judgement({
  check: 'stopped-but-billed',
  verdict: 'UNUSED',
  resourceId: `${OURS.resourceId}9`,
});

async function told(state: FindingState): Promise<string[]> {
  const ledger = memoryLedger();
  const record = recordOf(OURS);
  await ledger.put({ ...record, finding: { ...record.finding, state } }, 0, null);
  const left = await withoutOwnStops(ledger, [OURS, billed, other]);
  return left.map(({ check, resourceId }) => `${check} ${resourceId}`);
}

const all = [OURS, billed, other].map(({ check, resourceId }) => `${check} ${resourceId}`);

test.each<FindingState>([
  'STOPPING',
  'STOPPED',
  'STOP_FAILED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORE_FAILED',
])('what our own stop holds (%s) is not told as stopped but billed; everything else is', async (state) => {
  expect(await told(state)).toEqual([all[0], all[2]]);
});

test.each<FindingState>(['DETECTED', 'WARNED', 'RESTORED', 'RESOLVED', 'BLOCKED'])(
  'what others stopped (%s) is told',
  async (state) => {
    expect(await told(state)).toEqual(all);
  },
);

test('without such a judgement the ledger is not read', async () => {
  const unread = {
    all() {
      throw new Error('read');
    },
  };
  expect(await withoutOwnStops(unread, [OURS])).toEqual([OURS]);
});
