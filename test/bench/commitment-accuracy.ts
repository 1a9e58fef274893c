/**
 * `node test/bench/commitment-accuracy.ts`: the table of docs/accuracy-commitments.md, over made-up usage of two
 * years (commitment-usage.ts has the seeds). No number of the rule was fitted to these series.
 */
import { backtestCommitments, type Score } from '../../lib/analysis/commitments/backtest.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { KINDS, SEEDS, usageOf } from './commitment-usage.ts';

const DISCOUNTS = ['0.28', '0.5'] as const;

process.stdout.write(
  '| usage | discount | windows | rule | capture | regret/OPT | worst window | P(loss) |\n|---|---|---|---|---|---|---|---|\n',
);
for (const kind of KINDS)
  for (const discount of DISCOUNTS) {
    const windows = SEEDS.flatMap((seed) => {
      const result = backtestCommitments(usageOf(kind, seed), discount, '1y', 365);
      if ('notEnough' in result) throw new Error(result.reason);
      return result.windows;
    });
    for (const rule of ['advice', 'lastMonth'] as const) {
      const sum = (of: (window: (typeof windows)[number]) => string) =>
        windows.reduce((total, window) => total.plus(of(window)), new Decimal(0));
      const best = sum(({ clairvoyant }) => clairvoyant.saving);
      const own = sum((window) => window[rule].saving);
      const cheapest = sum(({ onDemand }) => onDemand).minus(best);
      const worst = windows.reduce(
        (least, window) => Decimal.min(least, window[rule].saving),
        new Decimal(Number.POSITIVE_INFINITY),
      );
      const lost = windows.filter((window) => new Decimal(window[rule].saving).lt(0)).length;
      const cells: Record<keyof Score, string> = {
        capture: best.gt(0) ? percent(own.div(best)) : '',
        regret: percent(best.minus(own).div(cheapest)),
        worst: worst.toFixed(0),
        lossProbability: percent(new Decimal(lost).div(windows.length)),
      };
      process.stdout.write(
        `| ${kind.name} | ${percent(new Decimal(discount), 0)} | ${windows.length} | ${rule === 'advice' ? 'advice' : 'last 30 days'} | ${cells.capture} | ${cells.regret} | ${cells.worst} | ${cells.lossProbability} |\n`,
      );
    }
  }

function percent(share: Decimal, places = 1): string {
  return `${share.times(100).toFixed(places)}%`;
}
