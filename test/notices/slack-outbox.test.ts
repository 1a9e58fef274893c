import { expect, test } from 'vitest';
import { sqliteLedger } from '../../lib/ledger/sqlite.ts';
import { claim } from '../../lib/notices/slack-outbox.ts';

const NOW = new Date('2026-11-09T08:00:00Z');
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const MINUTE = 60_000;

test('a fresh message is held by one sender until its time is over', async () => {
  const store = sqliteLedger(':memory:');
  expect((await claim(store, 'k', NOW, MINUTE)).kind).toBe('fresh');
  await expect(claim(store, 'k', at(89), MINUTE)).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('2026-11-09T08:01:30.000Z'),
  });
  expect(await claim(store, 'k', at(90), MINUTE)).toMatchObject({
    kind: 'unknown',
    since: NOW.toISOString(),
  });
});

test('what was posted stays posted', async () => {
  const store = sqliteLedger(':memory:');
  const first = await claim(store, 'k', NOW, MINUTE);
  if (first.kind !== 'fresh') throw new Error(first.kind);
  await first.outbox.posted({ channel: 'C1', ts: '1.2' });
  expect(await claim(store, 'k', at(1), MINUTE)).toEqual({ kind: 'posted', channel: 'C1', ts: '1.2' });
});

test('what Slack refused is free again, at once and without a search', async () => {
  const store = sqliteLedger(':memory:');
  const first = await claim(store, 'k', NOW, MINUTE);
  if (first.kind !== 'fresh') throw new Error(first.kind);
  await first.outbox.release();
  expect((await claim(store, 'k', at(1), MINUTE)).kind).toBe('fresh');
});

test('a sender whose time was over cannot write over the next one', async () => {
  const store = sqliteLedger(':memory:');
  const slow = await claim(store, 'k', NOW, MINUTE);
  const next = await claim(store, 'k', at(100), MINUTE);
  if (slow.kind === 'posted' || next.kind === 'posted') throw new Error('nothing was posted');
  await expect(slow.outbox.posted({ channel: 'C1', ts: '1.2' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(next.outbox.posted({ channel: 'C1', ts: '3.4' })).resolves.toBeUndefined();
});

test.each([{ schemaVersion: 2, state: 'posted' }, { schemaVersion: 1, state: 'sending' }, null, 'text'])(
  'an entry that it cannot read is left alone: %j',
  async (value) => {
    const store = sqliteLedger(':memory:');
    await store.putDoc('k', value, 0);
    await expect(claim(store, 'k', NOW, MINUTE)).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.getDoc('k'))?.value).toEqual(value);
  },
);
