import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { readOnce } from '../../../lib/lake/store/read-once.ts';
import { storeContract } from './contract.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (body: Uint8Array | undefined) => new TextDecoder().decode(body);
const KEY = 'sources/a/manifest.json';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'bursar-read-once-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Two handles on one folder, of which the first remembers. */
async function two() {
  const path = await folder();
  const other = folderStore(path);
  await other.putIf(KEY, bytes('first'), null);
  return { store: readOnce(folderStore(path)), other };
}

storeContract('a folder that is read once', async () => {
  const path = await folder();
  return { store: readOnce(folderStore(path)), again: () => readOnce(folderStore(path)) };
});

test('manifests and folders stay as they were seen, until it forgets', async () => {
  const { store, other } = await two();
  const seen = async () => [textOf((await store.get(KEY))?.body), await store.folders('sources/')];
  expect(await seen()).toEqual(['first', ['a']]);
  const { version } = (await other.get(KEY)) ?? { version: '' };
  await other.putIf(KEY, bytes('second'), version);
  await other.put('sources/b/1.parquet', bytes('rows'));
  expect(await seen()).toEqual(['first', ['a']]);
  store.forget();
  expect(await seen()).toEqual(['second', ['a', 'b']]);
});

test('what it writes itself is seen at once, and a writer that lost a race reads anew', async () => {
  const { store, other } = await two();
  const first = await store.get(KEY);
  await store.putIf(KEY, bytes('second'), first?.version ?? '');
  const second = await store.get(KEY);
  expect(textOf(second?.body)).toBe('second');
  await other.putIf(KEY, bytes('of another'), second?.version ?? '');
  await expect(store.putIf(KEY, bytes('late'), second?.version ?? '')).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(textOf((await store.get(KEY))?.body)).toBe('of another');
  expect(await store.folders('sources/')).toEqual(['a']);
  await store.put('sources/b/1.parquet', bytes('rows'));
  expect(await store.folders('sources/')).toEqual(['a', 'b']);
});

test('one look is enough for many that ask at once; what failed is asked again', async () => {
  const { other } = await two();
  let looks = 0;
  const store = readOnce({
    ...other,
    async get(key) {
      looks += 1;
      if (looks === 1) throw new Error('no answer');
      return await other.get(key);
    },
  });
  await expect(store.get(KEY)).rejects.toThrow('no answer');
  const all = await Promise.all([store.get(KEY), store.get(KEY), store.get(KEY)]);
  expect(all.map((each) => textOf(each?.body))).toEqual(['first', 'first', 'first']);
  expect(looks).toBe(2);
});
