import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What npm says lies in node_modules, which need not be what the lock asks for (docs.npmjs.com, package-lock.json). */
const INSTALLED = 'node_modules/.package-lock.json';
/**
 * What the text of a function follows from: our sources, how they are bundled, and which packages there are. Not seen
 * is a file of a package that was changed by hand.
 */
const SOURCES = [
  'functions',
  'lib',
  'infra',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
  INSTALLED,
];

/** A name for all that the functions below `root` are made of: another one wherever a file of it is another. */
export function stateOfSources(root: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES)
    for (const file of filesOf(join(root, source)))
      hash
        .update(`${file.slice(root.length)}\0`)
        .update(createHash('sha256').update(readFileSync(file)).digest());
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  // Another manager of packages than npm keeps no such list.
  if (path.endsWith(INSTALLED) && !existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}
