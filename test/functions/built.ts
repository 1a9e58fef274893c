import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, vi } from 'vitest';
import type * as alarm from '../../functions/alarm.ts';
import type * as audit from '../../functions/audit.ts';
import type * as collect from '../../functions/collect.ts';
import type * as digest from '../../functions/digest.ts';
import type * as plan from '../../functions/plan.ts';
import type * as slack from '../../functions/slack.ts';
import type * as sweep from '../../functions/sweep.ts';
import { builtOnce } from '../../infra/built-once.ts';
import { stateOfSources } from '../../infra/source-state.ts';

interface Functions {
  readonly alarm: typeof alarm;
  readonly plan: typeof plan;
  readonly collect: typeof collect;
  readonly audit: typeof audit;
  readonly sweep: typeof sweep;
  readonly digest: typeof digest;
  readonly slack: typeof slack;
}

const ROOT = join(import.meta.dirname, '..', '..');
/** Where the functions lie of the tests that run now. */
const FOLDER = 'BURSAR_TEST_FUNCTIONS';
/** Which start of them a test is in; gone with what else it stubs of the environment. */
const START = 'BURSAR_TEST_START';

/** Within the project, so that the files find the packages. */
const KEPT = join(ROOT, 'node_modules/.cache/bursar/functions-');
const BUNDLE = join(import.meta.dirname, 'bundle.ts');
const ENTRIES = [
  'plan',
  'collect',
  'audit',
  'sweep',
  'digest',
  'slack',
  'alarm',
] as const satisfies (keyof Functions)[];

/**
 * Before the tests of a file, each function is made one file, once for one state of the sources: a cold start then loads
 * that one anew, and not the hundreds of modules that it is made of. Packages stay where they are, and warm.
 */
export function withFunctions(): void {
  beforeAll(() => {
    process.env[FOLDER] = builtOnce(KEPT, {
      state: () =>
        `${stateOfSources(ROOT)}-${createHash('sha256').update(readFileSync(BUNDLE)).digest('hex').slice(0, 8)}`,
      build: (folder) => {
        const args = ['--disable-warning=ExperimentalWarning', BUNDLE, folder, ...ENTRIES];
        execFileSync(process.execPath, args, { stdio: 'inherit' });
      },
    });
    return () => {
      delete process.env[FOLDER];
    };
  });
}

/** Forgets what warm functions keep: the next call of each starts cold. */
export function startCold(): void {
  vi.stubEnv(START, randomUUID());
}

/** Node's own import, which loads a file anew for each query behind its address; vitest's would not. */
const { load }: { load: (address: string) => Promise<unknown> } = createRequire(import.meta.url)(
  './native-import.cjs',
);

/** A function of this start, cold where it was not called in it. */
export async function started<Name extends keyof Functions>(name: Name): Promise<Functions[Name]>;
export async function started(name: keyof Functions): Promise<unknown> {
  const folder = process.env[FOLDER];
  if (folder === undefined) throw new Error('functions are built where a file says withFunctions()');
  const { href } = pathToFileURL(join(folder, `${name}.mjs`));
  return await load(`${href}?start=${process.env[START] ?? ''}`);
}
