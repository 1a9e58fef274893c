import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { play, STORIES } from './stories.ts';

// Writes what the sweep does now. Whoever changes the sweep reads the difference, line by line, before keeping it.
const told: string[] = [];
for (const story of STORIES) told.push(...(await play(story)));
writeFileSync(join(import.meta.dirname, 'stories.txt'), `${told.join('\n')}\n`);
