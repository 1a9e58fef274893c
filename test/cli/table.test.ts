import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitted, table } from '../../lib/cli/table.ts';
import { visible } from '../../lib/digest/names.ts';
import { width } from '../../lib/digest/terminal.ts';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('"', ',', '\r\n', ' a ', '=1+1', '', '-1', '-1+2', '@SUM(A1)', '\t=1', '+4.50', '-', '1e3'),
);

describe('rows as CSV', () => {
  it('read back as they were, but for what hides and for a quote before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ a: cell, b: cell }), { minLength: 1 }), (rows) => {
        const read: Record<string, string>[] = parse(table(['a', 'b'], rows, 'csv'), {
          columns: true,
          record_delimiter: '\n',
          skip_empty_lines: false,
        });
        expect(read).toHaveLength(rows.length);
        const cells = rows.flatMap((row, at) =>
          (['a', 'b'] as const).map((name) => ({ given: visible(row[name]), got: read[at]?.[name] ?? '' })),
        );
        for (const { given, got } of cells) expect([given, `'${given}`]).toContain(got);
        // Whatever a spreadsheet would calculate is a number, and a number stays one.
        const formulas = cells.filter(({ got }) => /^\s*[=+@-]/.test(got));
        for (const { got } of formulas) expect(got).toMatch(/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/);
        const numbers = cells.filter(({ given }) => /^-?\d+(\.\d+)?$/.test(given));
        for (const { given, got } of numbers) expect(got).toBe(given);
      }),
    );
  });

  it.each([
    ['=HYPERLINK("http://a.example","x")', `"'=HYPERLINK(""http://a.example"",""x"")"`],
    ['@SUM(1+1)*cmd|A0', "'@SUM(1+1)*cmd|A0"],
    ['-2+3', "'-2+3"],
    ['+1 555 0100', "'+1 555 0100"],
    ['\t=1+1', "' =1+1"],
    ['\r=1+1', "' =1+1"],
    ['\uff1d1+1', "'\uff1d1+1"],
    ['\u202e=1+1', "'=1+1"],
    ['\u0000=1+1', "'=1+1"],
    ['-12.5', '-12.5'],
    ['-1.5E-3', '-1.5E-3'],
    ['+7', '+7'],
    ['a=b', 'a=b'],
    ['a; -2+3;@SUM(A1)', "a;' -2+3;'@SUM(A1)"],
    ['\u001b[31mred', '[31mred'],
  ])('writes %j as %j', (given, written) => {
    expect(table(['a'], [{ a: given }], 'csv')).toBe(`a\n${written}`);
  });

  it('has no formula among its heads either', () => {
    expect(table(['=1+1'], [{ '=1+1': -1 }], 'csv')).toBe("'=1+1\n-1");
  });

  it('writes nothing for null, and JSON for what is nested', () => {
    expect(table(['a', 'b'], [{ a: null, b: { x: [1, '2'] } }], 'csv')).toBe('a,b\n,"{""x"":[1,""2""]}"');
  });
});

