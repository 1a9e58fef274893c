import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildQueryChild, QUERY_CHILD } from '../../infra/query-child.ts';
import { ROOT } from './cdk.ts';

const run = promisify(execFile);
/** Within the project, so that the bundles find DuckDB. */
const folder = join(ROOT, 'node_modules/.cache/bursar', `query-child-${process.pid}`);

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await buildQueryChild(join(folder, QUERY_CHILD));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a function asks a user’s own query of the process that its asset brings', async () => {
  const asks = `
    import { openLake } from './lib/lake/lake.ts';
    import { folderStore } from './lib/lake/store/folder.ts';
    const lake = await openLake({ store: folderStore('lake'), workDir: 'work', dimensions: {}, aiRules: [] });
    const told = await lake.query('SELECT 40 + 2 AS answer').catch((error) => error.message);
    console.log(JSON.stringify(told));
    await lake[Symbol.asyncDispose]();`;
  await build({
    stdin: { contents: asks, resolveDir: ROOT },
    absWorkingDir: ROOT,
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@duckdb/*'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const { stdout } = await run(process.execPath, ['index.mjs'], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ rows: [{ answer: 42 }] });
  await rm(join(folder, QUERY_CHILD));
  const without = await run(process.execPath, ['index.mjs'], { cwd: folder });
  expect(without.stdout).toContain('a file of this program is missing: query-child.mjs');
});
