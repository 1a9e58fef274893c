import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { BursarError } from '../platform/errors.ts';
import { anomalyStates } from '../run/alerts/states.ts';
import { type AnomalyReport, type AnomalyRow, anomalyReport } from '../run/anomalies.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { ingestNamed } from '../run/whole.ts';
import { standingOf } from './alert-standing.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';

export interface AnomaliesOptions extends CommonOptions {
  readonly minimum: string;
  readonly days: string;
  readonly bills?: string[];
}

const WIDEST = 200;

/** `bursar anomalies`: what cost other than its past led to expect, and why. */
export async function anomaliesCommand(options: AnomaliesOptions): Promise<void> {
  const now = nowOf(options);
  const question = { minimum: above('--minimum', options.minimum), days: above('--days', options.days) };
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config, named } = assembled;
  const sources = named ? await ingestNamed(auditor, now, progress) : null;
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const found = await anomalyReport(auditor, { ...question, sources }, now);
  const report = await anomalyStates(auditor.ledger, found);
  progress.done();
  tellCost(auditor, progress);
  const json = options.format === 'json';
  const format = digestFormat(config.organisation.timezone);
  await print(json ? JSON.stringify(report, null, 2) : shown(report, format), options);
}

function above(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new BursarError('input', `${name} ${JSON.stringify(text)} is no number from 0`);
  return value;
}

function shown(
  { rows, since, minimum, judged, notEnough, notes, freshness }: AnomalyReport,
  format: Format,
): string {
  return [
    ...(rows.length === 0
      ? [`Nothing since ${since} that is off by ${minimum} or more.`]
      : rows.flatMap((row) => [...linesOf(row, format), ''])),
    `${judged} series judged on settled days; ${notEnough.length} ${notEnough.length === 1 ? 'has' : 'have'} too short a history to tell.`,
    ...notes.map((note) => plain(note, WIDEST)),
    ...freshness.map(
      ({ source, unsettledFrom }) =>
        `${source}: ${unsettledFrom === null ? 'all days have settled' : `days from ${unsettledFrom} on have not settled`}.`,
    ),
    'Effective cost; credits and corrections are left out.',
  ].join('\n');
}

function linesOf(row: AnomalyRow, format: Format): string[] {
  const { key, kind, first, last, impact, effect, judged, caught, open, causes, owner, alsoSeen, alert } =
    row;
  const stays = kind !== 'spike' && kind !== 'dip';
  const what = Object.entries(key)
    .filter(([axis, value]) => value !== '' && !(axis === 'team' && value === 'unallocated'))
    .map(([, value]) => value)
    .join(', ');
  const span = first === last ? `on ${first}` : `${first} to ${last}`;
  const days = judged.start === caught ? `on ${caught}` : `from ${judged.start} to ${caught}`;
  const told = [
    `${stays ? `since ${first}` : span}${open ? ', still' : ''}: off by ${format.exact(effect)}${stays ? ` up to ${last}` : ''}`,
    `${days} ${format.exact(judged.value)}, expected ${format.exact(judged.low)} to ${format.exact(judged.high)}`,
    ...causes.map(
      ({ kind: of, value, share }) => `${of} ${value}: ${Math.round(share * 100)} % of the change`,
    ),
    ...(owner === null ? [] : [`owner ${owner.id} (${owner.source})`]),
    ...(alert === null ? [] : [standingOf(alert)]),
    ...alsoSeen.map((other) => `seen in ${Object.values(other).join(', ')}, too`),
  ];
  const head = plain(`${kind}: ${what}, ${format.exact(impact)}${stays ? ' a month' : ''}`, WIDEST);
  return [head, ...told.map((line) => `  ${plain(line, WIDEST)}`)];
}
