import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { Assembled } from '../../infra/handler.ts';
import { MILVUS } from '../../infra/native.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { run } from '../counterparts/install.ts';

/** What a function that looks at stores does with it. */
const ASKS = `const { MilvusClient } = await import('${MILVUS}');
const client = new MilvusClient({ address: process.argv[2], logLevel: 'error', telemetry: { enabled: false } });
await client.connectPromise;
const { db_names } = await client.listDatabases();
await client.closeConnection();
process.stdout.write(JSON.stringify(db_names));
`;

let folder: string;

beforeEach(async () => {
  // Away from the project: what the asset lacks is not found beside it.
  folder = await mkdtemp(join(tmpdir(), 'bursar-asset-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The asset of a function whose bundle is this, under a config with a store of this type. */
async function assetOf(bundle: string, type: 'milvus' | 'qdrant'): Promise<string> {
  const built = join(folder, 'built');
  const output = join(folder, 'asset');
  for (const made of [built, output]) await mkdir(made);
  await writeFile(join(built, 'index.mjs'), bundle);
  const config = parseConfig(
    `schemaVersion: 1\nestate: { stores: { docs: { type: ${type}, url: "https://docs.example.com", auth: none } } }`,
    'bursar.yaml',
  );
  new Assembled({ entry: 'collect', duckdb: null, config }, built).tryBundle(output);
  return output;
}

test('a function that looks at Milvus finds its client beside its bundle, whole', async () => {
  const output = await assetOf(ASKS, 'milvus');
  const databases = await run(process.execPath, [join(output, 'index.mjs'), inject('milvusUrl')]);
  expect(JSON.parse(databases)).toContain('default');
});

test.for([
  ['of other stores', ASKS, 'qdrant'],
  ['of a function that looks at none', 'export const handler = null;', 'milvus'],
] as const)('the asset %s carries none', async ([, bundle, type]) => {
  expect((await readdir(await assetOf(bundle, type))).toSorted()).toEqual([
    'bursar.config.json',
    'index.mjs',
  ]);
});
