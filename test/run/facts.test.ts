import { describe, expect, it, vi } from 'vitest';
import { windowOf } from '../../lib/run/facts.ts';
import { listFindings } from '../../lib/run/findings.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { auditorOf, bill, opened } from './auditor.ts';

vi.setConfig({ testTimeout: 60_000 });

const NOW = new Date('2026-11-16T08:00:00Z');

const end = (at: string, daily = true) => ({
  source: 'a',
  start: '2026-01-01T00:00:00.000Z',
  end: at,
  daily,
});

const untagged = (day: string) => ({
  Tags: '{}',
  ResourceId: 'vol-old',
  BillingPeriodStart: `${day.slice(0, 7)}-01T00:00:00Z`,
  ChargePeriodStart: `${day}T00:00:00Z`,
  ChargePeriodEnd: `${day}T23:00:00Z`,
});

describe('the window of cost', () => {
  it('ends with the newest bill, a day begun counting whole', () => {
    expect(windowOf([end('2026-10-04T13:00:00.000Z'), end('2026-09-30T00:00:00.000Z')], NOW)).toEqual({
      start: '2026-09-05T00:00:00.000Z',
      end: '2026-10-05T00:00:00.000Z',
      days: 30,
    });
  });

  it('never reaches into the day that is not over', () => {
    expect(windowOf([end('2026-12-01T00:00:00.000Z')], NOW)?.end).toBe('2026-11-16T00:00:00.000Z');
  });

  it('ends with bills by the day, whatever invoices of months or years say beside them', () => {
    const year = end('2027-01-01T00:00:00.000Z', false);
    expect(windowOf([year, end('2026-11-12T00:00:00.000Z')], NOW)?.end).toBe('2026-11-12T00:00:00.000Z');
    expect(windowOf([year], NOW)?.end).toBe('2026-11-16T00:00:00.000Z');
  });

  it('is none without a bill', () => {
    expect(windowOf([], NOW)).toBeNull();
  });
});

describe('a bill that stopped coming', () => {
  it('is partial beside a newer one, and what it showed is not resolved by that', async () => {
    const state = await opened();
    const old = await bill(state.folder, 'old', [untagged('2026-08-03')]);
    const fresh = await bill(state.folder, 'fresh', [{}]);
    const alone = await wholeAudit(auditorOf(state, [old]), 'r1', false, NOW);
    expect(alone.result.coverage).toMatchObject([{ scope: 'bill:old', status: 'complete' }]);
    expect(alone.result.findings).toMatchObject([{ check: 'untagged', resourceId: 'vol-old' }]);

    const both = await wholeAudit(auditorOf(state, [old, fresh]), 'r2', false, NOW);
    expect(both.result.coverage).toMatchObject([
      { scope: 'bill:fresh', status: 'complete' },
      { scope: 'bill:old', status: 'partial', reason: expect.stringContaining('92 days before the newest') },
    ]);
    expect(both.recorded.resolved).toEqual([]);
    const open = await listFindings(auditorOf(state, []), { state: 'DETECTED', check: null });
    expect(open.map(({ resourceId }) => resourceId)).toEqual(['vol-old']);
  });
});
