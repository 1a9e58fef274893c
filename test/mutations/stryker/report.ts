import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Of the report (mutation-testing-report-schema 2), what the tables need. */
const Position = z.object({ line: z.number(), column: z.number() });
const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          status: z.string(),
          statusReason: z.string().optional(),
          location: z.object({ start: Position, end: Position }),
        }),
      ),
    }),
  ),
});

/** One change of the code, and what came of it. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** The function, class or constant at the top of the file that it lies in. */
  readonly within: string;
  readonly mutator: string;
  /** What stood there and what stood there instead, in one line. */
  readonly from: string;
  readonly to: string;
  /** Killed, Timeout, Survived, NoCoverage, RuntimeError, Ignored ... */
  readonly status: string;
}

/** Every mutant of a report, in the order of the files and lines. */
export function mutantsOf(path: string): Mutant[] {
  const { files } = Report.parse(JSON.parse(readFileSync(path, 'utf8')));
  return Object.entries(files)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, { source, mutants }]) => {
      const lines = source.split('\n');
      return mutants
        .map(
          ({ mutatorName, replacement, status, location: { start, end } }): Mutant & { column: number } => ({
            file,
            line: start.line,
            column: start.column,
            within: withinOf(lines, start.line),
            mutator: mutatorName,
            from: oneLine(textOf(lines, start, end)),
            to: oneLine(replacement ?? ''),
            status,
          }),
        )
        .toSorted((a, b) => a.line - b.line || a.column - b.column)
        .map(({ column: _column, ...mutant }) => mutant);
    });
}

function textOf(
  lines: readonly string[],
  start: z.infer<typeof Position>,
  end: z.infer<typeof Position>,
): string {
  const taken = lines.slice(start.line - 1, end.line);
  const last = taken.length - 1;
  return taken
    .map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined))
    .join('\n');
}

/** Long ones are told by their beginning: enough to find them. */
const MOST = 100;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line;
}

function withinOf(lines: readonly string[], line: number): string {
  for (let at = line - 1; at >= 0; at -= 1) {
    const found = /^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)/.exec(lines[at] ?? '');
    if (found?.[1] !== undefined) return found[1];
  }
  return 'the file';
}

export function isDetected({ status }: Mutant): boolean {
  return status === 'Killed' || status === 'Timeout';
}

export function isUndetected({ status }: Mutant): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}
