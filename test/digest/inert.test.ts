import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inertJson, inertText } from '../../lib/digest/inert.ts';

const ESC = '\u001b';
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    `${ESC}]0;title\u0007`,
    `${ESC}[2J`,
    '\u009b31m',
    '\u202egnp.exe',
    '\u200b',
    '\r$1',
    '\u{e0041}',
    '\ud800',
  ),
);

describe('text of any command', () => {
  it('holds nothing that steers, whatever a renderer forgot', () => {
    fc.assert(
      fc.property(fc.array(HOSTILE), fc.boolean(), (parts, colour) => {
        const shown = inertText(parts.join('\n'), colour).replaceAll('\n', '');
        const rest = colour
          ? [1, 2, 22].reduce((left, code) => left.replaceAll(`${ESC}[${code}m`, ''), shown)
          : shown;
        expect(rest).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  it('keeps the bold and faint of its renderers where there is colour, and their lines', () => {
    const text = `${ESC}[1mSpend${ESC}[22m\n  ${ESC}[31mred${ESC}[0m  x`;
    expect(inertText(text, true)).toBe(`${ESC}[1mSpend${ESC}[22m\n  [31mred[0m  x`);
    expect(inertText(text, false)).toBe('[1mSpend[22m\n  [31mred[0m  x');
  });
});

describe('JSON of any command', () => {
  it('is the same value with nothing that hides in it', () => {
    fc.assert(
      fc.property(fc.array(HOSTILE), fc.constantFrom(undefined, 2), (value, space) => {
        const text = inertJson(JSON.stringify(value, null, space));
        expect(JSON.parse(text)).toEqual(value);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}]/u);
      }),
    );
  });
});
