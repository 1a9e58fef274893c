import { count, newTally, type Tally } from './coverage.ts';
import { play } from './play.ts';
import type { Break } from './rules/model.ts';
import { shrink, told } from './shrink.ts';
import { storyOf } from './story.ts';

/** What came of many seeds. */
export interface Many {
  readonly tally: Tally;
  readonly broken: number;
  /** The first of them, told. */
  readonly stories: readonly string[];
}

const MOST_TOLD = 3;

/** Plays the stories of `from` to before `from + howMany`, until so many broke a rule. */
export async function playMany(
  from: number,
  howMany: number,
  mostBroken = Number.POSITIVE_INFINITY,
): Promise<Many> {
  const tally = newTally();
  const stories: string[] = [];
  let broken = 0;
  for (let seed = from; seed < from + howMany && broken < mostBroken; seed += 1) {
    const story = storyOf(seed);
    const { entries, breaks } = await play(story);
    count(tally, entries);
    const [first] = breaks;
    if (first === undefined) continue;
    broken += 1;
    if (stories.length < MOST_TOLD) stories.push(await tellBreak(seed, breaks, first));
  }
  return { tally, broken, stories };
}

async function tellBreak(seed: number, breaks: readonly Break[], first: Break): Promise<string> {
  return told(seed, breaks, await shrink(storyOf(seed), first.rule));
}
