import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stateOfSources } from '../../infra/source-state.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bursar-sources-'));
  for (const folder of ['functions', 'infra', 'lib/deep'])
    await mkdir(join(root, folder), { recursive: true });
  const files = ['functions/plan.ts', 'infra/bundle.ts', 'lib/deep/a.ts', 'tsconfig.json', 'package.json'];
  for (const file of [...files, 'package-lock.json']) await writeFile(join(root, file), 'one');
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('the same files have one name, whatever lies beside them', async () => {
  const before = stateOfSources(root);
  await writeFile(join(root, 'README.md'), 'not of any function');
  expect(stateOfSources(root)).toBe(before);
});

test.for(['functions/plan.ts', 'infra/bundle.ts', 'lib/deep/a.ts', 'tsconfig.json', 'package-lock.json'])(
  'another %s is another state, and back again the first',
  async (file) => {
    const before = stateOfSources(root);
    await writeFile(join(root, file), 'two');
    expect(stateOfSources(root)).not.toBe(before);
    await writeFile(join(root, file), 'one');
    expect(stateOfSources(root)).toBe(before);
  },
);

test('what is installed counts, also where the lock asks for something else', async () => {
  const none = stateOfSources(root);
  await mkdir(join(root, 'node_modules'));
  const states = [none];
  for (const packages of ['esbuild 1', 'esbuild 2']) {
    await writeFile(join(root, 'node_modules/.package-lock.json'), packages);
    states.push(stateOfSources(root));
  }
  expect(new Set(states).size).toBe(3);
});

test('a file more, a file less and another name of one are other states', async () => {
  const states = [stateOfSources(root)];
  await writeFile(join(root, 'lib/b.ts'), '');
  states.push(stateOfSources(root));
  await rename(join(root, 'lib/b.ts'), join(root, 'lib/c.ts'));
  states.push(stateOfSources(root));
  await rename(join(root, 'lib/deep/a.ts'), join(root, 'lib/a.ts'));
  states.push(stateOfSources(root));
  expect(new Set(states).size).toBe(4);
});
