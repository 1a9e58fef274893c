/** Back-tests as pages: scores, what is drawn of them, and its points. Pure. */
import type { BacktestPage, BacktestSection } from '../digest/html-backtest.ts';
import type { SpendPoint } from '../digest/page-data.ts';
import { Decimal } from '../focus/decimal.ts';
import type { AnomalyTrial, ForecastTrial, Tried } from './backtest.ts';
import type { CommitmentBacktestReport } from './backtest-commitments.ts';

/** Points that a plot has at most: the newest ones. */
const MOST_POINTS = 2000;
const DAY = 86_400_000;

const NOTHING: Omit<SpendPoint, 'label' | 'told'> = {
  settled: null,
  provisional: null,
  expected: null,
  budget: null,
  range80: null,
  range90: null,
  anomaly: false,
};

/** How forecasts would have done. */
export function forecastPage({ tried }: ForecastTrial): BacktestPage {
  return {
    title: 'Forecasts, as they would have been made',
    sections: tried.map((each, at): BacktestSection => {
      const { result } = each;
      if ('notEnough' in result) return untold(each, result.reason);
      const { scores, scored, horizon } = result;
      const { seasonalNaive, season } = scores;
      const newest = scored.slice(-MOST_POINTS);
      return {
        ...headOf(each),
        told: [
          ...headOf(each).told,
          `Forecasts ${horizon} steps ahead, made every ${horizon} steps from what had come by then; ${scores.steps} steps scored.`,
          ...cutNote(scored.length),
        ],
        scores: {
          caption: 'Scores',
          columns: [
            'rule',
            'MAPE',
            'MASE',
            ...scores.coverage.map(({ level }) => `${level * 100}% ranges held`),
          ],
          rows: [
            [
              'forecast',
              `${figure(scores.mape)}%`,
              figure(scores.mase),
              ...scores.coverage.map(({ share, count }) => `${percent(share)} of ${count}`),
            ],
            [
              `the same step of the last season (${season})`,
              `${figure(seasonalNaive.mape)}%`,
              figure(seasonalNaive.mase),
              ...scores.coverage.map(() => ''),
            ],
            [
              `sums over ${horizon} steps`,
              '',
              '',
              ...scores.sumCoverage.map(({ share, count }) => `${percent(share)} of ${count}`),
            ],
          ],
        },
        chart: {
          title: `What came ("Settled"), what was expected, and its ranges`,
          drawn: {
            kind: 'spend',
            id: `backtest-${at}`,
            currency: '',
            period: null,
            periodName: '',
            points: newest.map(({ at: when, value, mean, bands }) => {
              const range = (level: number) => {
                const band = bands.find((one) => one.level === level);
                return band === undefined ? null : ([band.low, band.high] as const);
              };
              return {
                ...NOTHING,
                label: labelOf(when, each.step),
                settled: value,
                expected: mean,
                range80: range(0.8),
                range90: range(0.9),
                told: [
                  labelOf(when, each.step),
                  `came: ${figure(value)}`,
                  `expected: ${figure(mean)}`,
                  ...bands.map(
                    ({ level, low, high }) => `${level * 100}%: ${figure(low)} to ${figure(high)}`,
                  ),
                ],
              };
            }),
          },
        },
        points: {
          caption: 'Steps',
          columns: ['step', 'came', 'expected', 'low 80%', 'high 80%', 'low 90%', 'high 90%'],
          rows: newest.map(({ at: when, value, mean, bands }) => [
            labelOf(when, each.step),
            String(value),
            figure(mean),
            ...bands.flatMap(({ low, high }) => [figure(low), figure(high)]),
          ]),
        },
      };
    }),
    notes: [
      'MAPE: mean error as a share of what came, steps of zero left out. MASE: mean error by that of the same step a season before; below 1 is better than it.',
      'A range of 80% is to hold eight times in ten, whatever the series.',
    ],
  };
}

