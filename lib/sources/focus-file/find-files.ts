import { glob, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BursarError } from '../../platform/errors.ts';

/** A file that an argument led to: where it lies, and how to name it to a person. */
export interface FoundFile {
  readonly path: string;
  readonly shownAs: string;
}

/**
 * Every file that a path stands for: itself, all below it where it is a folder (links to files are followed,
 * links to folders are not), or what matches it as a glob. In order of name, each file once.
 * @throws BursarError `input` where there is nothing.
 */
export async function findFiles(paths: readonly string[]): Promise<FoundFile[]> {
  const seen = new Set<string>();
  const found: FoundFile[] = [];
  for (const path of paths) {
    for (const file of (await expand(path)).toSorted()) {
      const real = await realpath(file);
      if (seen.has(real)) continue;
      seen.add(real);
      found.push({ path: file, shownAs: file });
    }
  }
  return found;
}

async function expand(path: string): Promise<string[]> {
  const kind = await kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'folder') {
    const files = await below(path);
    if (files.length === 0)
      throw new BursarError('input', 'this folder holds no file', {
        where: path,
        hint: 'Give a folder with FOCUS files in CSV or Parquet.',
      });
    return files;
  }
  if (!/[*?[{]/.test(path))
    throw new BursarError('input', 'there is no such file or folder', {
      where: path,
      hint: 'Check the path; a relative one starts at the current folder.',
    });
  const files: string[] = [];
  for await (const match of glob(path)) {
    const matched = await kindOf(match);
    if (matched === 'file') files.push(match);
    else if (matched === 'folder') files.push(...(await below(match)));
  }
  if (files.length === 0)
    throw new BursarError('input', 'no file matches this pattern', {
      where: path,
      hint: 'Put the pattern in quotes, so that the shell leaves it alone, and check it.',
    });
  return files;
}

async function below(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await below(path)));
    else if (entry.isFile()) files.push(path);
    else if (entry.isSymbolicLink() && (await kindOf(path)) === 'file') files.push(path);
  }
  return files;
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    if (code === 'ENOENT') {
      // A link that leads nowhere is there, but not as a file.
      const dangling = await lstat(path).catch(() => null);
      if (dangling === null) return null;
      throw new BursarError('input', 'this link leads nowhere', { where: path, cause: error });
    }
    throw new BursarError('input', `this path cannot be looked at (${String(code)})`, {
      where: path,
      hint: 'Check who may read it.',
      cause: error,
    });
  }
}
