import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BursarError } from '../platform/errors.ts';

/** Beside the built command line and the built functions. */
const BUILT = 'report-page.js';

/** The script that draws the report page's charts: what the build brought, else built once from the sources. */
export async function pageScript(): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  for (const folder of [here, dirname(here)]) {
    const file = join(folder, BUILT);
    if (existsSync(file)) return await readFile(file, 'utf8');
  }
  const root = join(here, '../..');
  const builder = join(root, 'infra/page.ts');
  if (!existsSync(builder))
    throw new BursarError('input', `${BUILT} of the report page is missing`, {
      where: here,
      hint: 'Install Bursar anew: it is part of the package.',
    });
  return await fromSources(root, builder);
}

/** Built into a file named by what it is made of, so that it is never older than its sources. */
async function fromSources(root: string, builder: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/bursar');
  const file = join(folder, `page-${await hashOf(root, builder)}.js`);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', builder, file]);
  }
  return await readFile(file, 'utf8');
}

async function hashOf(root: string, builder: string): Promise<string> {
  const page = join(root, 'lib/page');
  const sources = (await readdir(page)).filter((name) => name.endsWith('.ts')).toSorted();
  const hash = createHash('sha256');
  for (const file of [
    builder,
    ...sources.map((name) => join(page, name)),
    ...['echarts', 'esbuild'].map((name) => join(root, 'node_modules', name, 'package.json')),
  ])
    hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}
