import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GpuMachine, gpuHours, gpuTotal } from '../../../lib/analysis/units/gpu-hours.ts';
import type { Telemetry } from '../../../lib/estate/model.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';

const SPAN = { start: '2026-11-16', end: '2026-11-18' };

function series(
  device: string | null,
  points: Readonly<Record<string, number>>,
  more: Partial<Telemetry> = {},
): Telemetry {
  return {
    resourceId: 'i-1',
    metric: 'gpu-utilization',
    statistic: 'maximum',
    unit: 'percent',
    device,
    period: 3600,
    points: Object.entries(points).map(([hour, value]) => ({ at: `2026-11-${hour}:00:00.000Z`, value })),
    expectedPoints: 48,
    source: 'CWAgent nvidia_smi_utilization_gpu',
    ...more,
  };
}

function machine(
  devices: number,
  telemetry: readonly Telemetry[],
  billed: Readonly<Record<string, readonly [hours: string, cost: string]>>,
  perHour = devices,
): GpuMachine {
  return {
    id: 'i-1',
    devices,
    perHour,
    currency: 'USD',
    telemetry,
    billed: new Map(
      Object.entries(billed).map(([day, [hours, cost]]) => [
        day,
        { hours: new Decimal(hours), cost: new Decimal(cost) },
      ]),
    ),
  };
}

describe('hours of accelerators', () => {
  test('to the cent: two devices, ten hours paid, of which one device tells three and the other one', () => {
    const told = machine(
      2,
      [
        series('0', { '16T00': 80, '16T01': 0, '16T02': 4.9 }),
        series('1', { '16T00': 5, '16T05': 101 }),
        series('0', { '16T09': 100 }, { statistic: 'average' }),
        series('0', { '16T09': 100 }, { metric: 'gpu-memory-used' }),
      ],
      { '2026-11-16': ['10', '40'], '2026-11-18': ['24', '96'] },
    );
    expect(gpuHours(told, SPAN)).toEqual({
      paid: '20',
      used: '2',
      idle: '2',
      unobserved: '16',
      cost: '40',
      unobservedCost: '32',
      perPaidHour: '2',
      // 8 dollars of observed hours, 2 of which were used.
      perUsedHour: '4',
    });
  });

  test('a source that speaks for the machine alone says of every device what it says of the busiest', () => {
    const told = machine(8, [series(null, { '16T00': 60, '16T01': 0 })], { '2026-11-16': ['3', '30'] });
    expect(gpuHours(told, SPAN)).toMatchObject({ paid: '24', used: '8', idle: '8', unobserved: '8' });
  });

  test('no telemetry: all of it is unobserved and none of it idle', () => {
    expect(gpuHours(machine(1, [], { '2026-11-16': ['24', '12.5'] }), SPAN)).toMatchObject({
      used: '0',
      idle: '0',
      unobserved: '24',
      unobservedCost: '12.5',
      perUsedHour: null,
    });
  });

  test('no bill in the days: nothing is paid, and nothing divided by it', () => {
    expect(gpuHours(machine(1, [series('0', { '16T00': 50 })], {}), SPAN)).toMatchObject({
      paid: '0',
      perPaidHour: null,
      perUsedHour: null,
    });
  });

  test('parts of a card are one device, as busy as the busiest of them', () => {
    const parts = [
      series('0/mig-1', { '16T00': 0, '16T01': 0 }),
      series('0/mig-2', { '16T00': 60, '16T01': 1 }),
    ];
    expect(gpuHours(machine(1, parts, { '2026-11-16': ['2', '6'] }), SPAN)).toMatchObject({
      paid: '2',
      used: '1',
      idle: '1',
      unobserved: '0',
    });
  });

  test('more hours seen than paid: those at work count first', () => {
    const told = machine(1, [series('0', { '16T00': 50, '16T01': 0, '16T02': 0 })], {
      '2026-11-16': ['1.5', '3'],
    });
    expect(gpuHours(told, SPAN)).toMatchObject({ paid: '1.5', used: '1', idle: '0.5', unobserved: '0' });
  });

  test('another threshold is that of the check', () => {
    const told = machine(1, [series('0', { '16T00': 7 })], { '2026-11-16': ['1', '3'] });
    expect(gpuHours(told, SPAN, 10)).toMatchObject({ used: '0', idle: '1' });
  });

  test('of several instances an hour on the bill is for one, and what telemetry tells for all', () => {
    const told = machine(
      8,
      [{ ...series('0', { '16T00': 80, '16T01': 0 }), device: null }],
      { '2026-11-16': ['48', '96'] },
      4,
    );
    expect(gpuHours(told, SPAN)).toMatchObject({
      paid: '192',
      used: '8',
      idle: '8',
      unobserved: '176',
      perPaidHour: '0.5',
    });
  });

  test('paid is used, idle and unobserved; totals are those of the machines', () => {
    const hours = fc.dictionary(
      fc
        .tuple(fc.integer({ min: 16, max: 17 }), fc.integer({ min: 0, max: 23 }))
        .map(([day, hour]) => `${day}T${String(hour).padStart(2, '0')}`),
      fc.integer({ min: -5, max: 120 }),
    );
    const machines = fc.record({
      devices: fc.integer({ min: 1, max: 8 }),
      points: fc.array(hours, { maxLength: 3 }),
      paid: fc.integer({ min: 0, max: 24 }),
      cents: fc.integer({ min: 0, max: 10 ** 6 }),
    });
    fc.assert(
      fc.property(fc.array(machines, { minLength: 1, maxLength: 4 }), (all) => {
        const told = all.map(({ devices, points, paid, cents }) =>
          gpuHours(
            machine(
              devices,
              points.map((each, at) => series(String(at), each)),
              {
                '2026-11-16': [String(paid), new Decimal(cents).div(100).toFixed()],
                '2026-11-17': ['24', '1'],
              },
            ),
            SPAN,
          ),
        );
        for (const { paid, used, idle, unobserved, unobservedCost, cost } of told) {
          expect(new Decimal(used).plus(idle).plus(unobserved).eq(paid)).toBe(true);
          expect(new Decimal(unobserved).gte(0)).toBe(true);
          expect(new Decimal(unobservedCost).lte(cost)).toBe(true);
        }
        const total = gpuTotal(told);
        expect(
          new Decimal(total.paid).eq(told.reduce((sum, { paid }) => sum.plus(paid), new Decimal(0))),
        ).toBe(true);
        expect(new Decimal(total.used).plus(total.idle).plus(total.unobserved).eq(total.paid)).toBe(true);
      }),
    );
  });
});
