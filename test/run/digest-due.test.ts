import { describe, expect, test } from 'vitest';
import { lateDigests, noteDigest } from '../../lib/run/digest-due.ts';
import { memoryLedger } from '../ledger/memory.ts';

const WEEKLY = [{ id: 'main', schedule: 'Mon 09:00' }];
const at = (text: string) => new Date(text);
/** Digests that are late in Berlin at a moment, of one ledger. */
function watched(digests = WEEKLY) {
  const ledger = memoryLedger();
  return {
    ledger,
    sent: (when: string, id = 'main') => noteDigest(ledger, id, at(when)),
    late: (when: string) => lateDigests(ledger, digests, 'Europe/Berlin', at(when)),
  };
}

describe('a weekly digest, Monday 09:00 in Berlin', () => {
  test('is not late before it was ever due, however long ago the last Monday was', async () => {
    const { late } = watched();
    expect(await late('2026-11-18T12:00:00Z')).toEqual([]);
    expect(await late('2026-11-22T12:00:00Z')).toEqual([]);
  });

  test('is late two and a half hours after its time, until it is sent', async () => {
    const { late, sent } = watched();
    await late('2026-11-18T12:00:00Z');
    expect(await late('2026-11-23T10:29:00Z')).toEqual([]);
    expect(await late('2026-11-23T10:31:00Z')).toEqual(['main']);
    expect(await late('2026-11-25T00:00:00Z')).toEqual(['main']);
    await sent('2026-11-25T08:00:00Z');
    expect(await late('2026-11-25T08:15:00Z')).toEqual([]);
  });

  test('that was sent in time is not late until the next Monday', async () => {
    const { late, sent } = watched();
    await sent('2026-11-16T08:00:40Z');
    expect(await late('2026-11-23T07:59:00Z')).toEqual([]);
    expect(await late('2026-11-23T09:00:00Z')).toEqual([]);
    expect(await late('2026-11-23T11:00:00Z')).toEqual(['main']);
  });

  test('over the end of summer time its time is told by the clock', async () => {
    const { late, sent } = watched();
    // Of October 26, 2026 09:00 is 08:00 UTC; a week before it was 07:00.
    await sent('2026-10-19T07:00:30Z');
    expect(await late('2026-10-26T10:20:00Z')).toEqual([]);
    expect(await late('2026-10-26T10:40:00Z')).toEqual(['main']);
  });
});

test('one at a rate is late when one rate and the grace have passed since the last', async () => {
  const { late, sent } = watched([{ id: 'main', schedule: 'rate(1 day)' }]);
  await late('2026-11-01T00:00:00Z');
  expect(await late('2026-11-02T02:29:00Z')).toEqual([]);
  expect(await late('2026-11-02T02:30:00Z')).toEqual(['main']);
  await sent('2026-11-02T03:00:00Z');
  expect(await late('2026-11-03T05:00:00Z')).toEqual([]);
});

test('each of several is told by its own schedule, and one that is added is watched from then on', async () => {
  const both = [...WEEKLY, { id: 'board', schedule: '07:00' }];
  const { late, sent, ledger } = watched(both);
  await lateDigests(ledger, WEEKLY, 'Europe/Berlin', at('2026-11-10T00:00:00Z'));
  await sent('2026-11-16T08:00:40Z');
  expect(await late('2026-11-18T00:00:00Z')).toEqual([]);
  expect(await late('2026-11-18T09:00:00Z')).toEqual(['board']);
  await sent('2026-11-18T09:00:00Z', 'board');
  expect(await late('2026-11-23T12:00:00Z')).toEqual(['main', 'board']);
});

test('what another version wrote is left as it is, and told', async () => {
  const { late, sent, ledger } = watched();
  await ledger.putDoc('digests/sent', { schemaVersion: 2, digests: [] }, 0);
  await expect(late('2026-11-23T12:00:00Z')).rejects.toThrow('written by another version');
  await expect(sent('2026-11-23T12:00:00Z')).rejects.toThrow('written by another version');
  expect((await ledger.getDoc('digests/sent'))?.value).toEqual({ schemaVersion: 2, digests: [] });
});

test('two that are sent at once are both kept', async () => {
  const { ledger, sent } = watched();
  await Promise.all([sent('2026-11-23T08:00:00Z'), sent('2026-11-23T08:00:01Z', 'board')]);
  expect((await ledger.getDoc('digests/sent'))?.value).toMatchObject({
    digests: {
      main: { sentAt: '2026-11-23T08:00:00.000Z' },
      board: { sentAt: '2026-11-23T08:00:01.000Z' },
    },
  });
});
