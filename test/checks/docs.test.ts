import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FOLDER, pages } from './docs.ts';

it('has a fresh page for every check (else: node test/checks/write-docs.ts)', async () => {
  const made = await pages();
  expect((await readdir(FOLDER)).toSorted()).toEqual([...made.keys()].toSorted());
  for (const [name, text] of made)
    expect({ name, text: await readFile(join(FOLDER, name), 'utf8') }).toEqual({ name, text });
});
