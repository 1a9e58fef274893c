/** Called by esbuild's hook after a function is bundled: `node infra/asset.ts OUTPUT ARCHITECTURE|- CONFIG`. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, copyDuckdb } from './native.ts';

const [outputDir, architecture, config] = process.argv.slice(2);
if (outputDir === undefined || config === undefined) throw new Error('asset.ts OUTPUT ARCHITECTURE|- CONFIG');
if (architecture === 'arm64' || architecture === 'x64') copyDuckdb(outputDir, architecture);
copyFileSync(config, join(outputDir, CONFIG_FILE));
