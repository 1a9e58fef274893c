import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { checkSettings, checks, judgeAll, type ListedCheck, wouldChange } from '../../lib/checks/index.ts';
import type { Judgement, Verdict } from '../../lib/checks/model.ts';
import { renderNotice } from '../../lib/notices/messages/notice.ts';
import type { Permission } from '../../lib/platform/permissions.ts';
import { DATASET_PERMISSIONS } from '../../lib/run/assemble/datasets.ts';
import { VERDICTS } from '../../lib/run/checks.ts';
import { rendered } from '../notices/rendered.ts';
import { delivered, item, noticeOf, story } from '../notices/story.ts';
import { facts, NOW } from './facts.ts';
import { CASES, SETTINGS } from './truth/cases.ts';
import { estateOf } from './truth/model.ts';

export const FOLDER = join(import.meta.dirname, '../../docs/checks');

/** What each verdict says, as the design has it. */
const MEANING: Readonly<Record<Verdict, string>> = {
  IDLE: 'measured, and it does nothing',
  UNUSED: 'the inventory shows that nothing uses it',
  EXPIRED: 'it is kept beyond the date that was written on it',
  NONCOMPLIANT: 'a rule is not kept',
  INEFFICIENT: 'it works, and costs more than it needs to',
  SUSPECTED: 'it looks like waste, and part of the proof is missing',
  HELD: 'it does nothing, and may be kept on purpose: ask its owner',
  UNOBSERVED: 'nobody can tell: nothing measures it',
};

/** Every page by its file name, made from each check's header, settings, datasets and one finding of the written truth. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  const { judgements } = judgeAll(estateOf(CASES, facts()), SETTINGS, NOW);
  const made = await Promise.all(
    checks.map(async (check): Promise<[string, string]> => {
      const examples = judgements.filter((judged) => judged.check === check.id);
      const acted = examples.find(({ verdict }) => check.verdicts[verdict]?.actionable);
      const example = acted ?? examples[0];
      if (example === undefined) throw new Error(`the written truth has no finding of ${check.id}`);
      return [`${check.id}.md`, await page(check, example)];
    }),
  );
  return new Map([['README.md', index()], ...made]);
}

function index(): string {
  const rows = checks.map(
    ({ id, title, verdicts }) =>
      `| [${id}](${id}.md) | ${title} | ${namesOf(verdicts, true) || 'never'} | ${namesOf(verdicts, false)} |`,
  );
  return [
    '# Checks',
    '',
    'What is looked for. A policy may act only on the verdicts of the third column, and only after all guards of',
    '[safety](../safety.md); everything else is told. The pages are made from the checks themselves.',
    '',
    '| check | what | may be acted on | only told |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function namesOf(verdicts: ListedCheck['verdicts'], actionable: boolean): string {
  return verdictsOf(verdicts)
    .filter(([, rule]) => rule === actionable)
    .map(([verdict]) => verdict)
    .join(', ');
}

function verdictsOf(verdicts: ListedCheck['verdicts']): [Verdict, boolean][] {
  return VERDICTS.flatMap((verdict): [Verdict, boolean][] => {
    const rule = verdicts[verdict];
    return rule === undefined ? [] : [[verdict, rule.actionable]];
  });
}

async function page(check: ListedCheck, example: Judgement): Promise<string> {
  const source = await readFile(join(import.meta.dirname, `../../lib/checks/${check.id}.ts`), 'utf8');
  const { summary, parts } = header(source, check.id);
  return [
    `# ${check.id}: ${check.title}`,
    '',
    summary,
    '',
    ...parts.flatMap(({ title, text }) => [`## ${title}`, '', text, '']),
    '## Verdicts',
    '',
    '| verdict | what it says | may be acted on |',
    '| --- | --- | --- |',
    ...verdictsOf(check.verdicts).map(
      ([verdict, actionable]) =>
        `| ${verdict} | ${MEANING[verdict]} | ${actionable ? 'by policy' : 'never'} |`,
    ),
    '',
    '## What would change a verdict',
    '',
    ...verdictsOf(check.verdicts).flatMap(([verdict]) =>
      wouldChange(check.id, verdict).map((sentence) => `- ${verdict}: ${sentence}`),
    ),
    '',
    '## Settings',
    '',
    ...settingsTable(check.id),
    '',
    '## What it calls',
    '',
    ...calls(check),
    '',
    '## A finding, as its owner reads it in Slack',
    '',
    '```text',
    message(example),
    '```',
    '',
  ].join('\n');
}

/** The first comment of a check: a sentence, then parts that begin with `What it ...:`. */
function header(source: string, id: string): { summary: string; parts: { title: string; text: string }[] } {
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(source)?.[1];
  const paragraphs = (comment ?? '')
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll('\n', ' ').trim());
  const [first = '', ...rest] = paragraphs;
  if (!first.startsWith(`${id}: `)) throw new Error(`${id} does not begin with a header of its own name`);
  const parts: { title: string; text: string }[] = [];
  for (const paragraph of rest) {
    const [, title, text] = /^(What it [a-z ]+|What [a-z ]+): (.*)$/s.exec(paragraph) ?? [];
    const last = parts.at(-1);
    if (title !== undefined && text !== undefined) parts.push({ title, text });
    else if (last !== undefined) last.text += `\n\n${paragraph}`;
    else parts.push({ title: 'What it is', text: paragraph });
  }
  for (const needed of ['What it means', 'What it leaves out', 'What it cannot see'])
    if (!parts.some(({ title }) => title === needed))
      throw new Error(`the header of ${id} lacks "${needed}"`);
  const summary = first.slice(id.length + 2);
  return {
    summary: summary.charAt(0).toUpperCase() + summary.slice(1),
    parts: parts.map(({ title, text }) => ({ title, text: text.charAt(0).toUpperCase() + text.slice(1) })),
  };
}

