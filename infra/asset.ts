/** Called by esbuild's hook after a function is bundled: `node infra/asset.ts OUTPUT ARCHITECTURE|- CONFIG`. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { bundleMilvus, MILVUS } from './milvus.ts';
import { CONFIG_FILE, copyDuckdb } from './native.ts';
import { buildPage, PAGE_FILE } from './page.ts';
import { buildQueryChild, QUERY_CHILD } from './query-child.ts';

/** What decides here of the validated config. */
const Config = z.object({
  estate: z.object({ stores: z.record(z.string(), z.object({ type: z.string() })) }),
});

const [outputDir = '', architecture, config] = process.argv.slice(2);
if (outputDir === '' || config === undefined) throw new Error('asset.ts OUTPUT ARCHITECTURE|- CONFIG');
if (architecture === 'arm64' || architecture === 'x64') copyDuckdb(outputDir, architecture);
copyFileSync(config, join(outputDir, CONFIG_FILE));
const { estate } = Config.parse(JSON.parse(readFileSync(config, 'utf8')));
if (Object.values(estate.stores).some(({ type }) => type === 'milvus') && names(MILVUS))
  await bundleMilvus(outputDir);
if (names('query-child')) await buildQueryChild(join(outputDir, QUERY_CHILD));
if (names(PAGE_FILE)) await buildPage(join(outputDir, PAGE_FILE));

/** Does the bundled function load this package, or this file beside it, by its name? */
function names(what: string): boolean {
  return readFileSync(join(outputDir, 'index.mjs'), 'utf8').includes(what);
}
