import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { driverSentence } from '../../lib/digest/drivers.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { plain } from '../../lib/digest/names.ts';
import { fit, width, wrap } from '../../lib/digest/terminal.ts';
import { digestText } from '../../lib/digest/text.ts';
import { name } from './attacks.ts';
import { fullInput } from './inputs.ts';
import { anomalyOf, fullInsight } from './insight-inputs.ts';

const [moved] = fullInsight().movers.rows;
if (moved === undefined) throw new Error('something moved');

test('a name loses what would steer a terminal or turn the reading direction', () => {
  expect(plain('\u001b[2J\u001b[31mred\u001b]8;;https://evil.example\u0007link')).toBe('redlink');
  expect(plain('invoice\u202egnp.exe')).toBe('invoicegnp.exe');
  expect(plain(' two\r\nlines\t here ')).toBe('two lines here');
  expect(plain('half \ud83d a pair')).toBe('half \u{fffd} a pair');
});

test('foreign scripts and emoji stay', () => {
  expect(plain('שלום 东京 🚀')).toBe('שלום 东京 🚀');
});

test('a mark that begins a name sits on no text of ours', () => {
  // U+0338 would make of an equals sign before it one of inequality.
  expect(`saved =${plain('\u0338 x')}`.normalize('NFC')).toBe('saved =◌\u0338 x');
  expect(plain('  \u0301\u0301')).toBe('◌\u0301\u0301');
});

test('a name of which nothing is to be seen is told to be none, within a sentence and a list', () => {
  const unseen = ['   ', '\u200b', '\u202e\u2066'];
  for (const service of unseen) {
    const phrase = driverSentence(moved, { service, model: null, team: service });
    expect(digestFormat('UTC').phrase(phrase)).toMatch(/^\(no name\) for \(no name\) costs /);
  }
  const rows = unseen.map((service) => anomalyOf({ key: { service }, causes: [] }));
  const { anomalies } = fullInsight();
  const content = digestContent(fullInput({ insight: fullInsight({ anomalies: { ...anomalies, rows } }) }));
  expect(digestText(content)).toContain('step up since Nov 3, (no name); ');
  expect(digestHtml(content)).toContain('<bdi>(no name)</bdi><div class="sub">step up');
});

test('any name becomes one line of at most so many code points, whole characters, and stays so', () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 1, max: 100 }), (text, most) => {
      const clean = plain(text, most);
      expect(Array.from(clean).length).toBeLessThanOrEqual(most);
      expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).not.toMatch(/^\p{M}/u);
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