const Properties = z.object({
  properties: z
    .record(z.string(), z.object({ description: z.string().optional(), default: z.unknown().optional() }))
    .optional(),
});

function settingsTable(id: string): string[] {
  const schema = Object.entries(checkSettings).find(([name]) => name === id)?.[1];
  if (schema === undefined) return [];
  const { properties = {} } = Properties.parse(z.toJSONSchema(schema, { io: 'input' }));
  const rows = Object.entries(properties).map(
    ([key, { description = '', default: given }]) =>
      `| \`checks.${id}.${key}\` | ${given === undefined ? '' : `\`${JSON.stringify(given)}\``} | ${description} |`,
  );
  return rows.length === 0 ? ['None.'] : ['| key | default | what it is |', '| --- | --- | --- |', ...rows];
}

function calls({ datasets }: ListedCheck): string[] {
  if (datasets === 'all')
    return ['Nothing of its own: it judges everything that the other checks collect, and the bill.'];
  if (datasets.length === 0) return ['Nothing: it judges the bill alone.'];
  const rows = new Map<string, Permission>();
  for (const dataset of datasets) {
    const permissions = DATASET_PERMISSIONS.get(dataset);
    if (permissions === undefined) throw new Error(`no dataset is called ${dataset}`);
    for (const permission of permissions) rows.set(`${permission.cloud} ${permission.action}`, permission);
  }
  if (rows.size === 0) return ['No cloud: it asks the stores themselves.'];
  return [
    '| permission | why | price |',
    '| --- | --- | --- |',
    ...[...rows.values()].map(({ action, why, price }) => `| \`${action}\` | ${why} | ${price ?? 'none'} |`),
  ];
}

/** The warning of a policy of mode `warn`: nothing is done by itself. */
function message(judged: Judgement): string {
  const told = story({ ...judged, resourceName: 'example' });
  const alone = item(told.line().finding.id, {
    action: null,
    reversible: false,
    lost: [],
    staysBilled: [],
    risks: [],
  });
  const notice = noticeOf([alone]);
  told.next('2026-11-16T08:00:00.000Z', delivered(notice));
  return rendered(renderNotice(notice, [told.line()]).blocks);
}
