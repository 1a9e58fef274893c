import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { sourceLister } from '../../../lib/run/assemble/store-sources.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function list(path: string) {
  const { stores } = configSchema.parse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'pgvector',
          url: { env: 'X' },
          documents: [{ key: 'k', source: { type: 'manifest', path } }],
        },
      },
    },
  }).estate;
  const source = stores['docs']?.documents[0]?.source;
  if (source === undefined) throw new Error('no source');
  return await sourceLister('docs', new Date('2026-11-22T10:00:00Z'), new Meter())(source);
}

test.each([
  ['plain', 'docs.csv', (text: string) => Buffer.from(text)],
  ['packed', 'docs.csv.gz', (text: string) => gzipSync(text)],
])('a manifest on disk, %s', async (_what, name, pack) => {
  const path = join(folder, name);
  await writeFile(path, pack('key,modified\na.md,2026-10-01\n'));
  const { told, sources } = await list(path);
  expect(told).toEqual({
    kind: 'manifest',
    name: path,
    listedAt: '2026-11-22T10:00:00.000Z',
    keys: 1,
    complete: true,
    hashed: false,
    newest: '2026-10-01T00:00:00.000Z',
  });
  expect(sources.find('a.md')).toEqual({ time: Date.parse('2026-10-01T00:00:00Z'), content: null });
});

test('a manifest that is not there is told with its path', async () => {
  const path = join(folder, 'nothing.csv');
  await expect(list(path)).rejects.toMatchObject({
    name: 'BursarError',
    code: 'input',
    where: path,
    message: 'the file cannot be read (ENOENT)',
  });
});

test('a packed manifest that is cut off lists nothing', async () => {
  const path = join(folder, 'cut.csv.gz');
  await writeFile(path, gzipSync(`key\n${'a.md\n'.repeat(1000)}`).subarray(0, 30));
  await expect(list(path)).rejects.toMatchObject({ name: 'BursarError', code: 'input', where: path });
});
