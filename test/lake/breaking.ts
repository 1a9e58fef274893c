import type { Store } from '../../lib/lake/store/model.ts';

/** A store whose `failing`th write fails, before or after it was done. */
export function breaking(store: Store, failing: number, after: boolean): Store & { writes: () => number } {
  let writes = 0;
  const broken = { ...store, writes: () => writes };
  for (const name of ['put', 'putIf', 'fromLocal', 'delete'] as const) {
    const real: (...args: never[]) => Promise<unknown> = store[name];
    Object.assign(broken, {
      [name]: async (...args: never[]) => {
        const fails = writes++ === failing;
        if (fails && !after) throw new Error('the power is gone');
        const result = await real(...args);
        if (fails) throw new Error('the power is gone');
        return result;
      },
    });
  }
  return broken;
}
