import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { environment, mustBeWell, type Ran } from './bursar.ts';

const CHILD = join(import.meta.dirname, 'warm-child.ts');
const Told = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

type Variables = Readonly<Record<string, string>>;

/** The command line as `bursar` and `bursarOk` start it, without the starts; in the folder given first where none is named. */
export interface Warm extends AsyncDisposable {
  bursar(args: readonly string[], cwd?: string, more?: Variables): Promise<Ran>;
  bursarOk(args: readonly string[], cwd?: string, more?: Variables): Promise<string>;
}

/**
 * One process that runs command after command, each with an environment of its own: for tests of what commands say. A start of each, two thirds of
 * a second of the processor, is what the tests with `bursar` look at; so is what comes of signals and closed pipes.
 */
export async function warm(here: string): Promise<Warm> {
  const child = fork(CHILD, ['--version'], {
    cwd: here,
    env: environment(here, {}),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await message(child);
  let last: Promise<unknown> = Promise.resolve();
  const bursar: Warm['bursar'] = async (args, cwd = here, more = {}) => {
    const before = last;
    const ran = (async () => {
      await before;
      child.send({ args, cwd, env: environment(cwd, more) });
      return Told.parse(await message(child));
    })();
    // A failure is its own caller's; the next one meets the same child.
    last = Promise.allSettled([ran]);
    return await ran;
  };
  return {
    bursar,
    bursarOk: async (args, cwd, more) => mustBeWell(args, await bursar(args, cwd, more)),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** The next message of a child; an error where it ends instead. */
async function message(child: ChildProcess): Promise<unknown> {
  const given = new AbortController();
  const ended = once(child, 'exit', given).then(([code, signal]) => {
    throw new Error(`the command line's process ended with ${code ?? signal}`);
  });
  try {
    const [said] = await Promise.race([once(child, 'message', given), ended]);
    return said;
  } finally {
    given.abort();
    await Promise.allSettled([ended]);
  }
}
