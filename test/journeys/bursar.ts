import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'main.ts');

/** When the journeys take place, unless they say otherwise. */
export const NOW = '2026-11-16T08:00:00Z';

export interface Ran {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command sees of the world: nothing of this machine's own settings, credentials or home. */
export function environment(cwd: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    TMPDIR: tmpdir(),
    HOME: cwd,
    AWS_CONFIG_FILE: join(cwd, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(cwd, 'no-aws-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    // Spares every start but the first the compiling of the sources (nodejs.org, module.enableCompileCache).
    NODE_COMPILE_CACHE: join(tmpdir(), 'bursar-compile-cache'),
    ...more,
  };
}

/** Starts the command line as a person does, in a folder of theirs. */
export function start(args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    cwd,
    env: environment(cwd, more),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(child, 'close'), whole(child.stdout), whole(child.stderr)]).then(
    ([, stdout, stderr]): Ran => ({ code: child.exitCode, stdout, stderr }),
  );
  return { child, ended };
}

/** All that a stream gives; of one that the test closed early, nothing. */
async function whole(stream: Readable): Promise<string> {
  try {
    return await text(stream);
  } catch (error) {
    if (stream.destroyed) return '';
    throw error;
  }
}

/** Runs the command line to its end. */
export async function bursar(
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return await start(args, cwd, more).ended;
}

/** The same where it must end well; gives standard output. */
export async function bursarOk(
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  return mustBeWell(args, await bursar(args, cwd, more));
}

/** Standard output of a command that must have ended well. */
export function mustBeWell(args: readonly string[], { code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(`bursar ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout}`);
  return stdout;
}

/** A folder of one test, gone after it. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'bursar-journey-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A row of the ledger's file: `key` names it within its table. */
export interface LedgerRow {
  readonly table: string;
  readonly key: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Everything that a state holds: the current manifests of the lake with every file's name, and the rows of the ledger. */
export async function stateOf(state: string): Promise<{ lake: Record<string, string>; ledger: LedgerRow[] }> {
  const lake: Record<string, string> = {};
  for (const name of (await readdir(join(state, 'lake'), { recursive: true })).toSorted())
    if (/\.(json|parquet|gz|zst)(\.v\d+)?$/.test(name))
      lake[name] = name.includes('manifest') ? await readFile(join(state, 'lake', name), 'utf8') : '';
  const db = new DatabaseSync(join(state, 'ledger.sqlite'), { readOnly: true });
  try {
    const ledger = ['findings', 'audit', 'docs'].flatMap((table) =>
      db
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .map((row) => ({
          table,
          key: String(row['key'] ?? row['id'] ?? row['finding_id']),
          row: { ...row },
        })),
    );
    return { lake, ledger };
  } finally {
    db.close();
  }
}
