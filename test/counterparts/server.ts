import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cacheRoot, progress } from './install.ts';

export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** True once the server answers; throwing counts as not yet. */
  readonly ready: () => Promise<boolean>;
  readonly patienceMs?: number;
}

export interface Running {
  readonly stop: () => Promise<void>;
  readonly log: string;
}

const groups = new Set<number>();
// Whatever ends this process, nothing that it started stays behind.
process.on('exit', () => {
  for (const pid of groups) signal(pid, 'SIGKILL');
});

/**
 * A port of loopback that was free a moment ago. It is none that the system gives to connections (from 32768 on,
 * Linux, ip(7), ip_local_port_range; from 49152 on elsewhere, RFC 6335): a server may take seconds until it listens, and of thousands
 * of connections that other tests make meanwhile one would get it.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no port of loopback is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error) => {
      if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Starts a server in a process group of its own and waits until it is ready. One that ends or stays silent is an
 * error that shows the end of its log; `stop` ends the whole group.
 */
export async function launch(options: Launch): Promise<Running> {
  const logs = join(cacheRoot(), 'logs');
  await mkdir(logs, { recursive: true });
  await forgetOldLogs(logs);
  const log = join(logs, `${options.name}-${process.pid}.log`);
  const out = openSync(log, 'w');
  const child = spawn(options.command, options.args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    detached: true,
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const state: { ended: string | null } = { ended: null };
  const closed = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      state.ended = error.message;
      resolve();
    });
    child.on('exit', (code, by) => {
      state.ended = `it ended with ${code ?? by}`;
      resolve();
    });
  });
  const pid = child.pid;
  if (pid !== undefined) groups.add(pid);
  child.unref();
  const stop = async () => {
    if (pid === undefined) return;
    // From here on its end is waited for, also where nothing else keeps this process alive.
    child.ref();
    signal(pid, 'SIGTERM');
    const patience = setTimeout(() => signal(pid, 'SIGKILL'), 3_000);
    await closed;
    clearTimeout(patience);
    signal(pid, 'SIGKILL');
    groups.delete(pid);
  };
  const deadline = performance.now() + (options.patienceMs ?? 60_000);
  while (performance.now() < deadline && state.ended === null) {
    if (await options.ready().catch(() => false)) return { stop, log };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const why = state.ended ?? 'it did not answer in time';
  await stop();
  const tail = (await readFile(log, 'utf8')).split('\n').slice(-25).join('\n');
  progress(`${options.name} did not start`);
  throw new Error(`${options.name} did not start: ${why}. The end of ${log}:\n${tail}`);
}

async function forgetOldLogs(folder: string): Promise<void> {
  const dayAgo = Date.now() - 86_400_000;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    // Another process may have taken it away in between.
    const age = await stat(file).catch(() => null);
    if (age !== null && age.mtimeMs < dayAgo) await rm(file, { force: true });
  }
}

export type Stop = () => Promise<void>;

/** Starts several at once; where one does not start, those that did are stopped before the error goes on. */
export async function startAll(starts: readonly (() => Promise<Stop>)[]): Promise<Stop> {
  const settled = await Promise.allSettled(starts.map((start) => start()));
  const stop = async () => {
    await Promise.all(settled.map(async (one) => (one.status === 'fulfilled' ? one.value() : undefined)));
  };
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return stop;
  await stop();
  throw failed.reason;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    // ESRCH: the group is already gone, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Answers true when an HTTP GET of `url` gets any answer below 500. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.status < 500;
}
