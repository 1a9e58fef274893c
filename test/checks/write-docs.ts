/** Writes the pages of docs/checks anew: `node test/checks/write-docs.ts`. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLDER, pages } from './docs.ts';

const made = await pages();
await mkdir(FOLDER, { recursive: true });
for (const name of await readdir(FOLDER)) if (!made.has(name)) await rm(join(FOLDER, name));
for (const [name, text] of made) await writeFile(join(FOLDER, name), text);
