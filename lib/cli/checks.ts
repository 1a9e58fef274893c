import { DATASET_PERMISSIONS } from '../run/assemble/datasets.ts';
import { type ListedCheck, listChecks } from '../run/checks.ts';
import { type CommonOptions, print } from './io.ts';

const WIDTH = 100;
const INDENT = 18;

/** `bursar checks`: what is looked for, which verdicts a policy may ever act on, what it calls and what that costs. */
export async function checks(options: CommonOptions): Promise<void> {
  const all = listChecks(DATASET_PERMISSIONS);
  await print(
    options.format === 'json' ? JSON.stringify(all, null, 2) : all.map(textOf).join('\n\n'),
    options,
  );
}

function textOf({ id, title, verdicts, datasets, permissions }: ListedCheck): string {
  const names = (actionable: boolean) =>
    verdicts.filter((each) => each.actionable === actionable).map(({ verdict }) => verdict);
  const priced = permissions.flatMap(({ action, price }) =>
    price === undefined ? [] : [`${action}: ${price}`],
  );
  return [
    `${id}: ${title}`,
    ...field('may be acted on', names(true).join(', ') || 'never'),
    ...field('only told', names(false).join(', ')),
    ...field(
      'calls',
      datasets === 'all'
        ? 'nothing of its own: it judges what the other checks collect'
        : permissions.map(({ action }) => action).join(', ') ||
            NO_CLOUD[datasets.length === 0 ? 'bill' : 'store'],
    ),
    ...field(
      'price of a run',
      priced.length === 0 ? 'free of charge' : `${priced.join('; ')}; the rest is free`,
    ),
  ].join('\n');
}

const NO_CLOUD = {
  bill: 'nothing: it judges the bill',
  store: 'no cloud: it asks the stores themselves',
} as const;

/** A named line, wrapped at spaces so that it fits a terminal. */
function field(name: string, text: string): string[] {
  if (text === '') return [];
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const grown = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (grown.length + INDENT <= WIDTH) lines[last] = grown;
    else lines.push(word);
  }
  return lines.map((line, at) => `  ${(at === 0 ? name : '').padEnd(INDENT - 2)}${line}`);
}
