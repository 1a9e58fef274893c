/**
 * The functions as Lambda gets them, but for what a config decides: `node infra/bundle.ts FOLDER ENTRY[:duckdb]...` where
 * the sources are; the package brings each built.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { INPUTS, MILVUS } from './native.ts';
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

/** What esbuild makes of a function. */
export interface Bundled {
  /** File under functions/, without its ending. */
  readonly entry: string;
  /** Does it look for DuckDB beside itself, which esbuild cannot bundle? */
  readonly duckdb: boolean;
}

/**
 * Writes for each function a folder of its name with `index.mjs`, its map and the files that it looks for beside
 * itself. All at once: most of what they are made of is the same, and is read once.
 * @returns the files that they are made of, relative to the project
 */
export async function bundleFunctions(functions: readonly Bundled[], folder: string): Promise<string[]> {
  const inputs: string[] = [];
  for (const duckdb of [false, true]) {
    const alike = functions.filter((each) => each.duckdb === duckdb).map(({ entry }) => entry);
    const entryPoints = Object.fromEntries(alike.map((entry) => [`${entry}/index`, sourceOf(entry)]));
    if (alike.length > 0) inputs.push(...(await bundle(entryPoints, duckdb, folder)));
  }
  const folders = functions.map(({ entry }) => join(folder, entry));
  await putBeside(folders, 'query-child', QUERY_CHILD, buildQueryChild);
  await putBeside(folders, PAGE_FILE, PAGE_FILE, buildPage);
  return inputs;
}

/**
 * Writes `index.mjs` of one function and its map alone.
 * @param plugins of esbuild: for another version of it than the sources are
 */
export async function bundleFunction(
  entry: string,
  duckdb: boolean,
  folder: string,
  plugins: Plugin[] = [],
): Promise<void> {
  await bundle({ index: sourceOf(entry) }, duckdb, folder, plugins);
}

const sourceOf = (entry: string) => `functions/${entry}.ts`;

async function bundle(
  entryPoints: Readonly<Record<string, string>>,
  duckdb: boolean,
  outdir: string,
  plugins: Plugin[] = [],
): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...entryPoints },
    outdir,
    outExtension: { '.js': '.mjs' },
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
  return Object.keys(metafile.inputs);
}

/** Makes a file once, for every function whose text names it. */
async function putBeside(
  folders: readonly string[],
  name: string,
  file: string,
  make: (outfile: string) => Promise<void>,
): Promise<void> {
  const asking = folders.filter((folder) => readFileSync(join(folder, 'index.mjs'), 'utf8').includes(name));
  const [first, ...others] = asking.map((folder) => join(folder, file));
  if (first === undefined) return;
  await make(first);
  for (const other of others) copyFileSync(first, other);
}

if (import.meta.main) {
  const [folder, ...functions] = process.argv.slice(2);
  if (folder === undefined || functions.length === 0) throw new Error('bundle.ts FOLDER ENTRY[:duckdb]...');
  const inputs = await bundleFunctions(
    functions.map((told) => ({ entry: told.replace(/:duckdb$/, ''), duckdb: told.endsWith(':duckdb') })),
    folder,
  );
  writeFileSync(join(folder, INPUTS), JSON.stringify([...new Set(inputs)]));
}
