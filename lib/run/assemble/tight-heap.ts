import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How far the heap may grow beyond what lives before garbage is collected, percent; with 0, its default, V8 chooses by
 * how fast it collects (V8, src/heap/heap-controller.cc, DynamicGrowingFactor).
 */
const FLAG = '--heap-growing-percent';
const PERCENT = 40;

let atWork = 0;

/**
 * Works with garbage collected early: keys of millions of vectors and documents pass through, of which little but
 * their hashes lives on, and what V8 would leave lying is more than that. The limit of the heap is set at the end of
 * each collection: so there is one before the work, and the flag is put back after it.
 */
export async function withTightHeap<T>(work: () => Promise<T>): Promise<T> {
  atWork += 1;
  if (atWork === 1) {
    setFlagsFromString(`${FLAG}=${PERCENT}`);
    collectGarbage();
  }
  try {
    return await work();
  } finally {
    atWork -= 1;
    if (atWork === 0) setFlagsFromString(`${FLAG}=0`);
  }
}

/** A context that is made while the flag stands has the function `gc` (Node.js documentation, "--expose-gc"). */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  try {
    const gc: unknown = runInNewContext('gc');
    if (typeof gc === 'function') gc();
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