describe('cells that are never clipped', () => {
  const arn = `arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/${'a'.repeat(60)}/0123456789abcdef`;
  const rows = [{ id: 'f-abc', state: 'DETECTED', note: 'x'.repeat(60), resource: arn }];
  const shown = (most: number) =>
    table(['id', 'state', 'note', 'resource'], rows, 'table', most, ['state'], ['resource']);

  it('stand whole on a line of their own where the table has no place for them', () => {
    expect(shown(80).split('\n')).toEqual([
      `-- 1 ${'-'.repeat(35)}`,
      'id        f-abc',
      'state     DETECTED',
      `note      ${'x'.repeat(60)}`,
      `resource  ${arn}`,
      '(1 row)',
    ]);
  });

  it('take their column’s width from others where there is place', () => {
    for (const most of [160, 180, 240, Number.MAX_SAFE_INTEGER]) expect(shown(most)).toContain(arn);
    expect(shown(180)).toContain('(1 row)');
    expect(shown(180)).toMatch(/x…/);
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

  it('amounts of money and shares to the right, too; days, versions and names to the left', () => {
    const cells: readonly [string, string, string, string, string][] = [
      ['$1,200.50', '80.5%', '2026-11-01', '1.2.3', 'i-1'],
      ['about $5.00', '', '2026-11-02', '1.30.4', '12 GPUs'],
      ['$1.00 to $2,000.00', '-', '2026-11-03', '1.2.3', '3'],
      ['-A$39.00 + CHF\u00a05.00', '0 %', '', '1.4.5', ''],
    ];
    const rows = cells.map(([cost, share, since, version, name]) => ({ cost, share, since, version, name }));
    const lines = table(['cost', 'share', 'since', 'version', 'name'], rows, 'table')
      .replaceAll('\u00a0', ' ')
      .split('\n');
    expect(lines).toEqual([
      '               cost  share  since       version  name',
      '          $1,200.50  80.5%  2026-11-01  1.2.3    i-1',
      '        about $5.00         2026-11-02  1.30.4   12 GPUs',
      ' $1.00 to $2,000.00      -  2026-11-03  1.2.3    3',
      '-A$39.00 + CHF 5.00    0 %              1.4.5',
      '(4 rows)',
    ]);
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

describe('a table on a terminal', () => {
  const rows = [
    ['id', 'owner', 'cost', 'resource'],
    ['f-0123456789abcdef', 'somebody.with.a.long.name@example.com', '$4,071.20', `arn:${'x'.repeat(50)}`],
    ['f-2', 'a@example.com', 'about USD 3.10', 'i-1'],
  ];
  const align = ['left', 'left', 'left', 'left'] as const;

  it('clips its widest text and neither ids nor amounts', () => {
    const lines = fitted(rows, align, 80);
    expect(lines.map(width).every((each) => each <= 80)).toBe(true);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^f-0123456789abcdef {2}somebody[^ ]*… {2}\$4,071\.20 +arn:x+…$/);
    expect(lines[2]).toMatch(/^f-2 +a@example\.com +about USD 3\.10 +i-1$/);
  });

  it('is written as records where clipping is not enough', () => {
    const lines = fitted(rows, align, 50);
    expect(lines).toEqual([
      '-- 1 -----------------------------------',
      'id        f-0123456789abcdef',
      'owner     somebody.with.a.long.name@example.com',
      'cost      $4,071.20',
      `resource  arn:${'x'.repeat(35)}…`,
      '-- 2 -----------------------------------',
      'id        f-2',
      'owner     a@example.com',
      'cost      about USD 3.10',
      'resource  i-1',
    ]);
  });

  it('is as wide as it likes elsewhere', () => {
    expect(fitted(rows, align).join('\n')).not.toContain('…');
  });

  it('never cuts a figure, and fits wherever its figures do', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'é', '界', ' b'), maxLength: 40 });
    const amount = fc.integer({ min: -999_999, max: 999_999 }).map((each) => `${each}.00`);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, amount, word), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 30, max: 120 }),
        (body, most) => {
          const lines = fitted([['what', 'cost', 'why'], ...body], ['left', 'right', 'left'], most);
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(most);
          for (const [, cost] of body) expect(lines.some((line) => line.includes(cost))).toBe(true);
        },
      ),
    );
  });
});

describe('columns that may be left out', () => {
  const names = ['id', 'since', 'owner', 'cost'];
  const rows = [
    { id: 'f-2tucfkruyxatynwy6inaabpo6i', since: '2026-10-11', owner: 'ana@acme.example', cost: '$1' },
  ];
  const shown = (most: number) => table(names, rows, 'table', most, ['since', 'owner']).split('\n');

  it('are there where they have room', () => {
    expect(shown(80)).toEqual([
      expect.stringMatching(/^id +since +owner +cost$/),
      expect.any(String),
      '(1 row)',
    ]);
  });

  it('go in their order, and the last line says so', () => {
    expect(shown(50)).toEqual([
      expect.stringMatching(/^id +owner +cost$/),
      expect.stringMatching(/^f-2tucfkruyxatynwy6inaabpo6i +ana@acme\.ex.* +\$1$/),
      '(1 row; a wider terminal also shows since)',
    ]);
    expect(shown(40).at(-1)).toBe('(1 row; a wider terminal also shows since, owner)');
  });

  it('are all there as records where no table fits, and in CSV', () => {
    expect(shown(20).join('\n')).toMatch(/since +2026-10-11[^]*owner/);
    expect(shown(20).at(-1)).toBe('(1 row)');
    expect(table(names, rows, 'csv', 20, ['since', 'owner']).split('\n')[0]).toBe('id,since,owner,cost');
  });
});
