/** Called where the report page's script is wanted and not built: `node infra/page.ts FILE`. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Beside whatever is built and writes reports; `lib/run/page-script.ts` looks for it by this name. */
export const PAGE_FILE = 'report-page.js';

const ROOT = join(import.meta.dirname, '..');

/** The script of the report page, with the parts of ECharts that it uses, as one file that any browser of today runs. */
export async function buildPage(outfile: string): Promise<void> {
  const part = `${outfile}.${process.pid}.part`;
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['lib/page/main.ts'],
    outfile: part,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    // Baseline 2023: nothing newer than browsers of three years.
    target: 'es2022',
    charset: 'ascii',
    // Kept within the page, since the licence asks for it: Apache-2.0, section 4.
    legalComments: 'none',
    banner: {
      js: '/* Apache ECharts, (c) The Apache Software Foundation, Apache-2.0; zrender, BSD-3-Clause */',
    },
    logLevel: 'warning',
  });
  // Whole or not at all: several processes may build it at once.
  await rename(part, outfile);
}

if (import.meta.main) {
  const [outfile] = process.argv.slice(2);
  if (outfile === undefined) throw new Error('page.ts FILE');
  await buildPage(outfile);
}
