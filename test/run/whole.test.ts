import { describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../lib/ledger/model.ts';
import type { ErrorCode } from '../../lib/platform/errors.ts';
import { listFindings } from '../../lib/run/findings.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { everything } from '../ledger/fixtures.ts';
import { auditorOf, bill, EAST, estate, failingBill, opened, WEST } from './auditor.ts';

vi.setConfig({ testTimeout: 60_000 });

const FIRST = new Date('2026-11-16T08:00:00Z');
const LATER = new Date('2026-11-17T08:00:00Z');

const ids = (findings: readonly Finding[]) =>
  findings.map(({ resourceId }) => resourceId.slice(resourceId.lastIndexOf('/') + 1)).toSorted();

const east = (holds: ErrorCode | readonly string[]) => estate([{ scope: EAST, holds }]);
const both = (holds: ErrorCode | readonly string[]) =>
  estate([
    { scope: EAST, holds },
    { scope: WEST, holds: ['i-3'] },
  ]);

describe('an audit again', () => {
  it('changes nothing but lastSeen where nothing changed', async () => {
    const state = await opened();
    const seen = estate([{ scope: EAST, holds: ['i-1', 'i-2'] }]);
    const first = await wholeAudit(auditorOf(state, [], [seen]), 'r1', false, FIRST);
    const second = await wholeAudit(auditorOf(state, [], [seen]), 'r2', false, LATER);
    expect(ids(first.result.findings)).toEqual(['i-1', 'i-2']);
    const later = LATER.toISOString();
    expect(second.result.findings).toEqual(
      first.result.findings.map((each) => ({ ...each, lastSeen: later })),
    );
    expect(second.recorded).toMatchObject({ resolved: [], carried: [], conflicts: [], newer: [] });
  });

  it('resolves what is gone from a scope that was read completely', async () => {
    const state = await opened();
    await wholeAudit(
      auditorOf(state, [], [estate([{ scope: EAST, holds: ['i-1', 'i-2'] }])]),
      'r1',
      false,
      FIRST,
    );
    const less = estate([{ scope: EAST, holds: ['i-2'] }]);
    const { result, recorded } = await wholeAudit(auditorOf(state, [], [less]), 'r2', false, LATER);
    expect(ids(result.findings)).toEqual(['i-2']);
    expect(ids(recorded.resolved)).toEqual(['i-1']);
    expect(await listFindings(auditorOf(state, []), { state: 'RESOLVED', check: null })).toMatchObject([
      { resourceId: expect.stringContaining('i-1'), firstSeen: FIRST.toISOString() },
    ]);
  });

  it('a scope that fails keeps its findings open, and they are not seen anew', async () => {
    const state = await opened();
    await wholeAudit(auditorOf(state, [], [both(['i-1'])]), 'r1', false, FIRST);
    const { result, recorded } = await wholeAudit(auditorOf(state, [], [both('denied')]), 'r2', false, LATER);
    expect(recorded.resolved).toEqual([]);
    expect(result.coverage).toMatchObject([
      { scope: 'aws:111122223333:us-east-1', status: 'failed', reason: 'it is denied' },
      { scope: 'aws:111122223333:us-west-2', status: 'complete' },
    ]);
    const kept = (await everything(state.ledger)).map(({ finding }) => finding);
    expect(kept.filter(({ state: life }) => life !== 'RESOLVED')).toHaveLength(2);
    expect(kept.find(({ region }) => region === 'us-east-1')?.lastSeen).toBe(FIRST.toISOString());
    expect(kept.find(({ region }) => region === 'us-west-2')?.lastSeen).toBe(LATER.toISOString());
  });

  it('a scope that is back is judged again', async () => {
    const state = await opened();
    for (const [at, holds] of [['i-1'], 'throttled' as const, ['i-1']].entries())
      await wholeAudit(
        auditorOf(state, [], [east(holds)]),
        `r${at}`,
        false,
        new Date(FIRST.getTime() + at * 1000),
      );
    const [finding] = await listFindings(auditorOf(state, []), { state: null, check: null });
    expect(finding).toMatchObject({
      state: 'DETECTED',
      firstSeen: FIRST.toISOString(),
      lastSeen: '2026-11-16T08:00:02.000Z',
    });
  });
});

describe('what the line names', () => {
  it('is alone in the answer, and resolves nothing elsewhere', async () => {
    const state = await opened();
    await wholeAudit(auditorOf(state, [], [estate([{ scope: EAST, holds: ['i-1'] }])]), 'r1', true, FIRST);
    const alone = auditorOf(state, [await bill(state.folder, 'a', [{}])]);
    const { result, recorded } = await wholeAudit(alone, 'r2', true, LATER);
    expect(result.coverage.map(({ scope }) => scope)).toEqual(['bill:a']);
    expect(result.findings).toEqual([]);
    expect(recorded.resolved).toEqual([]);
    const [open] = await listFindings(alone, { state: 'DETECTED', check: null });
    expect(open).toMatchObject({ resourceId: expect.stringContaining('i-1'), lastSeen: FIRST.toISOString() });
  });

  it('counts all of the state where nothing is named', async () => {
    const state = await opened();
    await wholeAudit(
      auditorOf(state, [await bill(state.folder, 'a', [{ BilledCost: '1' }])]),
      'r1',
      true,
      FIRST,
    );
    await wholeAudit(
      auditorOf(state, [await bill(state.folder, 'b', [{ BilledCost: '2' }])]),
      'r2',
      true,
      FIRST,
    );
    const { result } = await wholeAudit(auditorOf(state, []), 'r3', false, LATER);
    expect(result.spend).toMatchObject([{ currency: 'USD', billed: '3' }]);
    expect(result.coverage.map(({ scope }) => scope)).toEqual(['bill:a', 'bill:b']);
  });

  it('cannot be read: nothing is judged or remembered, and every fault is told', async () => {
    const state = await opened();
    const auditor = auditorOf(state, [failingBill('x', 'input'), failingBill('y', 'input')]);
    await expect(wholeAudit(auditor, 'r1', true, FIRST)).rejects.toMatchObject({
      code: 'input',
      message: 'bill:x: it is input\nbill:y: it is input',
    });
    const { result } = await wholeAudit(auditorOf(state, []), 'r2', false, LATER);
    expect(result.coverage).toEqual([]);
  });

  it('is throttled or away: told in coverage, since it may pass', async () => {
    const state = await opened();
    const auditor = auditorOf(state, [failingBill('x', 'throttled'), await bill(state.folder, 'a', [{}])]);
    const { result } = await wholeAudit(auditor, 'r1', true, FIRST);
    expect(result.coverage).toMatchObject([
      { scope: 'bill:a', status: 'complete' },
      { scope: 'bill:x', status: 'failed', reason: 'bill:x: it is throttled' },
    ]);
    expect(result.spend).toMatchObject([{ billed: '1.5' }]);
  });
});

describe('what the config names', () => {
  it('and cannot be read is told, and the others go on', async () => {
    const state = await opened();
    const auditor = auditorOf(
      state,
      [failingBill('x', 'input'), await bill(state.folder, 'a', [{}])],
      [estate([{ scope: EAST, holds: ['i-1'] }])],
    );
    const { result } = await wholeAudit(auditor, 'r1', false, FIRST);
    expect(result.coverage.map(({ scope, status }) => [scope, status])).toEqual([
      ['aws:111122223333:us-east-1', 'complete'],
      ['bill:a', 'complete'],
      ['bill:x', 'failed'],
    ]);
    expect(ids(result.findings)).toContain('i-1');
  });

  it('whose listing fails is one scope of its own', async () => {
    const state = await opened();
    const lost = { ...estate([]), plan: () => Promise.reject(new TypeError('a defect')) };
    await expect(wholeAudit(auditorOf(state, [], [lost]), 'r1', false, FIRST)).rejects.toThrow('a defect');
    const silent = {
      ...estate([]),
      plan: async () => ({
        scopes: [],
        coverage: [{ scope: 'aws:5', status: 'failed' as const, reason: 'denied', asOf: null }],
      }),
    };
    const { result } = await wholeAudit(auditorOf(state, [], [silent]), 'r2', false, LATER);
    expect(result.coverage).toEqual([{ scope: 'aws:5', status: 'failed', reason: 'denied', asOf: null }]);
  });

  it('the calls of this run are counted, not those of the last one again', async () => {
    const state = await opened();
    const seen = estate([{ scope: EAST, holds: [] }]);
    const calls = async (run: string, estates: readonly ReturnType<typeof estate>[]) =>
      (await wholeAudit(auditorOf(state, [], estates), run, false, FIRST)).result.ownCost.calls;
    expect(await calls('r1', [seen])).toEqual([{ api: 'ec2:DescribeInstances', count: 1 }]);
    expect(await calls('r2', [])).toEqual([]);
  });
});
