import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chart, cut, escape, fields, header, titledList } from '../../lib/notices/blocks.ts';
import { name } from '../digest/attacks.ts';

describe('text for Slack', () => {
  test('is cut before it is escaped, never within a character or an entity', () => {
    expect(escape(cut('a < b & c', 6))).toBe('a &lt; b…');
    expect(cut('😀😀😀', 4)).toBe('😀…');
    expect(cut('same', 4)).toBe('same');
  });

  test('is never longer than asked, and stays whole', () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 200 }), (text, most) => {
        const short = cut(text, most);
        expect(short.length).toBeLessThanOrEqual(most);
        expect(text.isWellFormed() && !short.isWellFormed()).toBe(false);
        expect(text.startsWith(short.replace(/…$/, ''))).toBe(true);
      }),
    );
  });

  test('of a header holds no markup and no emoji codes', () => {
    expect(header('<!channel> :fire:')).toEqual({
      type: 'header',
      text: { type: 'plain_text', text: '<!channel> :fire:', emoji: false },
    });
  });
});

test('a value cannot end its bold', () => {
  const [field] = fields([{ label: 'L <b>', value: '5 * 3 & <', note: '' }]).fields ?? [];
  expect(field?.text).toBe('L &lt;b&gt;\n*5  3 &amp; &lt;*');
});

test('an empty run is left out, since Slack refuses empty text', () => {
  const list = titledList('T', [['', { bold: 'x' }]], 'bullet').elements[1];
  expect(list).toMatchObject({
    elements: [{ elements: [{ type: 'text', text: 'x', style: { bold: true } }] }],
  });
});

test('a chart takes the last 20 points, six series and short labels', () => {
  const points = Array.from({ length: 25 }, (_, at) => ({
    label: `day ${at} ${'x'.repeat(30)}`,
    values: [at, -at],
  }));
  const { title, chart: drawn } = chart('t'.repeat(80), points, Array(9).fill('s'), { x: 'Day', y: 'USD' });
  expect(title).toHaveLength(50);
  expect(drawn.series).toHaveLength(6);
  expect(drawn.axis_config.categories).toHaveLength(20);
  expect(drawn.axis_config.categories[0]).toMatch(/^day 5 x+…$/);
  expect(drawn.series[1]?.data.at(-1)?.value).toBe(-24);
  expect(Math.max(...drawn.axis_config.categories.map(({ length }) => length))).toBe(20);
});
