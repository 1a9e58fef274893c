import { describe, expect, it } from 'vitest';
import { cases } from '../deep.ts';
import { missing } from './coverage.ts';
import { playMany } from './many.ts';
import { play } from './play.ts';
import { storyOf } from './story.ts';

const HISTORIES = cases(1_500, 5_000);

describe('random histories', () => {
  it(`break no rule, ${HISTORIES} of them, and go far enough to mean it`, { timeout: 600_000 }, async () => {
    const { tally, broken, stories } = await playMany(1, HISTORIES);
    expect(stories.join('\n')).toBe('');
    expect(broken).toBe(0);
    expect(tally.histories).toBe(HISTORIES);
    // Every state and change of state, every fault at every effect, and enough stops.
    expect(missing(tally)).toEqual([]);
  });

  it('are the same for the same seed', async () => {
    for (const seed of [7, 99, 360]) {
      const [a, b] = [await play(storyOf(seed)), await play(storyOf(seed))];
      expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    }
  });
});
