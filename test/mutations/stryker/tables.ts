import { dirname } from 'node:path';
import { explanationOf } from './explained.ts';
import { isDetected, isUndetected, type Mutant } from './report.ts';

/** Per cent of the mutants of each folder that tests must notice. */
export const LEAST_SCORE = 90;

export interface Score {
  readonly folder: string;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  /** Where the code cannot even be loaded or an error is nobody's: counted for neither side, as StrykerJS does. */
  readonly errors: number;
  /** Of killed and timed out among these and the survivors, per cent. */
  readonly score: number;
}

/** By folder of what was mutated, then all of it. */
export function scores(mutants: readonly Mutant[]): Score[] {
  const folders = [...new Set(mutants.map(({ file }) => dirname(file)))].toSorted();
  return [
    ...folders.map((folder) =>
      scoreOf(
        folder,
        mutants.filter(({ file }) => dirname(file) === folder),
      ),
    ),
    scoreOf('all', mutants),
  ];
}

function scoreOf(folder: string, mutants: readonly Mutant[]): Score {
  const count = (wanted: string) => mutants.filter(({ status }) => status === wanted).length;
  const detected = mutants.filter(isDetected).length;
  const survived = mutants.filter(isUndetected).length;
  const judged = detected + survived;
  return {
    folder,
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived,
    errors: mutants.length - judged,
    score: judged === 0 ? 100 : (100 * detected) / judged,
  };
}

const HEADS = ['folder', 'killed', 'timed out', 'survived', 'errors', 'score'];

function rowsOf(mutants: readonly Mutant[]): string[][] {
  return scores(mutants).map(({ folder, killed, timedOut, survived, errors, score }) => [
    folder,
    ...[killed, timedOut, survived, errors].map(String),
    `${score.toFixed(1)} %`,
  ]);
}

/** For a terminal. */
export function tableOf(mutants: readonly Mutant[]): string {
  const rows = [HEADS, ...rowsOf(mutants)];
  const widths = HEADS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

const NUMBERS = ['<!-- numbers -->', '<!-- end of numbers -->'] as const;
const SURVIVORS = ['<!-- survivors -->', '<!-- end of survivors -->'] as const;

/** The document with its two tables as these mutants give them. */
export function documented(document: string, mutants: readonly Mutant[]): string {
  const survivors = mutants.filter(isUndetected).map((mutant) => {
    const { file, line: number, within, from, to } = mutant;
    return [`${file}:${number}`, `\`${within}\``, `${code(from)} → ${code(to)}`, explanationOf(mutant) ?? ''];
  });
  return between(
    between(document, NUMBERS, markdown(HEADS, rowsOf(mutants))),
    SURVIVORS,
    markdown(['where', 'in', 'mutation', 'why it does no harm'], survivors),
  );
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  const plain = text.replaceAll('|', '\\|');
  return text.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain === '' ? ' ' : plain}\``;
}

function between(document: string, [from, to]: readonly [string, string], text: string): string {
  const [start, end] = [document.indexOf(from), document.indexOf(to)];
  if (start < 0 || end < start) throw new RangeError(`the document has no place for ${from}`);
  return `${document.slice(0, start + from.length)}\n${text}\n${document.slice(end)}`;
}
