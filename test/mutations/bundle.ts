import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Edit, Mutation } from './model.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The histories with the code of a mutation as one file: packages are left out of it, so that a process that plays
 * many mutations loads them once. An edit whose text is not found is an error.
 */
export async function bundle(mutation: Mutation, outfile: string): Promise<void> {
  const applied = new Set<Edit>();
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/mutations/played.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.13',
    packages: 'external',
    plugins: [edited(mutation.edits, applied)],
    logLevel: 'error',
  });
  const lost = mutation.edits.find((edit) => !applied.has(edit));
  if (lost !== undefined) throw new Error(`not found in ${lost.file}: ${lost.from}`);
}

function edited(edits: readonly Edit[], applied: Set<Edit>): Plugin {
  return {
    name: 'mutation',
    setup: (building) =>
      building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = edits.filter(({ file }) => path === join(ROOT, file));
        if (own.length === 0) return null;
        let contents = await readFile(path, 'utf8');
        for (const edit of own) {
          if (!contents.includes(edit.from)) continue;
          contents = contents.replace(edit.from, () => edit.to);
          applied.add(edit);
        }
        return { loader: 'ts', contents };
      }),
  };
}
