import { width } from '../digest/terminal.ts';

/** What colours a text (ECMA-48, "Select graphic rendition"): it takes no column. */
const COLOUR = /\p{Cc}\[[0-9;]*m/gu;
/** Deeper than this no line that continues another is set in: long labels would leave no room. */
const DEEPEST = 24;

/**
 * A text for a terminal of `most` columns: lines that are longer go on below, broken at spaces alone, and two columns
 * further in where they are set in themselves. A word that is longer than a line stays whole: half an address or id is none. Leaves all else as it is.
 */
export function folded(text: string, most: number): string {
  return text
    .split('\n')
    .flatMap((line) => fold(line, most))
    .join('\n');
}

function fold(line: string, most: number): string[] {
  if (columnsOf(line) <= most) return [line];
  const depth = /^ */.exec(line)?.[0].length ?? 0;
  const indent = depth === 0 ? '' : ' '.repeat(Math.min(depth, DEEPEST) + 2);
  const lines: string[] = [];
  let open = '';
  for (const [, gap = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    if (open !== '' && columnsOf(`${open}${gap}${word}`) > most) {
      lines.push(open);
      open = `${indent}${word}`;
    } else open += `${gap}${word}`;
  }
  return [...lines, open];
}

function columnsOf(line: string): number {
  return width(line.replace(COLOUR, ''));
}