/** Which alarms would have been given. */
export function anomalyPage({ tried }: AnomalyTrial): BacktestPage {
  return {
    title: 'Alarms, as they would have been given',
    sections: tried.map((each, at): BacktestSection => {
      const { result, values, start, step } = each;
      if ('notEnough' in result) return untold(each, result.reason);
      const { scores, flagged, alarmsAMonth } = result;
      const caught = new Map(flagged.map((one) => [one.caught, one]));
      const skipped = Math.max(0, values.length - MOST_POINTS);
      return {
        ...headOf(each),
        told: [
          ...headOf(each).told,
          `${flagged.length} alarms, ${figure(alarmsAMonth)} a month.`,
          ...(scores === null ? ['Nothing says what was wrong: there are no scores.'] : []),
          ...cutNote(values.length),
        ],
        scores:
          scores === null
            ? null
            : {
                caption: 'Scores',
                columns: [
                  'of',
                  'precision',
                  'recall',
                  'days until caught',
                  'false alarms a month',
                  'NAB standard',
                ],
                rows: [
                  [
                    `${scores.windows} known windows, ${scores.caught} caught`,
                    percent(scores.precision),
                    percent(scores.recall),
                    figure(scores.daysUntilCaught),
                    figure(scores.falseAlarmsAMonth),
                    figure(scores.nab?.normalised ?? null),
                  ],
                ],
              },
        chart: {
          title: 'What came, and where an alarm was given ("Anomaly begins")',
          drawn: {
            kind: 'spend',
            id: `backtest-${at}`,
            currency: '',
            period: null,
            periodName: '',
            points: values.slice(skipped).map((value, index) => {
              const when = new Date(Date.parse(start) + (skipped + index) * step).toISOString();
              const alarm = caught.get(when);
              return {
                ...NOTHING,
                label: labelOf(when, step),
                settled: value,
                anomaly: alarm !== undefined,
                told: [
                  labelOf(when, step),
                  value === null ? 'not known' : `came: ${figure(value)}`,
                  ...(alarm === undefined
                    ? []
                    : [`alarm: ${alarm.kind} since ${labelOf(alarm.first, step)}`]),
                ],
              };
            }),
          },
        },
        points: {
          caption: 'Alarms',
          columns: ['caught', 'kind', 'first', 'last', 'value', 'low', 'high', 'off by'],
          rows: flagged.map(({ caught: when, kind, first, last, judged, actual, expected }) => [
            labelOf(when, step),
            kind,
            labelOf(first, step),
            labelOf(last, step),
            figure(judged.value),
            figure(judged.low),
            figure(judged.high),
            figure(actual - expected),
          ]),
        },
      };
    }),
    notes: [
      'Precision: alarms that lie in a window of what was wrong; recall: windows with an alarm. What is said of a step rests on it and earlier ones.',
    ],
  };
}

/** What the advice would have saved. */
export function commitmentPage({ series }: CommitmentBacktestReport): BacktestPage {
  return {
    title: 'Commitments, as they would have been advised',
    sections: series.map(({ name, currency, notes, result }, at): BacktestSection => {
      const head = { title: currency === null ? name : `${name}, ${currency}`, told: notes };
      if ('notEnough' in result)
        return { ...head, notEnough: result.reason, scores: null, chart: null, points: null };
      const { score, windows } = result;
      return {
        ...head,
        told: [
          ...notes,
          `${result.start} to ${result.end}: discount ${result.discount}, windows of ${result.windowDays} days, a review every ${result.reviewDays}.`,
        ],
        notEnough: null,
        scores: {
          caption: 'Scores',
          columns: ['rule', 'capture', 'regret/OPT', 'worst window', 'P(loss)'],
          rows: (['advice', 'lastMonth'] as const).map((who) => [
            who === 'advice' ? 'advice' : 'optimum of the last 30 days',
            shareText(score[who].capture),
            shareText(score[who].regret),
            `${cents(score[who].worst.saving)} (${score[who].worst.start})`,
            shareText(score[who].lossProbability),
          ]),
        },
        chart: {
          title: 'What the advice would have saved, by window',
          drawn: {
            kind: 'expiry',
            id: `backtest-${at}`,
            currency: currency ?? '',
            bars: windows.map(({ start, end, onDemand, clairvoyant, advice, lastMonth }) => ({
              label: start,
              value: Number(advice.saving),
              told: [
                `${start} to ${end}`,
                `on demand: ${cents(onDemand)}`,
                `could have saved: ${cents(clairvoyant.saving)}`,
                `advice saves: ${cents(advice.saving)}`,
                `last 30 days' optimum saves: ${cents(lastMonth.saving)}`,
              ],
            })),
          },
        },
        points: {
          caption: 'Windows',
          columns: ['from', 'to', 'on demand', 'could save', 'advice saves', 'last 30 days'],
          rows: windows.map(({ start, end, onDemand, clairvoyant, advice, lastMonth }) => [
            start,
            end,
            cents(onDemand),
            cents(clairvoyant.saving),
            cents(advice.saving),
            cents(lastMonth.saving),
          ]),
        },
      };
    }),
    notes: [
      'Capture: share of what the cheapest purchases on the same days would have saved, had the whole window been known. Regret/OPT: what was paid beyond their cost, as a share of it. Windows overlap.',
    ],
  };
}

function headOf({ series, steps, notes }: Tried) {
  return { title: series, told: [`${steps} steps.`, ...notes], notEnough: null };
}

function untold(each: Tried, reason: string): BacktestSection {
  return { ...headOf(each), notEnough: reason, scores: null, chart: null, points: null };
}

function cutNote(count: number): string[] {
  return count > MOST_POINTS ? [`Of ${count} steps the newest ${MOST_POINTS} are drawn.`] : [];
}

function labelOf(at: string, step: number): string {
  return step % DAY === 0 ? at.slice(0, 10) : at.slice(0, 16).replace('T', ' ');
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : String(Number(value.toPrecision(4)));
}

function percent(part: number | null): string {
  return part === null ? 'unknown' : `${(part * 100).toFixed(1)}%`;
}

function shareText(part: string | null): string {
  return part === null ? 'unknown' : `${new Decimal(part).times(100).toFixed(2)}%`;
}

/** Two places: the JSON has every one. */
function cents(amount: string): string {
  return new Decimal(amount).toFixed(2);
}
