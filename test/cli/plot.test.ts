import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Plotted, plot } from '../../lib/cli/plot.ts';

const START = Date.parse('2026-11-13T10:00:00Z');

function series(values: readonly (number | null)[], given: Partial<Plotted> = {}): Plotted {
  return {
    resourceId: 'r',
    metric: 'gpu-utilization',
    statistic: 'maximum',
    unit: 'percent',
    device: '0',
    period: 3600,
    points: values.flatMap((value, hour) =>
      value === null ? [] : [{ at: new Date(START + hour * 3_600_000).toISOString(), value }],
    ),
    expectedPoints: values.length,
    source: 'CWAgent nvidia_smi_utilization_gpu',
    top: null,
    ...given,
  };
}

describe('the picture of a series', () => {
  it('draws the highest value of each column, from zero to the top of the scale', () => {
    expect(plot([series([0, 1, 2, 5, 10, 9, 10, 0])], 4)).toEqual([
      'gpu-utilization, maximum, % (CWAgent nvidia_smi_utilization_gpu), drawn from 0 to 10',
      '  0     ▁▄██  at most 10, 8 of 8 samples',
      '        2026-11-13T10:00Z to 2026-11-13T18:00Z, a column is 2 h',
    ]);
  });

  it('shows a low use as low, and power against the limit of the card', () => {
    expect(plot([series([1, 1])])[1]).toContain('▁▁  at most 1');
    expect(plot([series([50, 51], { unit: 'percent-of-limit', top: 100 })])[1]).toContain('▄▅  at most 51');
    expect(plot([series([20_000], { metric: 'gpu-memory-used', unit: 'MiB', top: 40_000 })])[0]).toContain(
      'drawn from 0 to 40000',
    );
  });

  it('leaves a gap where no sample came, on the common time of all devices', () => {
    const lines = plot([series([1, null, 1, 1]), series([null, null, null, 8], { device: '1' })]);
    expect(lines.slice(1, 3)).toEqual([
      '  0     ▁·▁▁  at most 1, 3 of 4 samples',
      '  1     ···▇  at most 8, 1 of 4 samples',
    ]);
    expect(plot([series([null, null])])).toEqual([
      'gpu-utilization, maximum, % (CWAgent nvidia_smi_utilization_gpu): no sample came',
    ]);
  });

  it('takes nothing that is no number for a sample, and counts of samples for no reading', () => {
    expect(plot([series([Number.NaN, 3])])[1]).toContain('▃  at most 3, 1 of 2 samples');
    expect(plot([series([60, 60], { statistic: 'sample-count' })])).toEqual([]);
  });

  it('never says more than the series, whatever its values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 1, maxLength: 200 }),
        (values) => {
          const there = values.filter((value) => value !== null);
          const lines = plot([series(values)]);
          if (there.length === 0) return lines.length === 1;
          const drawn = /[▁▂▃▄▅▆▇█·]+/.exec(lines[1] ?? '')?.[0] ?? '';
          const highest = Math.max(...there);
          expect(drawn.length).toBeLessThanOrEqual(56);
          expect(drawn.includes('█')).toBe(highest > (Math.max(10, highest) * 7) / 8);
          expect(lines[1]).toContain(`${there.length} of ${values.length} samples`);
          return true;
        },
      ),
    );
  });
});
