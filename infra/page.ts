/** Called where the report page's script is wanted and not built: `node infra/page.ts FILE`. */
import { readFile, rename } from 'node:fs/promises';
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
    legalComments: 'none',
    banner: { js: await notices() },
    logLevel: 'warning',
  });
  // Whole or not at all: several processes may build it at once.
  await rename(part, outfile);
}

/**
 * What goes with the page wherever it is sent: the NOTICE that Apache-2.0 (section 4 d) asks for, and the BSD licences
 * whole, as they ask themselves, of zrender and of d3, parts of which ECharts holds.
 */
async function notices(): Promise<string> {
  const text = [
    await licence('echarts/NOTICE'),
    'Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0',
    `zrender\n${await licence('zrender/LICENSE')}`,
    `d3\n${await licence('echarts/licenses/LICENSE-d3')}`,
  ].join('\n\n');
  if (text.includes('*/')) throw new Error('a licence ends the comment that it stands in');
  return `/*!\n${text}\n*/`;
}

async function licence(file: string): Promise<string> {
  return (await readFile(join(ROOT, 'node_modules', file), 'utf8')).trim();
}

if (import.meta.main) {
  const [outfile] = process.argv.slice(2);
  if (outfile === undefined) throw new Error('page.ts FILE');
  await buildPage(outfile);
}
