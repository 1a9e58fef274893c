import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The client of Milvus, a fifth of what a function that looks at the estate would load. */
export const MILVUS = '@zilliz/milvus2-sdk-node';

const ROOT = join(import.meta.dirname, '..');

/** Puts it beside a function's bundle as one file, which is read when a store of Milvus is looked at, not before. */
export async function bundleMilvus(outputDir: string): Promise<void> {
  const folder = join(outputDir, 'node_modules', MILVUS);
  mkdirSync(folder, { recursive: true });
  await build({
    stdin: { contents: `export { MilvusClient } from '${MILVUS}';`, resolveDir: ROOT },
    outfile: join(folder, 'index.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    logLevel: 'warning',
  });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: MILVUS, main: 'index.cjs' }));
}
