/**
 * A function as Lambda gets it, but for what a config decides: `node infra/bundle.ts ENTRY duckdb|- FOLDER` where the
 * sources are; the package brings each built.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { MILVUS } from './native.ts';
import { buildPage, PAGE_FILE } from './page.ts';
import { buildQueryChild, QUERY_CHILD } from './query-child.ts';

const ROOT = join(import.meta.dirname, '..');
/** google-gax and other CommonJS inside an ES module bundle look for these. */
const COMMONJS = [
  "import{createRequire as __cr}from'node:module'",
  "import{fileURLToPath as __fu}from'node:url'",
  "import{dirname as __dn}from'node:path'",
  'const require=__cr(import.meta.url)',
  'const __filename=__fu(import.meta.url)',
  'const __dirname=__dn(__filename)',
];

/**
 * Writes `index.mjs`, its map and the files that it looks for beside itself.
 * @param entry file under functions/, without its ending
 * @param duckdb does it look for DuckDB beside itself, which esbuild cannot bundle?
 * @param plugins of esbuild: for another version of it than the sources are
 * @returns the files that it is made of, relative to the project
 */
export async function bundleFunction(
  entry: string,
  duckdb: boolean,
  folder: string,
  plugins: Plugin[] = [],
): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${entry}.ts`],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    mainFields: ['module', 'main'],
    // LanceDB is a native library of 195 MB, which no function can carry: what needs it says so. The client of Milvus
    // lies beside the bundle of those who have one.
    external: ['@lancedb/*', MILVUS, ...(duckdb ? ['@duckdb/*'] : [])],
    banner: { js: `${COMMONJS.join(';')};` },
    metafile: true,
    plugins,
    logLevel: 'warning',
  });
  const text = readFileSync(join(folder, 'index.mjs'), 'utf8');
  if (text.includes('query-child')) await buildQueryChild(join(folder, QUERY_CHILD));
  if (text.includes(PAGE_FILE)) await buildPage(join(folder, PAGE_FILE));
  return Object.keys(metafile.inputs);
}

if (import.meta.main) {
  const [entry, duckdb, folder] = process.argv.slice(2);
  if (entry === undefined || folder === undefined) throw new Error('bundle.ts ENTRY duckdb|- FOLDER');
  await bundleFunction(entry, duckdb === 'duckdb', folder);
}
