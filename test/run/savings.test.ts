import { describe, expect, it } from 'vitest';
import { decimal } from '../../lib/focus/decimal.ts';
import type { Lake } from '../../lib/lake/model.ts';
import type { FindingRecord } from '../../lib/ledger/model.ts';
import { savingsOf, stopsSaved } from '../../lib/run/savings.ts';
import { noteEnded, noteStopped } from '../../lib/run/sweep/savings.ts';
import { judgement, recordOf } from '../ledger/fixtures.ts';
import { WHOLE_LIFE } from '../ledger/lives.ts';
import { memoryLedger } from '../ledger/memory.ts';

const DAY = 86_400_000;
const STOPPED = '2026-03-11T00:00:00.000Z';
/** 2.4 an hour, 1728 a month of 30 days. */
const A_DAY = '57.6';
const MONTH = { amount: '1728', currency: 'USD' };

function day(n: number): string {
  return new Date(Date.parse(STOPPED) + n * DAY).toISOString();
}

interface BillRow {
  readonly day: string;
  readonly effective: string;
  readonly source: string;
  readonly committed: string;
}

/** Ten days before the stop of one source. */
function before(source = 'main', committed = '0'): BillRow[] {
  return Array.from({ length: 10 }, (_, n) => ({ day: day(n - 10), effective: A_DAY, source, committed }));
}

/** A lake that holds these charges of the resource, with sources that end when they end, and commitments unused. */
function lakeOf(rows: readonly BillRow[], ends: Readonly<Record<string, string>>, unused = '0') {
  const asked: string[] = [];
  const answers: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => readonly object[]>> =
    {
      'data-end': () => Object.entries(ends).map(([source, end]) => ({ source, start: day(-10), end })),
      'resource-days': ({ start, end }) =>
        rows
          .filter((row) => row.day >= String(start) && row.day < String(end))
          .map((row) => ({ ...row, day: row.day.slice(0, 10), currency: 'USD', resourceId: 'i-0abc' })),
      'unused-commitment': ({ start }) => (String(start) < STOPPED ? [] : [{ currency: 'USD', unused }]),
    };
  const ask: Lake['ask'] = async (name, params) => {
    asked.push(name);
    // What a named query gives is known by its name alone.
    return JSON.parse(JSON.stringify(answers[name]?.(params) ?? []));
  };
  return { ask, asked };
}

async function ledgerWith(
  until: string | null,
  change: (record: FindingRecord) => FindingRecord = (r) => r,
  ledger = memoryLedger(),
  more: Parameters<typeof judgement>[0] = {},
) {
  const plain = recordOf(judgement({ monthlySaving: MONTH, ...more }));
  const life = {
    ...WHOLE_LIFE,
    restoredAt: null,
    stopped: { at: STOPPED, action: 'aws.ec2.stop', undoPlan: null, estimated: MONTH },
  };
  const record = change({ ...plain, finding: { ...plain.finding, state: 'STOPPED' }, life });
  await ledger.put(record, 0, null);
  await noteStopped(ledger, record.finding, STOPPED, 'aws.ec2.stop');
  if (until !== null) await noteEnded(ledger, record.finding.id, until);
  return ledger;
}

/** Evidence of a machine that ran in what is paid for all the same. */
function reserved(name: string) {
  return [{ name, value: '1728', unit: 'USD', window: '', source: 'inventory' }];
}

const about = (amount: string | undefined) => decimal(amount ?? 'NaN').toFixed(6);

