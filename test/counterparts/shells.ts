import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { install, run } from './install.ts';

export type Shell = 'zsh' | 'fish';

/** A shell that can read a script, or why there is none. */
export type Found = { readonly path: string; readonly env: NodeJS.ProcessEnv } | { readonly missing: string };

/** What each takes from Debian beyond what every Debian has; read from `apt-cache depends`. */
const PACKAGES: Record<Shell, readonly string[]> = { zsh: ['zsh'], fish: ['fish', 'libpcre2-32-0'] };

/** The machine's own shell where it has one, else Debian's, unpacked into the cache: nothing is put into the system. */
export async function findShell(shell: Shell): Promise<Found> {
  const own = onPath(shell);
  if (own !== undefined) return { path: own, env: process.env };
  if (onPath('apt-get') === undefined || onPath('dpkg-deb') === undefined)
    return { missing: `${shell} is not installed, and there is no apt-get to fetch it with` };
  const folder = await install({
    name: shell,
    spec: [...PACKAGES[shell], await release()],
    build: (into) => unpack(shell, into),
  });
  const path = ['bin', 'usr/bin'].map((at) => join(folder, at, shell)).find(existsSync);
  if (path === undefined) throw new Error(`Debian's package ${shell} holds no ${shell}`);
  const libraries = (await readdir(join(folder, 'usr/lib')))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(folder, 'usr/lib', name));
  return { path, env: { ...process.env, LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

function onPath(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find(existsSync);
}

/** Packages of one release do not run on another. */
async function release(): Promise<string> {
  const line = /^PRETTY_NAME="(.*)"$/m.exec(await readFile('/etc/os-release', 'utf8'));
  return line?.[1] ?? 'Debian';
}

async function unpack(shell: Shell, into: string): Promise<void> {
  const fetch = () => run('apt-get', ['download', ...PACKAGES[shell]], { cwd: into });
  // A machine that never asked for packages has no list of them.
  await fetch().catch(async () => {
    await run('apt-get', ['update']);
    await fetch();
  });
  for (const file of await readdir(into))
    if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(into, file), into]);
}
