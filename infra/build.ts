/** `npm run build`: all that the package brings, as plain JavaScript in dist/. */
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledFunctions, inputsOf } from './bundled.ts';
import { BUILT } from './handler.ts';
import { bundleMilvus } from './milvus.ts';
import { CHECKSUMS, checksums, INPUTS, MILVUS } from './native.ts';
import { buildPage, PAGE_FILE } from './page.ts';
import { bom, thirdParties, thirdPartyText } from './third-party.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * Bundles our own code and leaves packages to be installed: split by command, so that `--help` loads nothing that
 * only an audit needs.
 */
export async function buildCli(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: { main: 'lib/cli/main.ts', 'query-child': 'lib/lake/engine/query-child.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.13',
    packages: 'external',
    chunkNames: 'parts/[name]-[hash]',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  await buildPage(join(outdir, PAGE_FILE));
  for (const file of ['bin.cjs', 'load.cjs']) await copyFile(join(ROOT, 'lib/cli', file), join(outdir, file));
  await chmod(join(outdir, 'bin.cjs'), 0o755);
}

/**
 * What deploys, in `outdir`: the construct with its types, the app of `bursar-cdk`, and each function built, so that
 * nobody who only deploys needs a bundler.
 * @returns the packages that are in part within the functions
 */
export async function buildCdk(outdir: string): Promise<Set<string>> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { index: 'infra/auditor.ts', app: 'infra/packed-app.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.13',
    packages: 'external',
    // Beside the entries, all of which look for the functions there.
    chunkNames: '[name]-[hash]',
    define: { 'import.meta.main': 'false' },
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  await copyFile(join(ROOT, 'infra/bursar-cdk.cjs'), join(outdir, 'bin.cjs'));
  await chmod(join(outdir, 'bin.cjs'), 0o755);
  await writeFile(join(outdir, CHECKSUMS), JSON.stringify(checksums()));
  await writeTypes(join(outdir, 'index.d.ts'));
  const functions = join(outdir, BUILT);
  const bundled = bundledFunctions();
  await cp(bundled, functions, { recursive: true, filter: (from) => from !== join(bundled, INPUTS) });
  const inputs = [...inputsOf(bundled), ...(await bundleMilvus(join(functions, MILVUS)))];
  return new Set(
    inputs.flatMap(
      (file) => /^(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    ),
  );
}

/**
 * The construct's declarations, which name nothing of ours but itself. Of its own file alone, whose types are all written
 * down (`isolatedDeclarations`): whether they are true, `npm run check:types` says.
 */
async function writeTypes(outfile: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'bursar-types-'));
  try {
    execFileSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      ['-p', join(ROOT, 'infra/tsconfig.types.json'), '--outDir', scratch],
      { stdio: 'inherit' },
    );
    await copyFile(join(scratch, 'infra/auditor.d.ts'), outfile);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What the package says of the packages that come with it, or are in part within it. */
async function writeThirdParties(outdir: string, within: ReadonlySet<string>): Promise<void> {
  const packages = thirdParties(within);
  await writeFile(join(outdir, 'THIRD-PARTY.txt'), thirdPartyText(packages));
  await writeFile(join(outdir, 'sbom.cdx.json'), bom(packages));
}

if (import.meta.main) {
  const dist = join(ROOT, 'dist');
  await buildCli(dist);
  await writeThirdParties(dist, await buildCdk(join(dist, 'cdk')));
}
