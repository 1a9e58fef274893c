import { parentPort } from 'node:worker_threads';
import type * as histories from './played.ts';

/** A bundled mutation: the address of its file, the seed that is tried first, and how many are tried after it. */
export interface Portion {
  readonly address: string;
  readonly first: number | null;
  readonly seeds: number;
}

/** Plays one after the other. */
parentPort?.on('message', (portion: Portion) => {
  played(portion).then(
    (noticed) => parentPort?.postMessage(noticed, []),
    (error: unknown) => {
      throw error;
    },
  );
});

async function played({ address, first, seeds }: Portion): Promise<string | null> {
  const { firstBreak }: typeof histories = await import(address);
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  return await firstBreak(first === null ? all : [first, ...all]);
}
