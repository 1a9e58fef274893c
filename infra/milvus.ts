import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BursarError } from '../lib/platform/errors.ts';

/** The client of Milvus, a fifth of what a function that looks at the estate would load. */
export const MILVUS = '@zilliz/milvus2-sdk-node';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '..');

/** Puts it beside a function's bundle as one file, which is read when a store of Milvus is looked at, not before. */
export async function bundleMilvus(outputDir: string): Promise<void> {
  const folder = join(outputDir, 'node_modules', MILVUS);
  if (!isInstalled())
    throw new BursarError('config', 'the library of Milvus is not installed', {
      where: 'estate.stores',
      hint: `Install it beside Bursar: npm install ${MILVUS}@3.0.6`,
    });
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

function isInstalled(): boolean {
  try {
    require.resolve(MILVUS);
    return true;
  } catch {
    return false;
  }
}
