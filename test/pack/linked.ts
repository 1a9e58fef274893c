import { link, mkdir, readdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../infra/cdk.ts';

const Locked = z.object({
  packages: z.record(
    z.string(),
    z
      .object({ version: z.string(), integrity: z.string(), optional: z.boolean(), link: z.boolean() })
      .partial(),
  ),
});

/** What lies there beside packages, kept by whoever made it: it is not npm's. */
const NOT_OF_NPM = /^\.(?!bin$|package-lock\.json$)/;

/**
 * Is what `npm ci` would put into the clone what lies in this checkout already, on the same disk? By the lock of the
 * clone, and by what npm noted that it installed here; what is optional may be left out.
 */
export async function isInstalledHere(clone: string): Promise<boolean> {
  const [there, here] = await Promise.all([stat(clone), stat(ROOT)]);
  if (there.dev !== here.dev) return false;
  const [asked, lies] = await Promise.all([
    lockOf(join(clone, 'package-lock.json')),
    lockOf(join(ROOT, 'node_modules/.package-lock.json')),
  ]);
  delete asked[''];
  const names = Object.entries(asked).flatMap(([name, { optional }]) =>
    optional === true && !(name in lies) ? [] : [name],
  );
  const of = ({ version, integrity }: (typeof asked)[string]) => ({ version, integrity });
  return (
    isDeepStrictEqual(names.toSorted(), Object.keys(lies).toSorted()) &&
    names.every((name) => isDeepStrictEqual(of(asked[name] ?? {}), of(lies[name] ?? {})))
  );
}

async function lockOf(file: string) {
  return Locked.parse(JSON.parse(await readFile(file, 'utf8'))).packages;
}

/** Puts the packages of this checkout into the clone: the same files under a second name, which nobody writes to. */
export async function linkPackages(clone: string): Promise<void> {
  await linkAll(join(ROOT, 'node_modules'), join(clone, 'node_modules'), (name) => !NOT_OF_NPM.test(name));
}

async function linkAll(
  from: string,
  to: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!isWanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)] as const;
    if (entry.isDirectory()) await linkAll(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target);
  }
}
