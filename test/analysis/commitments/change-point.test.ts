import { describe, expect, it } from 'vitest';
import { changePoint } from '../../../lib/analysis/commitments/change-point.ts';
import { seeded } from '../../../lib/analysis/seeded.ts';

/** Normal numbers by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function noisy(seed: number, count: number, level: (day: number) => number, carry = 0): number[] {
  const random = seeded(seed);
  let wave = 0;
  return Array.from({ length: count }, (_, day) => {
    wave = carry * wave + Math.sqrt(1 - carry * carry) * normal(random);
    return level(day) * (1 + 0.05 * wave) * (day % 7 > 4 ? 0.7 : 1);
  });
}

const step = (to: number) => Array.from({ length: 60 }, (_, day) => (day < 40 ? 100 : to));

const alarms = (runs: number, level: (day: number) => number, carry: number, days = 90) =>
  Array.from({ length: runs }, (_, seed) => changePoint(noisy(seed + 1, days, level, carry))).filter(
    (each) => each !== null,
  );

describe('changePoint', () => {
  it('finds a step, on its day, in noise and weekends', () => {
    const found = alarms(50, (day) => (day < 60 ? 100 : 70), 0);
    expect(found).toHaveLength(50);
    expect(found.filter(({ at }) => Math.abs(at - 60) <= 1).length).toBeGreaterThanOrEqual(48);
    expect(alarms(50, (day) => (day < 84 ? 100 : 60), 0).length).toBeGreaterThanOrEqual(48);
  });

  it('cries wolf in at most one of a hundred steady series, and of fifty with slow waves', () => {
    expect(alarms(300, () => 100, 0).length).toBeLessThanOrEqual(3);
    expect(alarms(300, () => 100, 0.5).length).toBeLessThanOrEqual(6);
  });

  it('takes one huge credit, an outage of a day and weekends without use for no change', () => {
    const steady = noisy(7, 90, () => 100);
    expect(changePoint(steady.map((each, day) => (day === 70 ? 0 : each)))).toBeNull();
    expect(changePoint(steady.map((each, day) => (day % 7 > 4 ? 0 : each)))).toBeNull();
    expect(changePoint(Array.from({ length: 60 }, () => 5))).toBeNull();
    expect(changePoint([1, 2, 3])).toBeNull();
  });

  it('finds a step in a series without noise, and passes over one below a tenth', () => {
    expect(changePoint(step(80))).toEqual({ at: 40, before: 100, after: 80 });
    expect(changePoint(step(95))).toBeNull();
  });
});
