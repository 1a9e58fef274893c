/**
 * `node test/bench/insight.ts`: forecasts to the end of a year and anomalies of 2,000 generated series of 400 days,
 * in one process a core, as `bursar forecast` and `bursar anomalies` do for each series.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { detect } from '../../lib/analysis/anomalies/detect.ts';
import { forecast } from '../../lib/analysis/forecast/forecast.ts';
import { billDays, START } from '../analysis/generated.ts';

const SERIES = 2000;
const MOST_MS = 60_000;
const [part, parts] = process.argv.slice(2).map(Number);

if (part === undefined || parts === undefined) {
  const count = availableParallelism();
  const start = performance.now();
  const codes = await Promise.all(
    Array.from(
      { length: count },
      (_, at) =>
        new Promise<number | null>((resolve) => {
          fork(import.meta.filename, [String(at), String(count)]).on('exit', resolve);
        }),
    ),
  );
  if (codes.some((code) => code !== 0)) throw new Error(`a process ended with ${codes.join(', ')}`);
  const ms = performance.now() - start;
  process.stdout.write(
    `${SERIES} series of 400 days, forecasts and anomalies, ${count} processes: ${(ms / 1000).toFixed(1)} s (at most ${MOST_MS / 1000} s) ${ms <= MOST_MS ? 'met' : 'MISSED'}\n`,
  );
} else {
  for (let seed = part; seed < SERIES; seed += parts) {
    const series = { start: START, step: 86_400_000, values: billDays(seed, true) };
    const told = forecast(series, { horizon: 330, sums: [30, 60, 330] });
    const found = detect(series);
    if ('notEnough' in told || 'notEnough' in found) throw new Error(`seed ${seed} was not judged`);
  }
}
