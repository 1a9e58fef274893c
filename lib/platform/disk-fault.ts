import { BursarError } from './errors.ts';

/** What a file system refuses (errno(3)), in words. */
const REFUSED: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EEXIST: 'something else has that name',
  EISDIR: 'a folder is there',
  ENOTDIR: 'a file is where a folder has to be',
  ENAMETOOLONG: 'the name is too long',
};

/** The error of the file system as a person can act on it; null for every other error. */
export function diskFault(error: unknown): BursarError | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const said = Object.hasOwn(REFUSED, error.code) ? REFUSED[error.code] : undefined;
  if (said === undefined) return null;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  return new BursarError('unavailable', said, {
    ...(path === null ? {} : { where: path }),
    hint: 'See whose it is, what may be written there, and that it has room; or name another path.',
    cause: error,
  });
}
