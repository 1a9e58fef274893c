import { expect, test } from 'vitest';
import type { AuditRecord, FindingRecord, FindingState } from '../../lib/ledger/model.ts';
import { digestLife } from '../../lib/run/digest-life.ts';
import { AFTER, intent, SOON, standing } from '../ledger/decide/world.ts';

const WEEK = { start: '2026-03-02T00:00:00.000Z', end: '2026-03-09T00:00:00.000Z' };

function entry(at: string, from: FindingState | null, to: FindingState): AuditRecord {
  return {
    schemaVersion: 1,
    findingId: 'f-1',
    at,
    actor: 'sweep',
    from,
    to,
    reason: 'because',
    runId: 'r-1',
    resourceId: 'i-1',
    details: {},
  };
}

/** A trail for each record, and no notice of any. */
const told = async (records: readonly FindingRecord[], trail: readonly AuditRecord[] = []) =>
  await digestLife({ history: async () => [...trail], getDoc: async () => null }, records, WEEK, [
    'U0APPROVER',
  ]);

test('what the trail says of the week, half-open, oldest first; steps on the way are nothing', async () => {
  const { events } = await told(
    [standing('RESTORED')],
    [
      entry('2026-03-01T23:59:59.999Z', 'STOPPING', 'STOPPED'),
      entry('2026-03-06T10:00:00.000Z', 'STARTING', 'RESTORED'),
      entry(WEEK.start, 'STOPPING', 'STOPPED'),
      entry('2026-03-03T10:00:00.000Z', 'WARNED', 'STOPPING'),
      entry('2026-03-03T11:00:00.000Z', 'STOPPED', 'STOPPED'),
      entry('2026-03-03T12:00:00.000Z', 'UNDO_REQUESTED', 'STOPPED'),
      entry('2026-03-04T10:00:00.000Z', 'EXEMPTION_REQUESTED', 'EXEMPT'),
      entry('2026-03-05T10:00:00.000Z', 'STOPPING', 'STOP_FAILED'),
      entry('2026-03-05T11:00:00.000Z', 'STARTING', 'RESTORE_FAILED'),
      entry(WEEK.end, 'STARTING', 'RESTORED'),
    ],
  );
  expect(events.map(({ id, at }) => [id, at.slice(5, 10)])).toEqual([
    ['stopped', '03-02'],
    ['exempted', '03-04'],
    ['failed', '03-05'],
    ['failed', '03-05'],
    ['undone', '03-06'],
  ]);
});

test('the trail of what nobody acted on is not read', async () => {
  const trail = [entry('2026-03-03T10:00:00.000Z', 'STOPPING', 'STOPPED')];
  for (const state of ['DETECTED', 'WARNED', 'RESOLVED'] as const)
    expect((await told([standing(state)], trail)).events).toEqual([]);
  expect((await told([standing('STOPPED')], trail)).events).toHaveLength(1);
});

test('a stop that was given up has failed, and is to be repaired: whose it is was never asked', async () => {
  const givenUp = standing('ESCALATED', { intent: { ...intent, attempt: 3 }, blocked: 'refused' });
  const { events, decisions } = await told(
    [givenUp],
    [
      entry('2026-03-05T10:00:00.000Z', 'STOPPING', 'STOP_FAILED'),
      entry('2026-03-05T11:00:00.000Z', 'STOP_FAILED', 'ESCALATED'),
    ],
  );
  expect(events).toMatchObject([{ id: 'failed', at: '2026-03-05T10:00:00.000Z' }]);
  expect(decisions).toMatchObject([{ kind: 'repair', since: AFTER, press: null }]);
});

const kindOf = async (state: FindingState) => (await told([standing(state)])).decisions[0]?.kind ?? null;

test('each state that waits for somebody is a decision, and no other is', async () => {
  const kinds = {
    APPROVAL_REQUESTED: 'approve-stop',
    EXEMPTION_REQUESTED: 'approve-exemption',
    STOP_FAILED: 'repair',
    RESTORE_FAILED: 'repair',
    DISOWNED: 'name-owner',
    UNDELIVERED: 'name-owner',
    ESCALATED: 'name-owner',
    DETECTED: null,
    WARNED: null,
    SNOOZED: null,
    EXEMPT: null,
    STOPPED: null,
    RESTORED: null,
    RESOLVED: null,
  } as const;
  const states: FindingState[] = [
    'APPROVAL_REQUESTED',
    'EXEMPTION_REQUESTED',
    'STOP_FAILED',
    'RESTORE_FAILED',
    'DISOWNED',
    'UNDELIVERED',
    'ESCALATED',
    'DETECTED',
    'WARNED',
    'SNOOZED',
    'EXEMPT',
    'STOPPED',
    'RESTORED',
    'RESOLVED',
  ];
  const found = await Promise.all(states.map(async (state) => [state, await kindOf(state)]));
  expect(Object.fromEntries(found)).toEqual(kinds);
});

test('when it was asked is told; without its message there is nothing to press', async () => {
  const [stop] = (await told([standing('APPROVAL_REQUESTED')])).decisions;
  expect(stop).toMatchObject({ since: SOON, asked: [], press: null });
  const [failed] = (await told([standing('STOP_FAILED')])).decisions;
  expect(failed).toMatchObject({ since: AFTER, press: null });
});

test('of 502 that were acted on, that two were left out is told', async () => {
  const records = Array.from({ length: 502 }, () => standing('STOPPED'));
  const { events, notes } = await told(records, [entry('2026-03-03T10:00:00.000Z', 'STOPPING', 'STOPPED')]);
  expect(events).toHaveLength(500);
  expect(notes).toEqual([
    'Of 2 findings that were acted on longest ago, nothing of this period was looked for.',
  ]);
  expect((await told(records.slice(2))).notes).toEqual([]);
});
