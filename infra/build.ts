/** `npm run build`: the command line as plain JavaScript in dist/, which the package's bin starts. */
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
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

/** What the package says of the packages that come with it. */
async function writeThirdParties(outdir: string): Promise<void> {
  await writeFile(join(outdir, 'THIRD-PARTY.txt'), thirdPartyText(thirdParties()));
  await writeFile(join(outdir, 'sbom.cdx.json'), bom());
}

if (import.meta.main) {
  const dist = join(ROOT, 'dist');
  await buildCli(dist);
  await writeThirdParties(dist);
}
