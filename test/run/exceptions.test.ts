import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXCEPTIONS } from './exceptions.ts';

test('the docs name every rule that an export is known to break', async () => {
  const docs = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'attribution.md'), 'utf8');
  const rules = Object.values(EXCEPTIONS).flatMap(({ validator, own }) =>
    Object.keys({ ...validator, ...own }),
  );
  const named = docs.slice(docs.indexOf('## bursar changes, validate, export'));
  expect([...new Set(rules)].filter((rule) => !named.includes(`\`${rule}\``))).toEqual([]);
});
