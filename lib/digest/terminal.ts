import { clip } from './names.ts';

/**
 * Columns that a terminal gives a text: two for wide East Asian characters and emoji (UAX #11, property W and
 * F), none for combining marks, else one.
 */
export function width(text: string): number {
  let sum = 0;
  for (const point of text) sum += NARROW.test(point) ? 1 : NONE.test(point) ? 0 : WIDE.test(point) ? 2 : 1;
  return sum;
}

const NARROW = /^[ -~]$/u;
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Yi}\p{Script=Tangut}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

/** The longest beginning that fits in `most` columns, ending in `…` where something was cut. */
export function fit(text: string, most: number): string {
  if (width(text) <= most) return text;
  let points = Array.from(text).length;
  let short = text;
  while (points > 1 && width(short) > most) {
    points -= 1;
    short = clip(text, points);
  }
  return width(short) <= most ? short : '';
}

/** Rows as aligned columns, two spaces between them; the last column gives way where a line would be too long. */
export function columns(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
  most: number,
): string[] {
  const widths = align.map((_, at) => Math.max(0, ...rows.map((row) => width(row[at] ?? ''))));
  return rows.map((row) => {
    const line = align
      .map((side, at) => {
        const cell = row[at] ?? '';
        const pad = ' '.repeat((widths[at] ?? 0) - width(cell));
        return side === 'right' ? `${pad}${cell}` : `${cell}${pad}`;
      })
      .join('  ')
      .trimEnd();
    return fit(line, most);
  });
}

/** Breaks a text at spaces into lines of at most `most` columns; a longer word is cut. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (width(joined) <= most) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = fit(word, most);
  }
  return line === '' ? lines : [...lines, line];
}
