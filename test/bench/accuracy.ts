/** `npm run accuracy`: the tables of docs/accuracy.md, from generated bills and the series of ../shared/data. */
import {
  coarser,
  generatedBills,
  injectedScores,
  machineFile,
  nabFiles,
  nabScores,
  type Pooled,
  pooled,
  purchaseFiles,
  restlessAlarms,
} from './scores.ts';

const nab = (await nabFiles()).map(({ file }) => file.series);
const purchases = (await purchaseFiles()).map(({ file }) => file.series);
const machine = (await machineFile()).file.series;
const forecasts = [
  pooled('generated bills, days, 31 ahead', generatedBills(200), 31),
  pooled('generated bills, days, 92 ahead', generatedBills(200), 92),
  pooled('NAB realAWSCloudwatch, 5 minutes, a day ahead', nab, 288),
  pooled(
    'NAB realAWSCloudwatch, hours, a day ahead',
    nab.map((series) => coarser(series, 12)),
    24,
  ),
  pooled('Microsoft purchases, hours, a day ahead', purchases, 24),
  pooled(
    'Microsoft purchases, days, a week ahead',
    purchases.map((series) => coarser(series, 24)),
    7,
  ),
  pooled('Microsoft machine, hours, a day ahead', [coarser(machine, 60)], 24),
];
const percent = (share: number | null) =>
  share === null || Number.isNaN(share) ? '' : `${(share * 100).toFixed(1)} %`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function forecastRow({
  what,
  series,
  steps,
  mape,
  naiveMape,
  mase,
  naiveMase,
  coverage,
  sumCoverage,
}: Pooled): string[] {
  const sums = sumCoverage.map(({ share }) => percent(share)).join(' / ');
  return [
    what,
    String(series),
    String(steps),
    `${mape.toFixed(1)} / ${naiveMape.toFixed(1)}`,
    `${mase.toFixed(3)} / ${naiveMase.toFixed(3)}`,
    ...coverage.map(({ share }) => percent(share)),
    `${sums} of ${sumCoverage[0]?.count ?? 0}`,
  ];
}

const lines = [
  '### Forecasts',
  '',
  table(
    [
      'series',
      'of them',
      'steps',
      'MAPE / naive',
      'MASE / naive',
      '80 % held',
      '90 % held',
      'sums, 80 / 90 %',
    ],
    forecasts.map(forecastRow),
  ),
  '',
  '### Anomalies in generated bills',
  '',
  table(
    [
      'injected',
      'cases',
      'recall',
      'dollars caught',
      'days until caught',
      'precision',
      'false alarms a series and month',
    ],
    injectedScores(60).map((row) => [
      row.kind,
      String(row.injected),
      percent(row.caught / row.injected),
      percent(row.dollarsCaught / row.dollars),
      row.daysUntilCaught.toFixed(1),
      percent((row.alarms - row.falseAlarms) / row.alarms),
      (row.falseAlarms / row.months).toFixed(3),
    ]),
  ),
  '',
  '### False alarms where charges are restless',
  '',
  table(
    ['400 days each drawn anew, 40 series', 'alarms a series and month', 'in the series with most'],
    restlessAlarms(40).map(({ kind, alarms, most }) => [kind, alarms.toFixed(2), most.toFixed(2)]),
  ),
  '',
  "### NAB's standard profile, realAWSCloudwatch",
  '',
];
for (const [step, times] of [
  ['5 minutes', 1],
  ['hours', 12],
] as const) {
  const { total, files } = await nabScores(times);
  lines.push(
    table(
      [`file, ${step}`, 'score', 'windows', 'caught', 'false alarms'],
      [...files, { name: 'all', score: total }].map(({ name, score }) => [
        name,
        score.normalised?.toFixed(1) ?? '',
        String(score.windows),
        String(score.truePositives),
        String(score.falsePositives),
      ]),
    ),
    '',
  );
}
process.stdout.write(`${lines.join('\n')}\n`);
