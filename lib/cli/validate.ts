import { counted } from '../digest/counted.ts';
import { plain } from '../digest/names.ts';
import type { IngestReport } from '../lake/model.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type SourceValidation, type ValidationAnswer, validate } from '../run/validate.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';

export interface ValidateOptions extends CommonOptions {
  readonly source?: string;
  readonly bills?: string[];
  readonly failOnBroken?: true;
}

const WIDEST = 60;

/** `bursar validate`: what of FOCUS 1.2 a bill does not keep, by the official rules' ids. */
export async function validateCommand(options: ValidateOptions): Promise<void> {
  if (options.source !== undefined && options.bills !== undefined)
    throw new BursarError('input', '--source and --bills at once', { hint: 'Give one of them.' });
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, named } = assembled;
  const reports = new Map<string, IngestReport>();
  const given = named
    ? await ingestNamed(auditor, now, progress, (report) => reports.set(report.sourceId, report))
    : null;
  const sources = options.source === undefined ? given : [options.source];
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const answer = await validate(auditor.lake, sources, reports);
  progress.done();
  await print(options.format === 'json' ? JSON.stringify(answer, null, 2) : text(answer, options), options);
  const isBroken = answer.sources.some(({ broken, commitments }) => broken.length + commitments.length > 0);
  if (options.failOnBroken && isBroken) process.exitCode = 1;
}

function text({ sources, notAsWritten }: ValidationAnswer, options: ValidateOptions): string {
  const left = notAsWritten.filter(({ judged }) => !judged).map(({ rule }) => rule);
  return [
    ...sources.flatMap((each) => [...lines(each, options), '']),
    `Not judged, since nothing in the rows decides them: ${left.join(', ')}.`,
    `Judged by their words, since the model's form says something else: ${notAsWritten
      .filter(({ judged }) => judged)
      .map(({ rule }) => rule)
      .join(', ')}.`,
  ].join('\n');
}

function lines(
  { source, rows, judged, broken, commitments, reading }: SourceValidation,
  { state }: ValidateOptions,
): string[] {
  const failed = new Set([...broken, ...commitments].map(({ rule }) => rule)).size;
  return [
    `${source}: ${counted(rows, 'row')}, ${counted(judged, 'rule')} of FOCUS 1.2 judged, ${failed === 0 ? 'all kept' : `${failed} broken`}`,
    ...(reading === null ? [] : readingLines(reading)),
    ...broken.flatMap(({ rule, must, count, rows: first, query }) => [
      `  ${rule}: ${count} ${/distinct|one and only one/i.test(must) ? 'values' : 'rows'}. ${must}`,
      ...first.map(
        ({ file, chargeStart, account, service, resource, values }) =>
          `    ${[file, chargeStart.slice(0, 16), account, service, resource ?? ''].map((each) => plain(each, WIDEST)).join(' | ')} | ${Object.entries(
            values,
          )
            .map(([name, held]) => `${name} ${held === null ? 'null' : plain(held, WIDEST)}`)
            .join(', ')}`,
      ),
      ...(query === null ? [] : [`    all of them: bursar query${stateFlag(state)} "${query}"`]),
    ]),
    ...commitments.map(
      ({ rule, commitment, currency, purchased, used, unused, difference }) =>
        `  ${rule}: ${plain(commitment, WIDEST)}: purchased ${purchased}, used ${used}, unused ${unused}, difference ${difference} ${currency}. It need only hold over the commitment's whole term.`,
    ),
  ];
}

/** Left out where it is the one that commands take by themselves. */
function stateFlag(state: string): string {
  return state === '.bursar' ? '' : ` --state '${state.replaceAll("'", String.raw`'\''`)}'`;
}

function readingLines({
  rowsIn,
  rowsRejected,
  rejectsFile,
  repairs,
}: NonNullable<SourceValidation['reading']>): string[] {
  return [
    ...(rowsRejected > 0
      ? [`  ${rowsRejected} of ${rowsIn} rows could not be read: see ${rejectsFile ?? ''}`]
      : []),
    ...Object.entries(repairs).map(([kind, count]) => `  read in spite of its form, ${count} times: ${kind}`),
  ];
}
