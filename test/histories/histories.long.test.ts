import { describe, expect, it } from 'vitest';
import { LEAST_STOPPED } from './coverage.ts';
import { playMany } from './many.ts';
import { play } from './play.ts';
import { storyOf } from './story.ts';

const HISTORIES = 5_000;

describe('random histories', () => {
  it(`break no rule, ${HISTORIES} of them, and go far enough to mean it`, { timeout: 600_000 }, async () => {
    const { tally, broken, stories } = await playMany(1, HISTORIES);
    expect(stories.join('\n')).toBe('');
    expect(broken).toBe(0);
    expect(tally.histories).toBe(HISTORIES);
    expect(tally.stopped * 100).toBeGreaterThan(HISTORIES * LEAST_STOPPED);
  });

  it('are the same for the same seed', async () => {
    for (const seed of [7, 99, 360]) {
      const [a, b] = [await play(storyOf(seed)), await play(storyOf(seed))];
      expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    }
  });
});
