import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Mutation } from './model.ts';

/** Seeds played before a mutation counts as unnoticed; the calm story of a seed is seldom enough. */
const { mutation, seeds, root }: { mutation: Mutation; seeds: number; root: string } = workerData;

const applied = new Set<number>();
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const edits = mutation.edits.filter(({ file }) => url === `${root}${file}`);
    if (edits.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
    let text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    for (const edit of edits) {
      if (!text.includes(edit.from)) continue;
      text = text.replace(edit.from, () => edit.to);
      applied.add(mutation.edits.indexOf(edit));
    }
    return { ...loaded, source: text };
  },
});

const { playMany } = await import('../histories/many.ts');
const lost = mutation.edits.filter((_, index) => !applied.has(index));
if (lost.length > 0) throw new Error(`not found in ${lost[0]?.file ?? ''}: ${lost[0]?.from ?? ''}`);

let noticed: string | null = null;
for (let seed = 1; seed <= seeds && noticed === null; seed += 20) {
  const { stories } = await playMany(seed, 20, 1);
  noticed = stories[0] ?? null;
}
parentPort?.postMessage(noticed, []);
