import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { prometheusSamples, summed } from '../../lib/estate/prometheus.ts';
import { BursarError } from '../../lib/platform/errors.ts';

const read = (text: string) =>
  prometheusSamples(text, () => true, 'store:docs').map(({ name, labels, value }) => [
    name,
    Object.fromEntries(labels),
    value,
  ]);

test('samples with and without labels, times, comments and blanks', () => {
  expect(
    read(
      [
        '# HELP x what "x" is {a="b"} 1',
        '# TYPE x counter',
        'x 1',
        '  x{}  2 ',
        'x{a="1",b="two",} 3 1395066363000',
        '\tx{ a = "1" , b="2" }\t4',
        'ns:y_1{le="+Inf"} +Inf',
        'y NaN',
        'y -1.5e-3',
        'y .5',
        'z{a="b"} 7 # {trace_id="x"} 1',
        '',
      ].join('\n'),
    ),
  ).toEqual([
    ['x', {}, 1],
    ['x', {}, 2],
    ['x', { a: '1', b: 'two' }, 3],
    ['x', { a: '1', b: '2' }, 4],
    ['ns:y_1', { le: '+Inf' }, Number.POSITIVE_INFINITY],
    ['y', {}, Number.NaN],
    ['y', {}, -0.0015],
    ['y', {}, 0.5],
    ['z', { a: 'b' }, 7],
  ]);
});

test.each([
  'x',
  'x{a="b"}',
  'x{a="b"}1',
  'x{a="b" 1',
  'x{a=b} 1',
  'x{a="b} 1',
  'x{a="\\t"} 1',
  'x{a="b",a="c"} 1',
  'x{="b"} 1',
  '1x 1',
  'x one',
  'x 1 2 3',
  'x 0x10',
  '<html>',
  '{"a":1}',
])('%o is no line of it, and is told by its number', (line) => {
  const wrong = (): unknown => read(`x 1\n\n${line}`);
  expect(wrong).toThrow(BursarError);
  expect(wrong).toThrow(/line 3/);
});

test('any label comes back as it was written', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z_]\w{0,8}$/), fc.string({ unit: 'binary' })),
      fc.nat(),
      (labels, value) => {
        const written = Object.entries(labels).map(
          ([key, text]) =>
            `${key}="${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
        );
        const [sample] = prometheusSamples(`a_total{${written.join(',')}} ${value}`, () => true, '');
        expect([...(sample?.labels ?? [])]).toEqual(Object.entries(labels));
        expect(sample?.value).toBe(value);
      },
    ),
  );
});

test('only what is wanted is kept, and what is not is read all the same', () => {
  const samples = prometheusSamples('a 1\nb 2\n', (name) => name === 'b', '');
  expect(samples.map(({ name }) => name)).toEqual(['b']);
  expect(() => prometheusSamples('a {\nb 2\n', (name) => name === 'b', '')).toThrow(/line 1/);
});

const of = (...values: number[]) => summed(values.map((value) => ({ name: 'x', labels: new Map(), value })));

test('a sum is exact or none', () => {
  expect(of()).toBe(0);
  expect(of(1, 2)).toBe(3);
  for (const values of [
    [1, Number.NaN],
    [Number.POSITIVE_INFINITY],
    [0.5],
    [-1, 2],
    [2 ** 53],
    [2 ** 53 - 1, 1],
  ])
    expect(of(...values)).toBeNull();
});
