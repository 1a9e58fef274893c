/** The client of Milvus as one file: `node infra/milvus.ts FOLDER` where the sources are. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BursarError } from '../lib/platform/errors.ts';
import { MILVUS } from './native.ts';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '..');

/**
 * Goes beside a function's bundle, where it is read when a store of Milvus is looked at, not before.
 * @returns the files that it is made of, relative to the project
 */
export async function bundleMilvus(folder: string): Promise<string[]> {
  if (!isInstalled())
    throw new BursarError('config', 'the library of Milvus is not installed', {
      where: 'estate.stores',
      hint: `Install it beside Bursar: npm install ${MILVUS}@3.0.6`,
    });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    stdin: { contents: `export { MilvusClient } from '${MILVUS}';`, resolveDir: ROOT },
    outfile: join(folder, 'index.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: MILVUS, main: 'index.cjs' }));
  return Object.keys(metafile.inputs);
}

function isInstalled(): boolean {
  try {
    require.resolve(MILVUS);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('milvus.ts FOLDER');
  await bundleMilvus(folder);
}
