import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../lib/lake/store/model.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

/** What every store does; `make` opens an empty one each time, `again` another handle on the latest. */
export function storeContract(name: string, make: () => Promise<{ store: Store; again: () => Store }>): void {
  describe(`the store contract: ${name}`, () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'bursar-store-'));
    });
    afterAll(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    test('what is not there is null, an empty list, no folder, and may be deleted', async () => {
      const { store } = await make();
      expect(await store.get('a/b.json')).toBeNull();
      expect(await store.list('a/')).toEqual([]);
      expect(await store.folders('a/')).toEqual([]);
      await store.delete(['a/b.json']);
      await store.delete([]);
      expect(await store.list('a/')).toEqual([]);
    });

    test('put, get, list, folders, delete', async () => {
      const { store, again } = await make();
      await store.put('a/x/1.json', bytes('one'));
      await store.put('a/y/2.json', bytes('zwei ✓'));
      await store.put('b/3.json', bytes(''));
      expect(textOf((await again().get('a/y/2.json'))?.body)).toBe('zwei ✓');
      const listed = await again().list('a/');
      expect(listed.map(({ key, bytes: size }) => [key, size])).toEqual([
        ['a/x/1.json', 3],
        ['a/y/2.json', 8],
      ]);
      for (const { modified } of listed)
        expect(Math.abs(Date.now() - modified.getTime())).toBeLessThan(60_000);
      expect(await store.folders('a/')).toEqual(['x', 'y']);
      await store.delete(['a/x/1.json', 'a/never.json']);
      expect((await store.list('a/')).map(({ key }) => key)).toEqual(['a/y/2.json']);
    });

    test('putIf replaces only what the writer has seen', async () => {
      const { store, again } = await make();
      const first = await store.putIf('m/manifest.json', bytes('1'), null);
      await expect(again().putIf('m/manifest.json', bytes('other'), null)).rejects.toMatchObject({
        code: 'conflict',
      });
      expect((await again().get('m/manifest.json'))?.version).toBe(first);
      const second = await again().putIf('m/manifest.json', bytes('2'), first);
      await expect(store.putIf('m/manifest.json', bytes('late'), first)).rejects.toMatchObject({
        code: 'conflict',
      });
      const now = await store.get('m/manifest.json');
      expect([textOf(now?.body), now?.version]).toEqual(['2', second]);
    });

    test('of twelve writers who saw the same version exactly one wins, every time', async () => {
      const { store, again } = await make();
      let version: string | null = null;
      for (let round = 0; round < 4; round++) {
        const seen: string | null = version;
        const tried = await Promise.allSettled(
          Array.from({ length: 12 }, (_, writer) =>
            again().putIf('race/m.json', bytes(`${round}/${writer}`), seen),
          ),
        );
        const won = tried.flatMap((each, writer) =>
          each.status === 'fulfilled' ? [{ writer, version: each.value }] : [],
        );
        expect(won).toHaveLength(1);
        const current = await store.get('race/m.json');
        expect(textOf(current?.body)).toBe(`${round}/${won[0]?.writer}`);
        version = current?.version ?? null;
      }
    });

    test('many replacements in a row are each read back, and leave no pile behind', async () => {
      const { store } = await make();
      let version: string | null = null;
      for (let round = 0; round < 20; round++) {
        version = await store.putIf('row/m.json', bytes(String(round)), version);
        expect(textOf((await store.get('row/m.json'))?.body)).toBe(String(round));
      }
      expect((await store.list('row/')).length).toBeLessThan(12);
    });

    test('files go in and come out with the same bytes; a wrong size or a missing file is told', async () => {
      const { store, again } = await make();
      const body = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 31) % 256));
      const path = join(folder, 'part.bin');
      await writeFile(path, body);
      await store.fromLocal(path, 'sources/s/2026-11/x/0.parquet');
      const other = again();
      const local = await other.toLocal('sources/s/2026-11/x/0.parquet', body.length);
      expect(Buffer.compare(await readFile(local), body)).toBe(0);
      expect(await other.toLocal('sources/s/2026-11/x/0.parquet', body.length)).toBe(local);
      await expect(other.toLocal('sources/s/2026-11/x/0.parquet', 7)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('7'),
      });
      await expect(other.toLocal('sources/s/2026-11/x/1.parquet', 7)).rejects.toMatchObject({
        code: 'unavailable',
      });
    });
  });
}
