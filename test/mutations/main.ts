import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bundle } from './bundle.ts';
import { MUTATIONS } from './list.ts';
import type { Mutation } from './model.ts';
import type { Portion } from './worker.ts';

/** Histories that may pass before a mutation counts as unnoticed. */
const SEEDS = 6_000;
const LEAST_A_RULE = 3;
/** Within the project, so that the bundles find the packages. */
const FOLDER = join(import.meta.dirname, `../../node_modules/.cache/bursar/mutations-${process.pid}`);

process.exitCode = await main();

/** Plays histories against every mutation; 1 where one goes unnoticed or a rule has too few. */
async function main(): Promise<0 | 1> {
  const began = performance.now();
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const chosen = MUTATIONS.filter(({ what }) => what.includes(values.only));
  const queue = [...chosen.entries()];
  const unnoticed: Mutation[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, mutation] = next;
        const noticed = await run(worker, mutation, join(FOLDER, `${index}.mjs`));
        process.stdout.write(`rule ${mutation.rule}  ${mutation.what}\n        ${noticed ?? 'UNNOTICED'}\n`);
        if (noticed === null) unnoticed.push(mutation);
      }
    } finally {
      await worker.terminate();
    }
  };
  await mkdir(FOLDER, { recursive: true });
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    await rm(FOLDER, { recursive: true, force: true });
  }
  const few = [1, 2, 3, 4, 5, 6, 7, 8].filter(
    (rule) => MUTATIONS.filter((each) => each.rule === rule).length < LEAST_A_RULE,
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(
    `${chosen.length - unnoticed.length} of ${chosen.length} noticed in ${seconds} s${few.map((rule) => `; rule ${rule} has fewer than ${LEAST_A_RULE}`).join('')}\n`,
  );
  return unnoticed.length > 0 || few.length > 0 ? 1 : 0;
}

/** What the worker noticed of the mutation, or null. */
async function run(worker: Worker, mutation: Mutation, file: string): Promise<string | null> {
  await bundle(mutation, file);
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  const fail = (error: unknown) =>
    reject(new Error(`the mutation could not be played: ${mutation.what}`, { cause: error }));
  worker.once('message', resolve).once('error', fail);
  const { seed: first = null } = mutation;
  worker.postMessage({ address: pathToFileURL(file).href, first, seeds: SEEDS } satisfies Portion, []);
  return await promise.finally(() => worker.off('message', resolve).off('error', fail));
}