describe('what stops saved', () => {
  it.each([
    ['goes on billing: Capacity Reservation cr-1', '0'],
    ['paid in advance', '0'],
    ['goes on billing: its reservation', '0'],
    ['goes on billing: not certain at 95%', '172.8'],
  ])('is nothing where what it ran in is paid for all the same: %s', async (name, realised) => {
    const ledger = await ledgerWith(null, undefined, undefined, { evidence: reserved(name) });
    const told = await savingsOf(lakeOf(before(), { main: day(3) }), ledger, null, day(3));
    expect(about(told.realised[0]?.amount)).toBe(about(realised));
  });

  it('is told beside what was said, over the same hours', async () => {
    const told = await savingsOf(lakeOf(before(), { main: day(3) }), await ledgerWith(null), null, day(3));
    expect(told).toMatchObject({ stops: 1, unbilled: 0 });
    expect(about(told.realised[0]?.amount)).toBe(about('172.8'));
    expect(about(told.estimated[0]?.amount)).toBe(about('172.8'));
  });

  it('ends where it ended, however much later the bills reach', async () => {
    const bills = [...before(), { day: day(1), effective: A_DAY, source: 'main', committed: '0' }];
    const told = await savingsOf(lakeOf(bills, { main: day(30) }), await ledgerWith(day(1)), null, day(30));
    expect(about(told.realised[0]?.amount)).toBe(about('57.6'));
  });

  it('reaches as far as the bill of this resource, not as far as any bill', async () => {
    const ends = { main: day(2), prompt: day(6) };
    const told = await savingsOf(lakeOf(before(), ends), await ledgerWith(null), null, day(6));
    expect(about(told.realised[0]?.amount)).toBe(about('115.2'));
  });

  it('is unknown, and not nothing, where its bill has not come or never comes', async () => {
    const late = await savingsOf(
      lakeOf(before(), { main: day(0), prompt: day(6) }),
      await ledgerWith(null),
      null,
      day(6),
    );
    expect(late).toEqual({ stops: 1, unbilled: 1, estimated: [], realised: [] });
    const never = await savingsOf(lakeOf([], { prompt: day(6) }), await ledgerWith(null), null, day(6));
    expect(never).toEqual({ stops: 1, unbilled: 1, estimated: [], realised: [] });
  });

  it('is told anew when a bill is restated', async () => {
    const ledger = await ledgerWith(null);
    const half = before().map((row) => ({ ...row, effective: '28.8' }));
    const [first, second] = [
      await savingsOf(lakeOf(before(), { main: day(3) }), ledger, null, day(3)),
      await savingsOf(lakeOf(half, { main: day(3) }), ledger, null, day(3)),
    ];
    expect([first, second].map(({ realised }) => about(realised[0]?.amount))).toEqual(
      ['172.8', '86.4'].map(about),
    );
  });

  it('asks for unused commitments only where a commitment covered it', async () => {
    const plain = lakeOf(before(), { main: day(3) });
    await savingsOf(plain, await ledgerWith(null), null, day(3));
    expect(plain.asked).toEqual(['data-end', 'resource-days']);
    const covered = lakeOf(before('main', A_DAY), { main: day(3) }, '100');
    const told = await savingsOf(covered, await ledgerWith(null), null, day(3));
    expect(about(told.realised[0]?.amount)).toBe(about('72.8'));
  });

  it('shares what went unused among all that were stopped, and takes it off once', async () => {
    const lake = lakeOf(before('main', A_DAY), { main: day(3) }, '100');
    const ledger = await ledgerWith(null);
    await ledgerWith(null, undefined, ledger, { resourceId: 'i-other' });
    // Two of 172.80 in three days each, of which commitments went on paying 100.
    const told = await savingsOf(lake, ledger, null, day(3));
    expect(told.stops).toBe(2);
    expect(about(told.realised[0]?.amount)).toBe(about('245.6'));
    // Asked for one alone, each has its share.
    const [one, ...others] = await stopsSaved(lake, ledger, null, day(3), new Set(['i-other']));
    expect(others).toEqual([]);
    expect(about(one?.found?.saved.amount)).toBe(about('122.8'));
  });

  it('ends with a finding that others resolved, though its document was left open', async () => {
    const ledger = await ledgerWith(null, (record) => ({
      ...record,
      finding: { ...record.finding, state: 'RESOLVED' },
      observed: { at: day(2), runId: 'audit' },
    }));
    const told = await savingsOf(lakeOf(before(), { main: day(9) }), ledger, null, day(9));
    expect(about(told.realised[0]?.amount)).toBe(about('115.2'));
  });
});
