import { globSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import type { Part } from './parts.ts';

/** What the tests find as their environment. */
export interface Worker {
  readonly provided: Record<string, unknown>;
}

/** What vitest's `expect` and `inject` look for in a worker of vitest. */
export function provideWorker(): Worker {
  const worker: Worker = { provided: {} };
  Object.defineProperty(globalThis, '__vitest_worker__', {
    value: {
      config: { expect: {}, snapshotOptions: { expand: false } },
      providedContext: worker.provided,
      filepath: null,
    },
  });
  // The same examples in every run, and no search for the smallest one: that one fails is all that is asked.
  fc.configureGlobal({ seed: 20_261_122, endOnFailure: true });
  return worker;
}

/** The test files of globs, in the order of the globs, relative to the folder in which the process runs. */
export function testFiles({ tests, without }: Part): readonly string[] {
  const found = new Set(tests.flatMap((each) => globSync(each).toSorted()));
  return [...found].filter((file) => !without.some((each) => matchesGlob(file, each)));
}

/** Starts servers as vitest's `globalSetup` does; they end with the process. */
export async function startCounterparts(paths: readonly string[], { provided }: Worker): Promise<void> {
  for (const path of paths) {
    const { default: setUp }: { default: unknown } = await import(
      pathToFileURL(join(process.cwd(), path)).href
    );
    if (typeof setUp !== 'function') throw new TypeError(`${path} exports no set-up`);
    await setUp({ provide: (key: string, value: unknown) => void (provided[key] = value) });
  }
}
