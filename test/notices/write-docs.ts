/** Writes the messages of docs/slack.md anew: `node test/notices/write-docs.ts`. */
import { writeFile } from 'node:fs/promises';
import { freshPage, PAGE } from './docs.ts';

await writeFile(PAGE, await freshPage());
