import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { PAGE_FILE } from '../../infra/page.ts';
import { buildQueryChild, QUERY_CHILD } from '../../infra/query-child.ts';
import { pageScript } from '../../lib/run/page-script.ts';

/** `node test/functions/bundle.ts FOLDER ENTRY...`: each function one file, and what it looks for beside itself. */
const [folder, ...entries] = process.argv.slice(2);
if (folder === undefined || entries.length === 0) throw new Error('bundle.ts FOLDER ENTRY...');

await build({
  absWorkingDir: join(import.meta.dirname, '..', '..'),
  entryPoints: entries.map((entry) => `functions/${entry}.ts`),
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
});
await buildQueryChild(join(folder, QUERY_CHILD));
await writeFile(join(folder, PAGE_FILE), await pageScript());
