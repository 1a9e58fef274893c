import { join, relative, resolve } from 'node:path';
import { DEMO_NOW } from '../demo/company.ts';
import { digestHtml } from '../digest/html.ts';
import { digestText } from '../digest/text.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleDemo } from '../run/assemble/demo.ts';
import { demo as runDemo } from '../run/demo.ts';
import { type CommonOptions, colourWanted, nowOf, terminalProgress, writeWhole } from './io.ts';

/** `bursar demo`: the whole audit on a made-up company, everything under `--out`. */
export async function demo(options: CommonOptions & { seed: string }): Promise<void> {
  const folder = resolve(options.out ?? 'bursar-demo');
  const seed = Number(options.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new BursarError('input', `--seed ${options.seed} is not a whole number`);
  const now = nowOf({ ...options, now: options.now ?? DEMO_NOW });
  const progress = terminalProgress();
  const { last, content } = await runDemo(assembleDemo(folder, seed, now, progress), progress);
  progress.done();
  const report = join(folder, 'report.html');
  await writeWhole(report, digestHtml(content));
  await writeWhole(join(folder, 'digest.txt'), digestText(content));
  await writeWhole(join(folder, 'audit.json'), `${JSON.stringify(last.result, null, 2)}\n`);
  if (options.format === 'json') {
    process.stdout.write(`${JSON.stringify(last.result, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${digestText(content, { colour: colourWanted({}) })}\n`);
  const shown = relative(process.cwd(), folder) || '.';
  process.stdout.write(
    `Everything of this demo lies in ${shown}/: open ${join(shown, 'report.html')} in a browser, or ask the bills:\n` +
      `  npm run -s bursar -- query "SELECT x_team, sum(EffectiveCost) AS usd FROM costs GROUP BY 1 ORDER BY 2 DESC" --config ${join(shown, 'bursar.yaml')} --state ${shown}\n`,
  );
}
