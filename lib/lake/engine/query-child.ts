import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { BursarError } from '../../platform/errors.ts';
import type { LockedQuery } from './locked.ts';
import { answerBytes, type FromChild, isOrder, MIB, OVER_MEMORY } from './query-messages.ts';

/**
 * The process of one query of a user's own: `query-process.ts` starts it, sends the order and reads what it sends. Its
 * second thread watches the memory of the process while the first may be busy, and ends the process at the limit.
 */

/** Milliseconds between two looks at the memory: a text function can fill more than a gigabyte a second. */
const LOOK_EACH_MS = 4;
const ROWS_A_MESSAGE = 200;
/** Of the process: in a thread, `process.stderr` goes through the first one, which may be busy. */
const STDERR = 2;

if (isMainThread) waitForOrder();
else watch(Number(workerData));

function waitForOrder(): void {
  // Whoever asked is gone: nobody would ever read the answer or stop the query.
  process.once('disconnect', end);
  process.once('message', (order: unknown) => {
    if (!isOrder(order)) throw new TypeError('the order of a query is none');
    void carryOut(order);
  });
}

async function carryOut(order: LockedQuery): Promise<void> {
  const { lockedQuery } = await import('./locked.ts');
  const most = process.memoryUsage.rss() + order.limits.memoryMiB * MIB;
  const watcher = new Worker(new URL(import.meta.url), { workerData: most });
  await new Promise((resolve) => watcher.once('online', resolve));
  // Nobody watches any more: better no answer than no limit.
  watcher.once('error', (error) => {
    writeSync(STDERR, `${error.stack ?? error.message}\n`);
    end();
  });
  let bytes = 0;
  try {
    const { columns, truncated } = await lockedQuery(order, async (rows) => {
      for (let at = 0; at < rows.length; at += ROWS_A_MESSAGE) {
        const text = JSON.stringify(rows.slice(at, at + ROWS_A_MESSAGE));
        bytes += Buffer.byteLength(text);
        if (bytes > answerBytes(order.limits)) throw tooLong(order);
        await send({ kind: 'rows', text });
      }
    });
    await send({ kind: 'done', columns, truncated });
  } catch (error) {
    await send(failure(error));
  }
  end();
}

function failure(error: unknown): FromChild {
  if (error instanceof BursarError) {
    const { code, message, hint } = error;
    return { kind: 'failed', code, message, hint };
  }
  return { kind: 'defect', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function tooLong({ limits }: LockedQuery): BursarError {
  return new BursarError('input', `the answer is longer than ${answerBytes(limits) / MIB} MiB`, {
    hint: 'Ask for fewer rows, or for shorter texts.',
  });
}

/** Resolves when the message is on its way, so that no more of an answer is held than is being sent. */
function send(message: FromChild): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new TypeError('a query has no process that asked for it');
    process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** At once, whatever the engine is at. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** @param most bytes of memory of the whole process */
function watch(most: number): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.memoryUsage.rss() > most) {
      writeSync(STDERR, OVER_MEMORY);
      end();
    }
    // The first thread may be too busy to hear that its parent is gone.
    if (process.ppid !== parent) end();
  }, LOOK_EACH_MS);
}
