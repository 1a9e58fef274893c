import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvForPeople } from '../../lib/digest/csv.ts';
import { visible } from '../../lib/digest/names.ts';
import type { DataTable } from '../../lib/digest/table.ts';
import { amount, name } from './attacks.ts';

function table(rows: DataTable['rows']): DataTable {
  return {
    id: 'spend',
    caption: 'Spend',
    columns: [
      { id: 'team', label: 'Team', kind: 'text' },
      { id: 'effective_cost', label: 'Cost', kind: 'money' },
    ],
    rows,
    source: 'bills',
  };
}

/** RFC 4180, by the letter: what a reader of such files takes for cells. */
function parsed(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < csv.length) {
    let cell = '';
    if (csv[at] === '"') {
      at += 1;
      for (; csv[at] !== '"' || csv[at + 1] === '"'; at += csv[at] === '"' ? 2 : 1) cell += csv[at];
      at += 1;
    } else for (; csv[at] !== ',' && csv[at] !== '\r'; at += 1) cell += csv[at];
    row.push(cell);
    if (csv[at] === '\r') {
      rows.push(row);
      row = [];
      at += 2;
    } else at += 1;
  }
  return rows;
}

test('a table is a header line and a line a row; amounts are plain, what is not known is empty', () => {
  expect(
    csvForPeople(
      table([
        ['research, "a"', '-12.5'],
        ['', null],
      ]),
    ),
  ).toBe('team,effective_cost\r\n"research, ""a""",-12.5\r\n,\r\n');
});

test.each([
  '=HYPERLINK("https://evil.example")',
  '@SUM(A1:A9)',
  '+1+1',
  '-2+3',
  '\t=1+1',
  '\r=1+1',
  ' =1+1',
  '\u200b=1+1',
  '\uff1d1+1',
  '\u0000=1+1',
])('%j is text and no formula', (text) => {
  const [, row] = parsed(csvForPeople(table([[text, '1']])));
  expect(row?.[0]?.startsWith("'")).toBe(true);
  expect(row?.[0]?.slice(1)).toBe(visible(text));
});

test('whatever names hold: the cells come back, none hides anything or can be a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, amount), { maxLength: 5 }), (rows) => {
      const csv = csvForPeople(table(rows));
      const [, ...read] = parsed(csv);
      expect(read).toHaveLength(rows.length);
      for (const [at, [text, money]] of rows.entries()) {
        const cell = read[at]?.[0] ?? '';
        expect(read[at]?.[1]).toBe(money);
        expect([visible(text), `'${visible(text)}`]).toContain(cell);
        expect(cell).not.toMatch(/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u);
      }
      expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});

test('nor is what stands behind a semicolon, where a spreadsheet parts lines there', () => {
  expect(harmless('a;=HYPERLINK("https://evil.example")')).toBe(`a;'=HYPERLINK("https://evil.example")`);
  expect(harmless('a; "=1+1;@SUM(A1)')).toBe(`a;' "=1+1;'@SUM(A1)`);
  expect(harmless('a; b=1, c-d')).toBe('a; b=1, c-d');
});

function harmless(text: string): string | undefined {
  return parsed(csvForPeople(table([[text, '1']])))[1]?.[0];
}
