import { visible } from './names.ts';

const ESC = String.fromCodePoint(0x1b);
/** The sequences that renderers write themselves (ECMA-48, SGR): bold, faint, and their end. */
const OWN = new RegExp(`(${ESC}\\[(?:1|2|22)m)`, 'u');

/**
 * Text for people without anything that steers a terminal or turns the direction of text. Renderers clean each
 * name; this is the last look at all that they made, so that one that forgets does no harm. `colour`: were
 * renderers told to write theirs?
 */
export function inertText(text: string, colour: boolean): string {
  return text
    .split('\n')
    .map((line) =>
      colour
        ? line
            .split(OWN)
            .map((part, at) => (at % 2 === 1 ? part : visible(part)))
            .join('')
        : visible(line),
    )
    .join('\n');
}

/** What `JSON.stringify` leaves in strings as it is and a terminal may obey; its own line breaks are not among it. */
const RAW = /[\u007f-\u009f\u2028\u2029\p{Cf}\p{Co}\p{Cn}]/gu;

/** The same JSON values, every character that hides written as `\uXXXX` (RFC 8259, section 7). */
export function inertJson(text: string): string {
  return text.replace(RAW, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => String.raw`\u` + character.charCodeAt(at).toString(16).padStart(4, '0'),
    ).join(''),
  );
}
