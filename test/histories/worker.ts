import { parentPort } from 'node:worker_threads';
import { playMany } from './many.ts';

/** Plays the seeds that it is sent, a few hundred at once. */
parentPort?.on('message', ({ from, howMany }: { from: number; howMany: number }) => {
  playMany(from, howMany).then(
    (many) => parentPort?.postMessage(many, []),
    (error: unknown) => {
      throw error;
    },
  );
});
