/** Usage that the back-test of commitments is measured on, made up by seeds: dollars of on-demand spend an hour. */
import type { BacktestSeries } from '../../lib/analysis/commitments/backtest.ts';
import { seeded } from '../../lib/analysis/seeded.ts';

const START = '2024-01-01T00:00:00.000Z';
export const HOURS = 24 * 730;
/** Five companies of each kind. */
export const SEEDS = [1, 2, 3, 4, 5] as const;

export interface Kind {
  readonly name: string;
  /** Level by the share of the two years that has passed. @param moment 0.3 to 0.7: when something happens */
  readonly level: (share: number, moment: number) => number;
}

export const KINDS: readonly Kind[] = [
  { name: 'stationary', level: () => 1 },
  { name: 'doubling in two years', level: (share) => 1 + share },
  { name: 'shrinking by 30% a year', level: (share) => 0.7 ** (2 * share) },
  { name: 'stepping down by 35% once', level: (share, moment) => (share < moment ? 1 : 0.65) },
  {
    name: 'stepping down in thirds',
    level: (share, moment) =>
      share < moment ? 1 : share < moment + 0.12 ? 0.8 : share < moment + 0.24 ? 0.6 : 0.4,
  },
  {
    name: 'decommissioned over 90 days',
    level: (share, moment) => Math.max(Math.min(1, 1 - (share - moment) / 0.123), 0),
  },
  { name: 'stopped in a day', level: (share, moment) => (share < moment ? 1 : 0) },
];

/** Day and night, a quieter weekend, noise of the hour, slow waves of weeks, and a launch now and then. */
export function usageOf({ level }: Kind, seed: number): BacktestSeries {
  const random = seeded(seed * 7919);
  const moment = 0.3 + 0.4 * random();
  let wave = 0;
  let launch = 0;
  const amounts = Array.from({ length: HOURS }, (_, hour) => {
    const day = Math.floor(hour / 24);
    const busy = 1 + 0.35 * Math.sin(((hour % 24) - 8) * (Math.PI / 12));
    const weekend = day % 7 > 4 ? 0.75 : 1;
    wave = 0.995 * wave + 0.01 * (random() - 0.5);
    launch = launch > 0 ? launch - 1 : random() < 0.0005 ? 48 : 0;
    const noise = 1 + 0.1 * (random() - 0.5) + wave + (launch > 0 ? 0.4 : 0);
    return Math.max(10 * busy * weekend * noise * level(hour / HOURS, moment), 0).toFixed(4);
  });
  return { start: START, stepHours: 1, amounts };
}
