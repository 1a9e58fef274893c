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
  const seconds = await Promise.all(Array.from({ length: count }, (_, at) => one(at, count)));
  const ms = performance.now() - start;
  const cpu = seconds.reduce((sum, each) => sum + each, 0);
  process.stdout.write(
    `${SERIES} series of 400 days, forecasts and anomalies, ${count} processes: ${(ms / 1000).toFixed(1)} s (at most ${MOST_MS / 1000} s) ${ms <= MOST_MS ? 'met' : 'MISSED'}; ${cpu.toFixed(1)} s of processor time\n`,
  );
} else {
  for (let seed = part; seed < SERIES; seed += parts) {
    const series = { start: START, step: 86_400_000, values: billDays(seed, true) };
    const told = forecast(series, { horizon: 330, sums: [30, 60, 330] });
    const found = detect(series);
    if ('notEnough' in told || 'notEnough' in found) throw new Error(`seed ${seed} was not judged`);
  }
  const { user, system } = process.cpuUsage();
  if (process.send === undefined) throw new Error('it is a part of a run: give no arguments');
  process.send((user + system) / 1e6);
}

/** Judges each so many-th of the series in a process of its own, and gives its seconds of processor time. */
function one(at: number, count: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fork(import.meta.filename, [String(at), String(count)])
      .on('message', (took) => resolve(Number(took)))
      .on('exit', (code) => {
        if (code !== 0) reject(new Error(`a process ended with ${code}`));
      });
  });
}
