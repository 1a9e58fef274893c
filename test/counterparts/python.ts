import { readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { install, run } from './install.ts';

export interface Python {
  readonly path: string;
  /** `3.12.1` */
  readonly version: string;
}

const PROBE =
  'import sys, venv, ensurepip, ssl; print(".".join(map(str, sys.version_info[:3])), sys.executable, sep="|")';

let found: Promise<readonly Python[]> | undefined;

/**
 * Every Python of the machine that can make a virtual environment, best first: 3.12 before 3.13 before 3.11,
 * then any newer (wheels appear late for the newest). A bare `python3.12` may be a pyenv shim that refuses, so
 * each is asked; pyenv's own versions are looked at too.
 */
export function pythons(): Promise<readonly Python[]> {
  found ??= findPythons();
  return found;
}

async function findPythons(): Promise<readonly Python[]> {
  const named = ['python3.12', 'python3.13', 'python3.11', 'python3.14', 'python3', '/usr/bin/python3'];
  const roots = [process.env['PYENV_ROOT'], join(homedir(), '.pyenv')].filter((root) => root !== undefined);
  const installed = await Promise.all(
    roots.map(async (root) =>
      (await readdir(join(root, 'versions')).catch(() => []))
        .filter((version) => /^3\.1[1-9]/.test(version))
        .map((version) => join(root, 'versions', version, 'bin', 'python')),
    ),
  );
  const answers = await Promise.all([...named, ...installed.flat()].map((path) => probe(path)));
  const rank = (python: Python) => {
    const at = ['3.12', '3.13', '3.11'].findIndex((minor) => python.version.startsWith(`${minor}.`));
    return at === -1 ? 9 : at;
  };
  return answers
    .filter((python) => python !== null)
    .filter((python) => isAtLeast(python.version, '3.11'))
    .toSorted((a, b) => rank(a) - rank(b));
}

async function probe(path: string): Promise<Python | null> {
  try {
    const [version, executable] = (await run(path, ['-c', PROBE])).trim().split('|');
    return version && executable ? { path: executable, version } : null;
  } catch {
    // Not on this machine, a shim that refuses, or without venv: this one cannot serve.
    return null;
  }
}

/** Compares dotted versions by number. */
export function isAtLeast(version: string, least: string): boolean {
  const a = version.split('.').map(Number);
  const b = least.split('.').map(Number);
  for (let i = 0; i < b.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The best Python of at least this version (and below the other), or null where the machine has none. */
export async function pythonFor(least: string, below = '99'): Promise<Python | null> {
  const fits = ({ version }: Python) => isAtLeast(version, least) && !isAtLeast(version, below);
  return (await pythons()).find(fits) ?? null;
}

export interface Venv {
  /** The environment's interpreter; scripts are run as `python -m module`: their own first lines hold a path. */
  readonly python: string;
  readonly folder: string;
  readonly sitePackages: string;
}

/**
 * A virtual environment with exactly these pinned requirements (`moto[all,server]==5.2.5`), their dependencies
 * held by `constraints` (a `pip freeze`). After installing, what came is compared with what was asked for.
 */
export async function venv(
  name: string,
  requirements: readonly string[],
  options: { least?: string; below?: string; constraints?: string } = {},
): Promise<Venv> {
  const least = options.least ?? '3.11';
  const python = await pythonFor(least, options.below);
  if (python === null) throw new Error(`${name} needs Python ${least} with venv; none was found`);
  const held = options.constraints === undefined ? '' : await readFile(options.constraints, 'utf8');
  const folder = await install({
    name,
    spec: [...requirements, `python ${python.version}`, held],
    build: async (target) => {
      await run(python.path, ['-m', 'venv', target]);
      const own = join(target, 'bin', 'python');
      const pip = ['-m', 'pip', 'install', '--quiet', '--no-input'];
      const constraints = join(target, 'constraints.txt');
      await writeFile(constraints, held);
      await run(own, [...pip, '-c', constraints, ...requirements]);
      await assertPinned(own, requirements);
    },
  });
  const minor = python.version.split('.').slice(0, 2).join('.');
  return {
    folder,
    python: join(folder, 'bin', 'python'),
    sitePackages: join(folder, 'lib', `python${minor}`, 'site-packages'),
  };
}

async function assertPinned(python: string, requirements: readonly string[]): Promise<void> {
  const freeze = (await run(python, ['-m', 'pip', 'freeze', '--all'])).toLowerCase().split('\n');
  const came = new Set(freeze.map((line) => line.trim().replaceAll('_', '-')));
  for (const requirement of requirements) {
    const pinned = requirement
      .toLowerCase()
      .replace(/\[.*?\]/, '')
      .replaceAll('_', '-');
    if (pinned.includes('==') && !came.has(pinned)) {
      throw new Error(`asked pip for ${requirement}, which is not what it installed:\n${freeze.join('\n')}`);
    }
  }
}
