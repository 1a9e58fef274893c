import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { BursarError } from '../../platform/errors.ts';
import { type Bucket, type ObjectFacts, Replaced } from './bucket.ts';

/**
 * Bytes of one ranged read, and reads at once. Typical sizes are 8 or 16 MB (AWS, "Best Practices Design Patterns:
 * Optimizing Amazon S3 Performance", "Use Byte-Range Fetches").
 */
export const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 8;
/** Tries of one part whose connection broke. */
const TRIES = 4;
/** A connection that gives nothing for so long is taken for broken, milliseconds. */
const SILENCE_MS = 60_000;

export interface DownloadOptions {
  /** Called with the bytes that came, after each piece. */
  readonly came: (bytes: number) => void;
  readonly partBytes?: number;
  readonly silenceMs?: number;
}

export interface ToFetch {
  readonly object: ObjectFacts;
  readonly path: string;
}

/**
 * Fetches objects to local files in ranges, several at once, without holding them in memory. Each range is asked
 * of the ETag that was seen first, so that no file is ever put together of two versions.
 * @throws Replaced where an object changed meanwhile; BursarError where it could not be read whole
 */
export async function download(
  bucket: Bucket,
  wanted: readonly ToFetch[],
  options: DownloadOptions,
): Promise<void> {
  const limit = pLimit(PARTS_AT_ONCE);
  const stop = new AbortController();
  await all(
    wanted.map((file) => downloadOne(bucket, file, limit, stop, options)),
    stop,
  );
}

/** Waits for all, also where one failed, so that nothing still writes; the first that failed stops the others. */
async function all(work: readonly Promise<void>[], stop: AbortController): Promise<void> {
  const failures: Error[] = [];
  await Promise.all(
    work.map((each) =>
      each.catch((error: unknown) => {
        failures.push(error instanceof Error ? error : new Error('the download failed', { cause: error }));
        stop.abort();
      }),
    ),
  );
  // What was stopped because of another is not the reason.
  const reason = failures.find((error) => !isStopped(error)) ?? failures[0];
  if (reason !== undefined) throw reason;
}

async function downloadOne(
  bucket: Bucket,
  { object, path }: ToFetch,
  limit: LimitFunction,
  stop: AbortController,
  options: DownloadOptions,
): Promise<void> {
  const size = options.partBytes ?? PART_BYTES;
  const file = await open(path, 'w');
  try {
    const starts = Array.from({ length: Math.ceil(object.bytes / size) }, (_, index) => index * size);
    await all(
      starts.map((first) =>
        limit(() =>
          part(bucket, object, file, first, Math.min(first + size, object.bytes) - 1, stop.signal, options),
        ),
      ),
      stop,
    );
    const { size: written } = await file.stat();
    if (written !== object.bytes)
      throw new BursarError('unavailable', `${written} of ${object.bytes} bytes came`, {
        where: bucket.shown(object.key),
        hint: 'Run it again.',
      });
  } finally {
    await file.close();
  }
}

/** One range, tried again from where it broke off. */
async function part(
  bucket: Bucket,
  object: ObjectFacts,
  file: FileHandle,
  first: number,
  last: number,
  stop: AbortSignal,
  { came, silenceMs = SILENCE_MS }: DownloadOptions,
): Promise<void> {
  let at = first;
  for (let attempt = 1; ; attempt++) {
    stop.throwIfAborted();
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error(`silent for ${silenceMs} ms`)), silenceMs);
    const signal = AbortSignal.any([stop, silence.signal]);
    try {
      const { Body: body, ContentRange: range } = await bucket.range(object, at, last, signal);
      if (!(body instanceof Readable)) throw new BrokenOff('the answer has no body');
      const onAbort = () => body.destroy(new BrokenOff('nothing came for too long'));
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        if (range !== `bytes ${at}-${last}/${object.bytes}`)
          throw new BursarError(
            'unavailable',
            `asked for bytes ${at} to ${last}, S3 answered ${range ?? 'all'}`,
            {
              where: bucket.shown(object.key),
            },
          );
        for await (const piece of body as AsyncIterable<Uint8Array>) {
          timer.refresh();
          if (at + piece.length > last + 1) throw new BrokenOff('more bytes came than were asked for');
          await file.write(piece, 0, piece.length, at);
          at += piece.length;
          came(piece.length);
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        body.destroy();
      }
      if (at === last + 1) return;
      throw new BrokenOff(`${at - first} of ${last + 1 - first} bytes came`);
    } catch (error) {
      stop.throwIfAborted();
      if (error instanceof Replaced || error instanceof BursarError) throw error;
      if (attempt === TRIES)
        throw new BursarError('unavailable', `the connection broke ${TRIES} times: ${messageOf(error)}`, {
          where: bucket.shown(object.key),
          hint: 'Run it again.',
          cause: error,
        });
    } finally {
      clearTimeout(timer);
    }
    await pause(100 * 2 ** attempt * (0.5 + Math.random()), undefined, { signal: stop });
  }
}

class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

function isStopped(error: Error): boolean {
  return error.name === 'AbortError';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
