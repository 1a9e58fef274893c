import { join, relative, resolve } from 'node:path';
import { DEMO_NOW } from '../demo/company.ts';
import { messageFiles } from '../demo/slack.ts';
import { weekText } from '../demo/timeline.ts';
import { digestHtml } from '../digest/html.ts';
import { digestText } from '../digest/text.ts';
import { BursarError } from '../platform/errors.ts';
import type { Progress } from '../platform/progress.ts';
import { assembleDemo } from '../run/assemble/demo.ts';
import { assembleWeek } from '../run/assemble/demo-week.ts';
import { demo as runDemo } from '../run/demo.ts';
import { playWeek } from '../run/demo-week.ts';
import { pageScript } from '../run/page-script.ts';
import { type CommonOptions, colourWanted, nowOf, print, terminalProgress, writeWhole } from './io.ts';

/** `bursar demo`: the whole audit on a made-up company, everything under `--out`. */
export async function demo(options: CommonOptions & { seed: string }): Promise<void> {
  const folder = resolve(options.out ?? 'bursar-demo');
  const seed = Number(options.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new BursarError('input', `--seed ${options.seed} is not a whole number`);
  const now = nowOf({ ...options, now: options.now ?? DEMO_NOW });
  const progress = terminalProgress();
  const { last, content, detail } = await runDemo(assembleDemo(folder, seed, now, progress), progress);
  const week = await played(folder, seed, now, progress);
  progress.done();
  const report = join(folder, 'report.html');
  await writeWhole(report, digestHtml(content, { script: await pageScript(), detail }));
  await writeWhole(join(folder, 'digest.txt'), digestText(content));
  await writeWhole(join(folder, 'audit.json'), `${JSON.stringify(last.result, null, 2)}\n`);
  if (options.format === 'json') {
    await print(JSON.stringify(last.result, null, 2), { format: 'json' });
    return;
  }
  await print(digestText(content, { colour: colourWanted({}) }), {});
  await print(week, {});
  const shown = relative(process.cwd(), folder) || '.';
  await print(
    `The played week lies in a copy: ${join(shown, 'week.txt')}, the messages in ${join(shown, 'slack')}/, its ledger under --state ${join(shown, 'week')}.\n` +
      `Everything of this demo lies in ${shown}/, as it is today: open ${join(shown, 'report.html')} in a browser, or ask the bills:\n` +
      `  npm run -s bursar -- query "SELECT x_team, sum(EffectiveCost) AS usd FROM costs GROUP BY 1 ORDER BY 2 DESC" --config ${join(shown, 'bursar.yaml')} --state ${shown}`,
    {},
  );
}

/** The week after, played in fast time on a copy of the state; gives it as text. */
async function played(folder: string, seed: number, now: Date, progress: Progress): Promise<string> {
  await using week = await assembleWeek(folder, seed, now);
  const { happened, content, detail } = await playWeek(week, progress);
  const { timezone } = content;
  for (const [name, message] of messageFiles(week.slack.messages))
    await writeWhole(join(folder, 'slack', name), `${JSON.stringify(message, null, 2)}\n`);
  const text = weekText(happened, timezone, digestText(content));
  await writeWhole(join(folder, 'week.txt'), text);
  await writeWhole(join(folder, 'week.html'), digestHtml(content, { script: await pageScript(), detail }));
  return weekText(happened, timezone, digestText(content, { colour: colourWanted({}) }));
}
