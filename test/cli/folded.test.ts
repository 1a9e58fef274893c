import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folded } from '../../lib/cli/folded.ts';
import { width } from '../../lib/digest/terminal.ts';

describe('a text for a terminal', () => {
  test('goes on below, set in, where a line is too long', () => {
    const line = '  why  No device passed 1% within the window, and power never passed 13%.';
    expect(folded(`f-1\n${line}\nend`, 40)).toBe(
      'f-1\n  why  No device passed 1% within the\n    window, and power never passed 13%.\nend',
    );
  });

  test('keeps a word that is longer than a line', () => {
    const arn = `arn:aws:ec2:us-east-1:111122223333:instance/${'i'.repeat(50)}`;
    expect(folded(`  resource  trainer ${arn} (tag owner)`, 40)).toBe(
      `  resource  trainer\n    ${arn}\n    (tag owner)`,
    );
  });

  test('counts no colour, and two columns for what is wide', () => {
    const coloured = `\u001b[1m${'a'.repeat(10)}\u001b[0m ${'b'.repeat(9)}`;
    expect(folded(coloured, 20)).toBe(coloured);
    expect(folded('計算 資源', 8)).toBe('計算\n資源');
  });

  test('holds the same words in the same order, and no line is too long that could be shorter', () => {
    const word = fc.stringMatching(/^[!-~]{1,12}$/);
    const line = fc.tuple(fc.nat(30), fc.array(word, { maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 40, max: 120 }), (lines, most) => {
        const text = lines.map(([indent, words]) => `${' '.repeat(indent)}${words.join('  ')}`).join('\n');
        const shown = folded(text, most);
        expect(shown.split(/\s+/)).toEqual(text.split(/\s+/));
        for (const each of shown.split('\n'))
          expect(width(each.trimEnd()) <= most || each.trim().split(/ +/).length === 1).toBe(true);
      }),
    );
  });
});
