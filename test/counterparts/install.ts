import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything lies that a test needs beyond npm; safe to delete at any time no test is running. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bursar-test');
}

/** One thing to install: the same spec never installs twice, another spec goes into a folder of its own. */
export interface Installation {
  /** Folder name and what the progress line says: `moto`. */
  readonly name: string;
  /** Everything that the result depends on (pins, toolchain): its hash names the folder. */
  readonly spec: readonly string[];
  /** Fills an empty folder; must throw when what it fetched is not what was pinned. */
  readonly build: (folder: string) => Promise<void>;
}

const MARKER = '.installed';
const POLL_MS = 250;

/** The line that tells a person why the tests are not running yet. */
export function progress(line: string): void {
  process.stderr.write(`[counterparts] ${line}\n`);
}

/**
 * The folder that holds the installation, filled first where it is missing. It is built beside its place and
 * renamed, so a half-finished one is never taken for whole; of several processes one builds, the others wait.
 */
export async function install(thing: Installation, root: string = cacheRoot()): Promise<string> {
  const id = createHash('sha256').update(JSON.stringify(thing.spec)).digest('hex').slice(0, 12);
  const folder = join(root, `${thing.name}-${id}`);
  if (await isWhole(folder, thing.spec)) return folder;
  await mkdir(root, { recursive: true });
  const release = await lock(`${folder}.lock`, thing.name);
  try {
    if (await isWhole(folder, thing.spec)) return folder;
    const started = performance.now();
    progress(`installing ${thing.name} (${thing.spec.join(' ').slice(0, 90)}), once, into ${root}`);
    const building = `${folder}.part`;
    await rm(building, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
    await mkdir(building);
    await thing.build(building);
    await writeFile(join(building, MARKER), JSON.stringify(thing.spec));
    await rename(building, folder);
    progress(`installed ${thing.name} in ${Math.round((performance.now() - started) / 1000)} s`);
    return folder;
  } finally {
    await release();
  }
}

/** True where the folder was finished, and for this very spec. */
export async function isWhole(folder: string, spec: readonly string[]): Promise<boolean> {
  const marker = join(folder, MARKER);
  return existsSync(marker) && (await readFile(marker, 'utf8')) === JSON.stringify(spec);
}

/**
 * Holds `path` (a folder with the holder's process id) until the returned function is called. A lock whose
 * process no longer lives is taken over: a test run that was killed must not block the next for ever.
 */
export async function lock(path: string, what: string): Promise<() => Promise<void>> {
  let told = false;
  for (;;) {
    try {
      await mkdir(path);
      await writeFile(join(path, 'pid'), String(process.pid));
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    if (await isAbandoned(path)) {
      // Of several that see it abandoned only one wins this rename; the others simply try again.
      const taken = `${path}.stale-${process.pid}`;
      const won = await rename(path, taken).then(
        () => true,
        () => false,
      );
      if (won) await rm(taken, { recursive: true, force: true });
      continue;
    }
    if (!told) progress(`waiting for another process that is installing ${what}`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  // A holder writes its id right after making the folder; wait for that before judging.
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const text = await readFile(join(path, 'pid'), 'utf8').catch(() => '');
    if (text !== '') return !isAlive(Number(text));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return existsSync(path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Runs a command to its end; its output is shown only in the error when it fails. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data;
      all += data;
    });
    child.stderr.on('data', (data: Buffer) => {
      all += data;
    });
    child.on('error', (error) => reject(new Error(`${command} did not start: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${all.slice(-4000)}`));
    });
  });
}
