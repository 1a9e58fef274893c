import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const DAY_MS = 86_400_000;

/** What is built, and what it follows from. */
export interface Building {
  /** A name for all that it is made of: another one wherever any of that is another. */
  readonly state: () => string;
  /** Writes all of it into a folder that is there and empty. */
  readonly build: (folder: string) => void;
}

/**
 * A folder of what was built in the state of now, built where there is none yet. A folder by this name is whole: it is
 * built under another name, so what was broken off is never found. Those that nobody asked for since a day go.
 * @param path where it is kept; the name of the state is put behind it
 */
export function builtOnce(path: string, { state, build }: Building): string {
  for (;;) {
    const now = state();
    const folder = `${path}${now}`;
    if (existsSync(folder)) return touched(folder);
    mkdirSync(join(path, '..'), { recursive: true });
    const building = mkdtempSync(`${folder}.`);
    try {
      build(building);
      // Someone saved a file meanwhile: nobody knows which of the two states it has.
      if (state() !== now) continue;
      put(building, folder);
    } finally {
      rmSync(building, { recursive: true, force: true });
    }
    forgetOld(path);
    return touched(folder);
  }
}

/** What is asked for is not forgotten by another process while it is read. */
function touched(folder: string): string {
  const now = new Date();
  utimesSync(folder, now, now);
  return folder;
}

/** Where another process was quicker, what it made is the same. */
function put(building: string, folder: string): void {
  try {
    renameSync(building, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function forgetOld(path: string): void {
  const parent = join(path, '..');
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(basename(path))) continue;
    const folder = join(parent, name);
    const asked = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (asked !== undefined && asked < Date.now() - DAY_MS) rmSync(folder, { recursive: true, force: true });
  }
}
