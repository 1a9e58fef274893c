/**
 * What a stranger may put into a name: terminal sequences (ECMA-48: ESC [ ... final byte, ESC ] ... BEL or ST),
 * other controls, marks that turn the direction of text (Unicode 17, UAX #9 2.0: explicit formatting
 * characters), characters without width, and lone halves of surrogate pairs.
 */
const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
const CSI = String.fromCodePoint(0x9b);
const SEQUENCE = new RegExp(
  [
    `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]`,
    `${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`,
    `${ESC}[ -/]*[0-~]`,
  ].join('|'),
  'gu',
);
const BREAK = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu;
const LONE = /\p{Cs}/gu;
/** A mark that would sit on whatever stands before the name; it is put on a dotted circle, as charts of Unicode show it. */
const MARK = /^(?=\p{M})/u;

/**
 * A name made harmless for any reader: one line, nothing hidden, at most `most` code points (`…` takes the last
 * one). Every renderer passes names through it before its own escaping.
 */
export function plain(name: string, most = 120): string {
  const clean = name
    .replace(SEQUENCE, '')
    .replace(BREAK, ' ')
    .replace(HIDDEN, '')
    .replace(LONE, '\u{fffd}')
    .replace(/ {2,}/gu, ' ')
    .trim()
    .replace(MARK, '\u{25cc}');
  return clip(clean, most);
}

/** What is said of a name that has nothing to be seen: blanks, or marks without width. */
export const NAMELESS = '(no name)';

/** The first `most` code points, the last of them `…` where something was cut. */
export function clip(text: string, most: number): string {
  const points = Array.from(text);
  return points.length <= most ? text : `${points.slice(0, most - 1).join('')}…`;
}

/** A text without hidden characters: what is left to do where a whole sentence, with names in it, is written. */
export function visible(text: string): string {
  return text.replace(BREAK, ' ').replace(HIDDEN, '').replace(LONE, '\u{fffd}');
}
