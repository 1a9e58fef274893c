import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idleGpu, settings } from '../../lib/checks/idle-gpu.ts';
import type { Judgement } from '../../lib/checks/model.ts';
import type { Telemetry } from '../../lib/estate/model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { cost, facts, machine, NOW, SCOPE, series } from './facts.ts';

const limits = settings.parse({});
const devices = fc.constantFrom('0', '1', null);
const hours = fc.constantFrom(168, 168, 168, 160, 140, 20);
const statistic = fc.constantFrom<Telemetry['statistic']>('maximum', 'maximum', 'maximum', 'average');

const deviceSeries = fc.oneof(
  fc
    .tuple(devices, fc.constantFrom(0, 1, 4.9, 5, 60, Number.NaN), hours, statistic)
    .map(([device, value, count, how]) =>
      series('gpu-utilization', device, value, { hours: count, statistic: how }),
    ),
  fc
    .tuple(devices, fc.constantFrom(0, 300, 1638, 1700, 16_000), hours)
    .map(([device, value, count]) => series('gpu-memory-used', device, value, { hours: count })),
  fc
    .tuple(devices, fc.constantFrom(3, 34, 36, 90), hours, fc.constantFrom('percent-of-limit', 'watt'))
    .map(([device, value, count, unit]) => series('gpu-power', device, value, { hours: count, unit })),
  hours.map((count) => series('requests', null, 0, { hours: count, statistic: 'sum', unit: 'count' })),
);
/** At most one series for a metric, device and statistic, as a source gives it. */
const telemetry = fc.uniqueArray(deviceSeries, {
  selector: ({ metric, device }) => `${metric} ${device}`,
  maxLength: 10,
});
const idle = fc.constant(
  ['0', '1'].flatMap((device) => [
    series('gpu-utilization', device, 1),
    series('gpu-memory-used', device, 300),
    series('gpu-power', device, 12),
  ]),
);
const statuses = fc.constantFrom('complete', 'partial', 'failed', 'not-covered', 'absent');

function judge(given: readonly Telemetry[], status: string): Judgement | undefined {
  const coverage = (['complete', 'partial', 'failed', 'not-covered'] as const)
    .filter((one) => one === status)
    .map((one) => ({ scope: SCOPE, status: one, reason: null, asOf: NOW.toISOString() }));
  return idleGpu.judge(
    facts({ resources: [machine()], telemetry: given, coverage, costs: [cost({ committed: '16.64' })] }),
    limits,
    NOW,
  )[0];
}

function saving(judgement: Judgement | undefined): Decimal {
  return new Decimal(judgement?.monthlySaving?.amount ?? 0);
}

describe('idle-gpu: less knowledge', () => {
  it('never turns a verdict into IDLE and never raises a saving', () => {
    fc.assert(
      fc.property(
        fc.oneof(telemetry, idle),
        statuses,
        statuses,
        fc.infiniteStream(fc.boolean()),
        (all, before, after, keep) => {
          const less = all.filter(() => keep.next().value);
          const known = judge(all, before);
          const worse = before === 'complete' ? after : before;
          const unknown = judge(less, worse);
          expect(unknown?.verdict === 'IDLE' && known?.verdict !== 'IDLE').toBe(false);
          expect(saving(unknown).lte(saving(known))).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('says IDLE only with a complete scope, and a saving only with IDLE', () => {
    fc.assert(
      fc.property(fc.oneof(telemetry, idle), statuses, (all, status) => {
        const found = judge(all, status);
        expect(found?.verdict === 'IDLE' && status !== 'complete').toBe(false);
        expect(found?.monthlySaving !== null && found !== undefined).toBe(found?.verdict === 'IDLE');
        expect(saving(found).lte(found?.monthlyCost?.amount ?? 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
