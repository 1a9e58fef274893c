import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { table } from '../../lib/cli/table.ts';

const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', ',', '\r\n', ' a ', '=1+1', ''));

describe('rows as CSV', () => {
  it('read back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ a: cell, b: cell }), { minLength: 1 }), (rows) => {
        const text = table(['a', 'b'], rows, 'csv');
        expect(parse(text, { columns: true, record_delimiter: '\n', skip_empty_lines: false })).toEqual(
          rows.map((row) => ({ ...row })),
        );
      }),
    );
  });

  it('writes nothing for null, and JSON for what is nested', () => {
    expect(table(['a', 'b'], [{ a: null, b: { x: [1, '2'] } }], 'csv')).toBe('a,b\n,"{""x"":[1,""2""]}"');
  });
});

describe('rows as a table', () => {
  it('numbers to the right, text to the left, the count below', () => {
    expect(
      table(
        ['n', 't'],
        [
          { n: '1.5', t: 'a' },
          { n: '-10', t: null },
        ],
        'table',
      ).split('\n'),
    ).toEqual(['  n  t', '1.5  a', '-10', '(2 rows)']);
  });

  it('shows nothing that could steer a terminal, and keeps a row on its line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.string({ unit: 'binary', maxLength: 30 }) }), { maxLength: 5 }),
        (rows) => {
          const lines = table(['a'], rows, 'table').split('\n');
          expect(lines).toHaveLength(rows.length + 2);
          for (const line of lines) expect(line).not.toMatch(/\p{Cc}|[\u202a-\u202e]/u);
        },
      ),
    );
  });
});
