import { join } from 'node:path';
import { build } from 'esbuild';

/** The process of a user's own query, by the name that lib/lake/engine/query-process.ts looks for beside a bundle. */
export const QUERY_CHILD = 'query-child.mjs';

const ROOT = join(import.meta.dirname, '..');

/** One file, which finds DuckDB where the function finds it. */
export async function buildQueryChild(outfile: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['lib/lake/engine/query-child.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    external: ['@duckdb/*'],
    logLevel: 'warning',
  });
}
