import type { Offer, Pool, Rate } from '../../../lib/analysis/commitments/model.ts';
import { seeded } from '../../../lib/analysis/seeded.ts';

export const START = '2026-01-01T00:00:00.000Z';
const HOUR_MS = 3_600_000;

/** The end of so many steps from START. */
export function endOf(count: number, stepHours = 1): Date {
  return new Date(Date.parse(START) + count * stepHours * HOUR_MS);
}

export function rate(discount: string, more: Partial<Rate> = {}): Rate {
  return { term: '1y', payment: 'none', discount, source: 'given', ...more };
}

/** One slice, covered by one programme. */
export function pool(
  amounts: readonly (string | null)[],
  rates: readonly Rate[],
  more: Partial<Pool> = {},
): Pool {
  const shared: Offer = { programme: 'aws-compute-savings-plan', rates };
  return {
    provider: 'aws',
    currency: 'USD',
    shared,
    start: START,
    stepHours: 1,
    slices: [{ name: '', own: [], amounts }],
    wasteLeftOut: 0,
    expiring: [],
    ...more,
  };
}

/** So many steps, each as `of` says. */
export function steps(count: number, of: (step: number) => string | null): (string | null)[] {
  return Array.from({ length: count }, (_, step) => of(step));
}

/** Usage of a company, made up: day and night, a quieter weekend, noise; cents. */
export function usage(seed: number, hours: number, level: (hour: number) => number = () => 1): string[] {
  const random = seeded(seed);
  let wave = 0;
  return Array.from({ length: hours }, (_, hour) => {
    const day = Math.floor(hour / 24);
    const busy = 1 + 0.35 * Math.sin(((hour % 24) - 8) * (Math.PI / 12));
    const weekend = day % 7 > 4 ? 0.75 : 1;
    wave = 0.98 * wave + 0.02 * (random() - 0.5);
    const noise = 1 + 0.1 * (random() - 0.5) + wave;
    return Math.max(10 * busy * weekend * noise * level(hour), 0).toFixed(2);
  });
}
