import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { play, STORIES } from './stories.ts';

/** By name, as `play` gives them. */
const kept = new Map(
  readFileSync(join(import.meta.dirname, 'stories.txt'), 'utf8')
    .trimEnd()
    .split(/\n(?=## )/)
    .map((part) => part.split('\n'))
    .map((lines) => [(lines[0] ?? '').slice(3), lines]),
);

/**
 * `node test/run/sweep/write-stories.ts` writes the file anew. Every line of the difference is a change of what is
 * done to somebody's resource or said to them: it is read before it is kept.
 */
describe('the sweep goes as it was read and kept', () => {
  it.each(STORIES)('$name', async (story) => {
    expect(await play(story)).toEqual(kept.get(story.name));
  });

  it('and every story of the file is told', () => {
    expect([...kept.keys()]).toEqual(STORIES.map(({ name }) => name));
  });
});
