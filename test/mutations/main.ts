import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { MUTATIONS } from './list.ts';
import type { Mutation } from './model.ts';

/** Histories that may pass before a mutation counts as unnoticed. */
const SEEDS = 6_000;
const LEAST_A_RULE = 3;

process.exitCode = await main();

/** Plays histories against every mutation; 1 where one goes unnoticed or a rule has too few. */
async function main(): Promise<0 | 1> {
  const began = performance.now();
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const chosen = MUTATIONS.filter(({ what }) => what.includes(values.only));
  const queue = [...chosen];
  const unnoticed: Mutation[] = [];
  const work = async (): Promise<void> => {
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      const noticed = await run(mutation);
      const told = noticed === null ? 'UNNOTICED' : (noticed.split('\n')[1] ?? noticed).trim();
      process.stdout.write(`rule ${mutation.rule}  ${mutation.what}\n        ${told}\n`);
      if (noticed === null) unnoticed.push(mutation);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const few = [1, 2, 3, 4, 5, 6, 7, 8].filter(
    (rule) => MUTATIONS.filter((each) => each.rule === rule).length < LEAST_A_RULE,
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(
    `${chosen.length - unnoticed.length} of ${chosen.length} noticed in ${seconds} s${few.map((rule) => `; rule ${rule} has fewer than ${LEAST_A_RULE}`).join('')}\n`,
  );
  return unnoticed.length > 0 || few.length > 0 ? 1 : 0;
}

function run(mutation: Mutation): Promise<string | null> {
  const root = new URL('../../', import.meta.url).href;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { mutation, seeds: SEEDS, root },
  });
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  worker.once('message', resolve);
  worker.once('error', (error) =>
    reject(new Error(`the mutation could not be played: ${mutation.what}`, { cause: error })),
  );
  return promise.finally(() => void worker.terminate());
}
