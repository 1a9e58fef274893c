import { play } from './play.ts';
import type { Break } from './rules/model.ts';
import { type Story, tell } from './story.ts';

/** The shortest story that still breaks the same rule, by leaving out steps and faults as long as it does. */
export async function shrink(story: Story, rule: Break['rule']): Promise<Story> {
  const breaks = async (steps: Story['steps']) =>
    (await play({ seed: story.seed, steps })).breaks.some((each) => each.rule === rule);
  let steps = story.steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let at = 0;
    while (at < steps.length) {
      const fewer = steps.toSpliced(at, size);
      if (await breaks(fewer)) steps = fewer;
      else at += size;
    }
  }
  for (const [index, step] of steps.entries()) {
    if (step.faults.length === 0) continue;
    const calm = steps.with(index, { ...step, faults: [] });
    if (await breaks(calm)) steps = calm;
  }
  return { seed: story.seed, steps };
}

/** A broken story as people read it. */
export function told(seed: number, breaks: readonly Break[], shrunk: Story): string {
  return [
    `seed ${seed}`,
    ...breaks.slice(0, 5).map(({ rule, text, seq }) => `  rule ${rule} at entry ${seq}: ${text}`),
    ...shrunk.steps.map((step, index) => `    ${String(index + 1).padStart(2)}. ${tell(step)}`),
  ].join('\n');
}
