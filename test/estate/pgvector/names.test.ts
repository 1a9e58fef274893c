import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { postgresTable } from '../../../lib/config/values.ts';
import { identifier } from '../../../lib/estate/pgvector/columns.ts';
import { nameParts } from '../../../lib/estate/pgvector/names.ts';

test.each<[string, readonly string[]]>([
  ['pages', ['pages']],
  ['docs.pages', ['docs', 'pages']],
  ['Docs.Pages of 2026', ['Docs', 'Pages of 2026']],
  [`it's.Ünï-çødé`, [`it's`, 'Ünï-çødé']],
  ['"docs"."pages.v2"', ['docs', 'pages.v2']],
  ['docs."a ""b"".c"', ['docs', 'a "b".c']],
  ['db.docs.pages', ['db', 'docs', 'pages']],
])('%s', (name, parts) => {
  expect(nameParts(name)).toEqual(parts);
  expect(postgresTable.parse(name)).toBe(name);
});

test.each(['', '.', 'docs.', '.pages', 'a..b', 'a.b.c.d', 'a"b', '"a', '"a"b', '""', 'a\0b', '"a\0"'])(
  '%j is no name',
  (name) => {
    expect(nameParts(name)).toBeNull();
    expect(z.safeParse(postgresTable, name).success).toBe(false);
  },
);

test('every name that SQL can quote is read back', () => {
  const part = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter((name) => !name.includes('\0'));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      expect(nameParts(parts.map(identifier).join('.'))).toEqual(parts);
    }),
  );
});
