import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { merge, missing, newTally, report } from './coverage.ts';
import type { Many } from './many.ts';

/** Seeds that a worker is given at once. */
const PORTION = 200;

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
process.exitCode = await main(natural(values.count), natural(values.seed));

/** Plays so many histories over every core, and says what they went through; 1 where a rule broke or gaps remain. */
async function main(howMany: number, seed: number): Promise<0 | 1> {
  const began = performance.now();
  const tally = newTally();
  const stories: string[] = [];
  let broken = 0;
  let next = 0;
  const work = async (worker: Worker): Promise<void> => {
    while (next < howMany) {
      const from = seed + next;
      const portion = Math.min(PORTION, howMany - next);
      next += portion;
      const many = await asked(worker, { from, howMany: portion });
      merge(tally, many.tally);
      broken += many.broken;
      stories.push(...many.stories);
      if (broken > 20) next = howMany;
    }
    await worker.terminate();
  };
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./worker.ts', import.meta.url)),
  );
  await Promise.all(workers.map(work));
  const gaps = missing(tally);
  const lines = [
    report(tally),
    ...stories.slice(0, 5),
    ...gaps.map((gap) => `not covered: ${gap}`),
    `${broken} of ${tally.histories} histories broke a rule; seeds ${seed} to ${seed + howMany - 1}; ${Math.round(performance.now() - began)} ms`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return broken > 0 || gaps.length > 0 ? 1 : 0;
}

function asked(worker: Worker, portion: { from: number; howMany: number }): Promise<Many> {
  const { promise, resolve, reject } = Promise.withResolvers<Many>();
  const done = (many: Many) => {
    worker.off('error', reject);
    resolve(many);
  };
  worker.once('message', done);
  worker.once('error', reject);
  worker.postMessage(portion, []);
  return promise;
}

function natural(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`not a whole number: ${text}`);
  return number;
}
