import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BursarError } from '../../platform/errors.ts';
import type { QueryLimits, Row, UserQueryResult } from '../model.ts';
import type { LockedQuery } from './locked.ts';
import { tooLarge, tooSlow } from './query-limits.ts';
import { type FromChild, isFromChild, OVER_MEMORY } from './query-messages.ts';

/** After the engine's own limit of time: what does not heed it is ended from outside. */
const GRACE_SECONDS = 5;
/** Of what a process said before it ended without an answer. */
const MOST_WORDS = 2000;
/**
 * What a process needs to start at all, and where Node keeps what it has compiled, which spares half of the loading
 * (nodejs.org, module.enableCompileCache). Nothing else is handed on: no credentials, no options of Node.
 */
const ENVIRONMENT = ['PATH', 'LD_LIBRARY_PATH', 'NODE_COMPILE_CACHE', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a user's SELECT in a process of its own, which ends with it: whatever the engine does not count or heed
 * (texts within texts, one endless step), the process ends at the limit of memory or time, and this one goes on.
 *
 * Memory: the engine may use two thirds of `memoryMiB` before it spills or refuses; the process ends itself when it
 * holds `memoryMiB` more than it did before the query.
 * @throws BursarError `input` for what the asker can change; `internal` where the process ended by itself
 */
export async function queryApart(order: LockedQuery): Promise<UserQueryResult> {
  const path = childPath();
  const child = fork(path, [], {
    // Rows on their way are garbage soon: it is to be collected long before the process holds too much.
    execArgv: [`--max-old-space-size=${Math.max(64, Math.floor(order.limits.memoryMiB / 4))}`],
    env: Object.fromEntries(ENVIRONMENT.flatMap((name) => environment(name))),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<UserQueryResult>();
  const rows: Row[] = [];
  let words = '';
  let late = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-MOST_WORDS);
  });
  child.on('message', (message: unknown) => {
    if (!isFromChild(message)) reject(new TypeError('the process of a query sent what it should not'));
    else if (message.kind === 'rows') rows.push(...rowsIn(message.text));
    else if (message.kind === 'done')
      resolve({ columns: message.columns, rows, truncated: message.truncated });
    else reject(failureOf(message));
  });
  child.once('error', reject);
  // After `close`, everything that it sent and said was read.
  child.once('close', (code, signal) => {
    reject(late ? tooSlow(order.limits) : endedEarly(order.limits, words, signal ?? `code ${code}`));
  });
  const timer = setTimeout(
    () => {
      late = true;
      child.kill('SIGKILL');
    },
    (order.limits.seconds + GRACE_SECONDS) * 1000,
  );
  const forget = forwarding(child);
  child.send(order, (error) => {
    // Where it ended before it was asked, `close` tells why.
    if (error !== null && child.exitCode === null && child.signalCode === null) reject(error);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    forget();
    await ended(child);
  }
}

/** Its scratch folder is removed next: nothing of it may still be at work there. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** A signal that ends this process ends that one first, so that it is never left behind. */
function forwarding(child: ChildProcess): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => {
      child.kill('SIGKILL');
      forget();
      // Nobody else hears it: it does what it would have done.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  const forget = (): void => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
  return forget;
}

/** Beside this file in the sources; beside the command line's own file where it is built. */
function childPath(): string {
  const name = `query-child${extname(fileURLToPath(import.meta.url))}`;
  const places = [`./${name}`, `../${name}`].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new BursarError('internal', `a file of this program is missing: ${name}`, {
    hint: 'Install it again. A query of your own needs a process beside this one.',
  });
}

function environment(name: string): [string, string][] {
  const value = process.env[name];
  return value === undefined ? [] : [[name, value]];
}

function rowsIn(text: string): Row[] {
  const rows: unknown = JSON.parse(text);
  if (!isRows(rows)) throw new TypeError('the process of a query sent something else than rows');
  return rows;
}

function isRows(value: unknown): value is Row[] {
  return Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null);
}

function failureOf(message: Exclude<FromChild, { kind: 'rows' | 'done' }>): Error {
  if (message.kind === 'defect') return new Error(`a defect in the process of a query: ${message.stack}`);
  const { code, message: text, hint } = message;
  return new BursarError(code, text, hint === null ? {} : { hint });
}

function endedEarly(limits: QueryLimits, words: string, how: string): BursarError {
  if (words.includes(OVER_MEMORY.trim()) || /out of memory|bad_alloc/i.test(words)) return tooLarge(limits);
  const told = words.trim().split('\n').at(-1) ?? '';
  return new BursarError('internal', `the process of the query ended by itself (${how})`, {
    hint: told === '' ? 'The machine may have had no memory left for it.' : told,
  });
}
