import { play } from '../histories/play.ts';
import { storyOf } from '../histories/story.ts';

/** What the first of these seeds whose story breaks a rule breaks; null: none does. */
export async function firstBreak(seeds: Iterable<number>): Promise<string | null> {
  for (const seed of seeds) {
    const [first] = (await play(storyOf(seed))).breaks;
    if (first !== undefined) return `rule ${first.rule} at entry ${first.seq} of seed ${seed}: ${first.text}`;
  }
  return null;
}
