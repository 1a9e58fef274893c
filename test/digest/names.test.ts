import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain } from '../../lib/digest/names.ts';
import { fit, width, wrap } from '../../lib/digest/terminal.ts';
import { name } from './attacks.ts';

test('a name loses what would steer a terminal or turn the reading direction', () => {
  expect(plain('\u001b[2J\u001b[31mred\u001b]8;;https://evil.example\u0007link')).toBe('redlink');
  expect(plain('invoice\u202egnp.exe')).toBe('invoicegnp.exe');
  expect(plain(' two\r\nlines\t here ')).toBe('two lines here');
  expect(plain('half \ud83d a pair')).toBe('half \u{fffd} a pair');
});

test('foreign scripts and emoji stay', () => {
  expect(plain('שלום 东京 🚀')).toBe('שלום 东京 🚀');
});

test('any name becomes one line of at most so many code points, whole characters, and stays so', () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 1, max: 100 }), (text, most) => {
      const clean = plain(text, most);
      expect(Array.from(clean).length).toBeLessThanOrEqual(most);
      expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(clean.isWellFormed()).toBe(true);
      expect(plain(clean, most)).toBe(clean);
    }),
  );
});

test('widths count what a terminal gives', () => {
  expect(['abc', '东京', '🚀', 'e\u0301'].map(width)).toEqual([3, 4, 2, 1]);
});

test('fitted and wrapped lines are never too wide', () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 2, max: 60 }), (text, most) => {
      const clean = plain(text, 400);
      expect(width(fit(clean, most))).toBeLessThanOrEqual(most);
      for (const line of wrap(clean, most)) expect(width(line)).toBeLessThanOrEqual(most);
    }),
  );
});
