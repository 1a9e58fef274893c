import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { storeContract } from './contract.ts';

const made: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'bursar folder [x]-'));
  made.push(path);
  return path;
}
afterAll(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true });
});

storeContract('a folder', async () => {
  const path = await folder();
  return { store: folderStore(path), again: () => folderStore(path) };
});

test('a key cannot lead out of the folder', async () => {
  const store = folderStore(await folder());
  for (const key of ['../x', 'a/../../x', 'a/\0', 'a b', 'ä', 'C:/x'])
    await expect(store.put(key, new Uint8Array())).rejects.toThrow('not a key');
});

test('a link in the folder is not listed', async () => {
  const path = await folder();
  const store = folderStore(path);
  await store.put('a/1.json', new Uint8Array(3));
  await writeFile(join(path, 'outside'), 'x');
  await symlink(join(path, 'outside'), join(path, 'a', 'link.json'));
  expect((await store.list('a/')).map(({ key }) => key)).toEqual(['a/1.json']);
});

test('a failed replacement leaves no temporary file', async () => {
  const path = await folder();
  const store = folderStore(path);
  await store.putIf('m.json', new Uint8Array(1), null);
  await expect(store.putIf('m.json', new Uint8Array(2), null)).rejects.toMatchObject({ code: 'conflict' });
  expect(await readdir(join(path, '.tmp'))).toEqual([]);
});
