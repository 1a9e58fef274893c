import { withTightHeap } from '../../../lib/run/assemble/tight-heap.ts';

/** Objects that live just long enough to be old when they are garbage: 60 MB live, some 600 MB pass through. */
async function pass(): Promise<number> {
  const ring = Array.from({ length: 300_000 }, () => ['']);
  let most = 0;
  for (let at = 0; at < 3_000_000; at += 1) {
    ring[at % ring.length] = [`key of a document ${at}`, `hash ${at}`];
    if (at % 20_000 === 0) {
      most = Math.max(most, process.memoryUsage().heapUsed);
      await new Promise((done) => setImmediate(done));
    }
  }
  return most;
}

const before = await pass();
const tight = await withTightHeap(async () => {
  // Once more within it, and one that fails: neither ends it for the other.
  await withTightHeap(async () => await Promise.reject(new Error('x'))).catch(() => undefined);
  return await pass();
});
process.stdout.write(JSON.stringify({ before, tight }));
