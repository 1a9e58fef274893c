import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BursarError } from '../../platform/errors.ts';
import type { Listed, Store, Stored } from './model.ts';

/** Former versions of a conditional object that stay for readers who have just found their names. */
const KEPT_VERSIONS = 8;
const VERSION = /^(.*)\.v(\d{1,15})$/;

/**
 * A lake in a local folder. `put` writes a temporary file, syncs it and renames it. `putIf` gives every version a
 * file of its own (`manifest.json.v7`, the highest number is current) that is created by a hard link, which fails
 * where the name exists: two processes can never both write version 7, and no lock can be left behind by a crash.
 */
export function folderStore(folder: string): Store {
  const root = resolve(folder);
  const pathOf = (key: string) => join(root, ...segments(key));
  const temporary = () => join(root, '.tmp', randomUUID());

  async function writeTemporary(body: Uint8Array): Promise<string> {
    const path = temporary();
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx');
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  }

  async function versionsOf(key: string): Promise<number[]> {
    const path = pathOf(key);
    const name = path.slice(dirname(path).length + 1);
    return (await entries(dirname(path)))
      .flatMap((entry) => {
        const found = VERSION.exec(entry.name);
        return found !== null && found[1] === name ? [Number(found[2])] : [];
      })
      .toSorted((a, b) => a - b);
  }

  async function get(key: string): Promise<Stored | null> {
    // A version found in the listing may be deleted before it is read, when many others were written meanwhile.
    for (let attempt = 0; attempt < 5; attempt++) {
      const latest = (await versionsOf(key)).at(-1);
      const path = latest === undefined ? pathOf(key) : `${pathOf(key)}.v${latest}`;
      const body = await readFile(path).catch(nullWhereMissing);
      if (body !== null) return { body, version: latest === undefined ? '0' : String(latest) };
      if (latest === undefined) return null;
    }
    throw new BursarError('conflict', `${key} is being replaced too quickly to be read`, { where: root });
  }

  async function putIf(key: string, body: Uint8Array, version: string | null): Promise<string> {
    const next = (version === null ? 0 : Number(version)) + 1;
    const changed = () =>
      new BursarError('conflict', `${key} was changed by another process`, {
        where: root,
        hint: 'Run the command again.',
      });
    if (((await versionsOf(key)).at(-1) ?? 0) !== next - 1) throw changed();
    const from = await writeTemporary(body);
    const to = `${pathOf(key)}.v${next}`;
    await mkdir(dirname(to), { recursive: true });
    try {
      await link(from, to);
    } catch (error) {
      throw codeOf(error) === 'EEXIST' ? changed() : error;
    } finally {
      await rm(from, { force: true });
    }
    await syncFolder(dirname(to));
    // Where others have gone so far ahead that our number had been freed, ours stands alone below theirs.
    const versions = await versionsOf(key);
    const latest = versions.at(-1) ?? next;
    for (let number = next; number <= latest; number++) if (!versions.includes(number)) throw changed();
    for (const number of versions) {
      if (number > latest - KEPT_VERSIONS) break;
      await rm(`${pathOf(key)}.v${number}`, { force: true });
    }
    return String(next);
  }

  return {
    shownAs: root,
    permissions: [],
    get,
    putIf,
    async put(key, body) {
      const from = await writeTemporary(body);
      await moveInto(from, pathOf(key));
    },
    async list(prefix) {
      const found: Listed[] = [];
      for (const entry of await entries(pathOf(prefix), true)) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const facts = await stat(path).catch(nullWhereMissing);
        const key = path.slice(root.length + 1).replaceAll('\\', '/');
        if (facts !== null) found.push({ key, bytes: facts.size, modified: facts.mtime });
      }
      return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    },
    async folders(prefix) {
      const found = await entries(pathOf(prefix));
      return found
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted();
    },
    async delete(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true });
    },
    async toLocal(key, bytes) {
      const path = pathOf(key);
      const facts = await stat(path).catch(nullWhereMissing);
      if (facts === null || facts.size !== bytes)
        throw new BursarError(
          'unavailable',
          facts === null
            ? 'a part of the lake is missing'
            : `a part of the lake has ${facts.size} bytes, expected ${bytes}`,
          {
            where: path,
            hint: 'Read the bills of this source again; the lake must not be changed by hand.',
          },
        );
      return path;
    },
    async fromLocal(path, key) {
      const file = await open(path, 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await moveInto(path, pathOf(key));
    },
  };

  async function moveInto(from: string, to: string): Promise<void> {
    await mkdir(dirname(to), { recursive: true });
    try {
      await rename(from, to);
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error;
      // Another file system: copy beside the goal first, so that the last step is a rename again.
      const near = temporary();
      await mkdir(dirname(near), { recursive: true });
      await copyFile(from, near);
      await rename(near, to);
      await rm(from, { force: true });
    }
    await syncFolder(dirname(to));
  }
}

function segments(key: string): string[] {
  const parts = key.split('/').filter((part) => part !== '');
  if (parts.some((part) => !/^[A-Za-z0-9._~-]+$/.test(part) || part === '.' || part === '..'))
    throw new RangeError(`not a key of the lake: ${JSON.stringify(key)}`);
  return parts;
}

async function entries(path: string, recursive = false): Promise<Dirent[]> {
  return (await readdir(path, { withFileTypes: true, recursive }).catch(nullWhereMissing)) ?? [];
}

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Makes a rename or link outlive a power cut; Windows cannot open a folder and does without. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
