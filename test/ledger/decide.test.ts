import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/ledger/decide.ts';
import type { FindingRecord } from '../../lib/ledger/model.ts';
import type { Coverage } from '../../lib/platform/coverage.ts';
import { complete, EAST, judgement, recordOf, WEST } from './fixtures.ts';

function absent(coverage: Coverage[], checksRun = ['idle-gpu']) {
  return { type: 'absent', coverage, checksRun } as const;
}

function gap(scope: string, status: Coverage['status']): Coverage {
  return { scope, status, reason: 'denied', asOf: null };
}

const detected = recordOf(judgement({ scopes: [EAST, WEST] }));
const resolved: FindingRecord = { ...detected, finding: { ...detected.finding, state: 'RESOLVED' } };

describe('decide', () => {
  it('detects what is judged for the first time', () => {
    const decision = decide(null, { type: 'judged', judgement: judgement() });
    expect(decision).toEqual({ state: 'DETECTED', changed: true, reason: judgement().reason });
  });

  it('keeps what is judged again, and detects anew what was resolved', () => {
    const event = { type: 'judged', judgement: judgement() } as const;
    expect(decide(detected, event)).toMatchObject({ state: 'DETECTED', changed: false });
    expect(decide(resolved, event)).toMatchObject({ state: 'DETECTED', changed: true });
  });

  it('resolves what is absent from complete coverage of every scope', () => {
    expect(decide(detected, absent(complete(EAST, WEST)))).toMatchObject({
      state: 'RESOLVED',
      changed: true,
    });
  });

  it.each([
    ['its check did not run', absent(complete(EAST, WEST), ['untagged']), /check idle-gpu did not run/],
    ['one scope was not looked at', absent(complete(EAST)), /us-west-2 was not looked at/],
    [
      'one scope is partial',
      absent([...complete(EAST), gap(WEST, 'partial')]),
      /us-west-2 is partial: denied/,
    ],
    ['one scope failed', absent([...complete(WEST), gap(EAST, 'failed')]), /us-east-1 is failed: denied/],
    [
      'one scope is told twice, once with a gap',
      absent([...complete(EAST, WEST), gap(WEST, 'not-covered')]),
      /us-west-2 is not-covered/,
    ],
    ['nothing was covered', absent([]), /was not looked at/],
  ])('keeps what is absent where %s', (_, event, reason) => {
    const decision = decide(detected, event);
    expect(decision).toMatchObject({ state: 'DETECTED', changed: false });
    expect(decision.reason).toMatch(reason);
  });

  it('never resolves a finding that names no scope', () => {
    const nowhere = { ...detected, scopes: [] };
    expect(decide(nowhere, absent(complete(EAST, WEST))).state).toBe('DETECTED');
  });

  it('leaves the resolved resolved and the unknown unknown', () => {
    expect(decide(resolved, absent(complete(EAST, WEST)))).toMatchObject({
      state: 'RESOLVED',
      changed: false,
    });
    expect(decide(null, absent(complete(EAST)))).toMatchObject({ state: null, changed: false });
  });

  it('resolves only what is proven, whatever the coverage', () => {
    const status = fc.constantFrom<Coverage['status']>('complete', 'partial', 'failed', 'not-covered');
    const coverage = fc.array(
      fc.record({
        scope: fc.constantFrom(EAST, WEST, 'x'),
        status,
        reason: fc.constant(null),
        asOf: fc.constant(null),
      }),
    );
    fc.assert(
      fc.property(coverage, fc.subarray(['idle-gpu', 'untagged']), (entries, checksRun) => {
        const proven =
          checksRun.includes('idle-gpu') &&
          [EAST, WEST].every((scope) => {
            const own = entries.filter((entry) => entry.scope === scope).map((entry) => entry.status);
            return own.length > 0 && new Set(own).size === 1 && own[0] === 'complete';
          });
        expect(decide(detected, absent(entries, checksRun)).state).toBe(proven ? 'RESOLVED' : 'DETECTED');
      }),
    );
  });
});
