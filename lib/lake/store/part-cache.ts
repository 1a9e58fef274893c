import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { freeBytes } from '../../platform/disk.ts';

/** Bytes of parts that stay for the next query: what one bill may have here where nothing else is said. */
export const MOST_CACHED_BYTES = 8 * 2 ** 30;
/** A part that was asked for so lately may be read by a query that is running; none runs nearly as long. */
const REST_MS = 3_600_000;

/** Parts on local disk, the longest unused of which go where there are too many. */
export interface PartCache {
  /** Is this part there whole? It then counts as used now. */
  has(path: string, bytes: number): Promise<boolean>;
  /** Removes what was not used for long, until `bytes` more are within the bound and fit on the disk. */
  makeRoom(bytes: number): Promise<void>;
}

/**
 * The parts under `folder`, by the time of each file: when it was fetched or asked for last. Parts of a query that may
 * be running stay, so that a query that needs more than the bound has it; they go when the next one fetches.
 */
export function partCache(folder: string, most = MOST_CACHED_BYTES, restMs = REST_MS): PartCache {
  // One at a time: two that made room at once would each remove what the other still counts.
  const alone = pLimit(1);
  return {
    async has(path, bytes) {
      if ((await held(path))?.size !== bytes) return false;
      const now = new Date();
      // Removed by another process since: it is fetched again.
      return await utimes(path, now, now).then(() => true, unlessGone(false));
    },
    makeRoom: (bytes) =>
      alone(async () => {
        const files = await filesUnder(folder);
        if (files.length === 0) return;
        const sum = files.reduce((total, { size }) => total + size, 0);
        let spare = Math.min(most - sum, await freeBytes(folder));
        const unused = Date.now() - restMs;
        for (const { path, size, used } of files.toSorted((a, b) => a.used - b.used)) {
          if (bytes <= spare || used > unused) return;
          await rm(path, { force: true });
          spare += size;
        }
      }),
  };
}

interface Held {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly used: number;
}

async function filesUnder(folder: string): Promise<Held[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(unlessGone([]));
  const found = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => held(join(entry.parentPath, entry.name))),
  );
  return found.filter((file) => file !== null);
}

async function held(path: string): Promise<Held | null> {
  const facts = await stat(path).catch(unlessGone(null));
  return facts === null ? null : { path, size: facts.size, used: facts.mtimeMs };
}

/** What is not there (any more) has this value; any other failure is one. */
function unlessGone<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value;
    throw error;
  };
}
