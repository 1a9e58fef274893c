import { BursarError } from '../platform/errors.ts';

/** One sample of a metric. */
export interface PrometheusSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** As it is written: a count beyond what a number holds exactly is one that cannot be compared. */
  readonly value: number;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** The last part of a line: a value, and a time in milliseconds that says nothing here. */
const VALUE =
  /^[ \t]+([+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Inf|NaN))(?:[ \t]+-?[\d.]+)?[ \t]*(?:#.*)?$/;

/**
 * The samples of a text in Prometheus' format (Prometheus, "Exposition formats", text-based format), of the metrics
 * that are wanted alone: a server tells thousands.
 * @param wanted by the name of the metric
 * @param where `store:docs`, for errors
 * @throws BursarError (unavailable) at a line that is none of the format: a part of counters proves nothing
 */
export function prometheusSamples(
  text: string,
  wanted: (name: string) => boolean,
  where: string,
): PrometheusSample[] {
  const samples: PrometheusSample[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const sample = sampleOf(trimmed);
    if (sample === null)
      throw new BursarError('unavailable', `line ${at + 1} of its metrics is none of Prometheus' format`, {
        where,
        hint: 'See that the address of the metrics is right.',
      });
    if (wanted(sample.name)) samples.push(sample);
  }
  return samples;
}

function sampleOf(line: string): PrometheusSample | null {
  const name = matched(NAME, line, 0);
  if (name === null) return null;
  let at = name.length;
  const labels = new Map<string, string>();
  if (line[at] === '{') {
    at += 1;
    while (line[at] !== '}') {
      at = blanks(line, at);
      const label = matched(LABEL, line, at);
      if (label === null) return null;
      at = blanks(line, at + label.length);
      if (line[at] !== '=') return null;
      at = blanks(line, at + 1);
      const quoted = quotedAt(line, at);
      // One label twice would let two samples pass for one.
      if (quoted === null || labels.has(label)) return null;
      labels.set(label, quoted.value);
      at = blanks(line, quoted.end);
      if (line[at] === ',') at = blanks(line, at + 1);
      else if (line[at] !== '}') return null;
    }
    at += 1;
    if (line[at] !== ' ' && line[at] !== '\t') return null;
  }
  const [, value] = VALUE.exec(line.slice(at)) ?? [];
  if (value === undefined) return null;
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function matched(pattern: RegExp, line: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(line)?.[0] ?? null;
}

function blanks(line: string, at: number): number {
  let end = at;
  while (line[end] === ' ' || line[end] === '\t') end += 1;
  return end;
}

/** A label's value in quotes, with `\\`, `\"` and `\n` for what stands for itself nowhere else. */
function quotedAt(line: string, start: number): { readonly value: string; readonly end: number } | null {
  if (line[start] !== '"') return null;
  let value = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (char === '"') return { value, end: at + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    at += 1;
    const escaped = line[at];
    if (escaped === 'n') value += '\n';
    else if (escaped === '\\' || escaped === '"') value += escaped;
    else return null;
  }
  return null;
}

/**
 * The sum of counters; null where one of them is no whole number that is held exactly.
 * @returns 0 for none
 */
export function summed(samples: readonly PrometheusSample[]): number | null {
  let sum = 0;
  for (const { value } of samples) {
    if (!Number.isSafeInteger(value) || value < 0) return null;
    sum += value;
  }
  return Number.isSafeInteger(sum) ? sum : null;
}
