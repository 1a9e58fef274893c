import { expect, test } from 'vitest';
import { listFindings } from '../../lib/run/findings.ts';
import { memoryLedger } from '../ledger/memory.ts';

const ledger = memoryLedger();

test('a state or check that nobody knows is an error with what was meant, never "none"', async () => {
  expect(await listFindings({ ledger }, { state: 'RESOLVED', check: 'idle-gpu' })).toEqual([]);
  await expect(listFindings({ ledger }, { state: null, check: 'idle-gpux' })).rejects.toMatchObject({
    code: 'input',
    told: 'there is no check "idle-gpux"\n  Did you mean idle-gpu?',
  });
  await expect(listFindings({ ledger }, { state: 'detected', check: null })).rejects.toMatchObject({
    told: 'there is no state "detected"\n  Did you mean DETECTED?',
  });
  await expect(listFindings({ ledger }, { state: 'IDLE', check: null })).rejects.toMatchObject({
    told: expect.stringMatching(/^there is no state "IDLE"\n {2}Known: DETECTED, NOTIFY_PENDING, /),
  });
});
