import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { counted } from '../digest/counted.ts';
import { inertJson, inertText } from '../digest/inert.ts';
import { visible } from '../digest/names.ts';
import { fit } from '../digest/terminal.ts';
import { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { Progress } from '../platform/progress.ts';
import { folded } from './folded.ts';
import { isQuiet, tableWidth } from './manners.ts';

/** What every command is given. */
export interface CommonOptions {
  readonly config?: string;
  readonly state: string;
  readonly now?: string;
  readonly format: string;
  readonly out?: string;
}

/** What `bursar audit` is given besides. */
export interface AuditOptions extends CommonOptions {
  readonly bills?: string[];
  readonly aws?: true;
  readonly regions?: string[];
  readonly gcp?: string[];
  readonly plan?: true;
  readonly failOn?: 'low' | 'medium' | 'high' | 'critical';
  readonly failOnPartial?: true;
}

/** The time that a run takes for now: `--now`, else the clock. */
export function nowOf({ now }: CommonOptions): Date {
  if (now === undefined) return new Date();
  const at = new Date(now);
  const [, day = ''] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.exec(now) ?? [];
  if (Number.isNaN(at.getTime()) || !isDay(day))
    throw new BursarError('input', `--now ${JSON.stringify(now)} is not a time`, {
      hint: 'Write ISO 8601 with its zone: 2026-11-16T08:00:00Z.',
    });
  return at;
}

/** Is it a day of the calendar? `Date` takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** The answer, to standard output or whole into `--out`; whatever names are in it, it steers no terminal. */
export async function print(
  text: string,
  { out, format = 'text' }: { readonly out?: string; readonly format?: string },
): Promise<void> {
  const inert = harmless(text, format, colourWanted(out === undefined ? {} : { out }));
  const whole = inert.endsWith('\n') ? inert : `${inert}\n`;
  if (out !== undefined) await writeWhole(out, whole);
  else
    process.stdout.write(
      process.stdout.isTTY && FOR_PEOPLE.has(format) ? folded(whole, tableWidth()) : whole,
    );
}

/** Formats of which a line may go on below another; of all others every byte counts. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['text', 'table']);

function harmless(text: string, format: string, colour: boolean): string {
  switch (format) {
    case 'json':
    case 'slack':
      return inertJson(text);
    // A page escapes by the rules of HTML, and the cells of a table in CSV are cleaned one by one.
    case 'html':
    case 'email':
    case 'csv':
      return text;
    default:
      return inertText(text, colour);
  }
}

/** Begins the line of a terminal anew (ECMA-48, "Erase in line"). */
const CLEAR = '\r\u001B[K';

/** Can the line on standard error be written over? A dumb terminal would show what clears it. */
function rewrites(): boolean {
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb';
}

/** What went wrong, on standard error, in the place of the progress that it ended. */
export function complain(text: string): void {
  process.stderr.write(`${rewrites() ? CLEAR : ''}bursar: ${inertText(text, false)}\n`);
}

/** What asking bills where they lie was charged, where it was: nothing that costs money is done unsaid. */
export function tellCost({ asking }: { readonly asking: Meter }, progress: Progress): void {
  const { amount, currency, calls } = asking.drain();
  if (amount === '0') return;
  const count = calls.reduce((sum, each) => sum + each.count, 0);
  progress.warn(
    `asking where bills lie cost ${amount} ${currency} at list price (${counted(count, 'call')})`,
  );
}

/** Writes a file so that a reader sees the old or the new one, never half. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const target = resolve(path);
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, target);
}

/** Is colour wanted: on a terminal that has it, unless NO_COLOR (no-color.org) is set to anything. */
export function colourWanted({ out }: Pick<CommonOptions, 'out'>): boolean {
  const { NO_COLOR = '', TERM } = process.env;
  return out === undefined && process.stdout.isTTY && NO_COLOR === '' && TERM !== 'dumb';
}

/** Progress on standard error: one line redrawn on a terminal; elsewhere only what stays; with --quiet nothing. */
export function terminalProgress(): Progress & { done(): void } {
  const live = rewrites() && !isQuiet();
  return {
    step(what, done, of) {
      if (!live) return;
      const count = done === undefined || of === undefined ? '' : ` ${done}/${of}`;
      const line = fit(visible(`${what}${count}`), (process.stderr.columns || 80) - 1);
      process.stderr.write(`${CLEAR}${line}`);
    },
    warn(line) {
      if (!isQuiet()) process.stderr.write(`${live ? CLEAR : ''}${inertText(line, false)}\n`);
    },
    done() {
      if (live) process.stderr.write(CLEAR);
    },
  };
}
