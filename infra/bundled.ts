import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BursarError } from '../lib/platform/errors.ts';
import { builtOnce } from './built-once.ts';
import { INPUTS } from './native.ts';
import { SIZES } from './sizes.ts';
import { stateOfSources } from './source-state.ts';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..');
/**
 * Beside what the CDK writes; not below node_modules, or the maps would not tell our sources from packages. As deep as
 * the package's functions, which are copied from here with their maps.
 */
const KEPT = join(ROOT, 'cdk.out', 'bundled', 'lambda-');

/**
 * Every function bundled of the sources, each in a folder of its name. They are made once for one state of the
 * sources: a second synthesis, of whatever config, finds them.
 */
export function bundledFunctions(): string {
  const script = scriptOf('bundle.ts');
  const functions = Object.entries(SIZES).map(([entry, { duckdb }]) => (duckdb ? `${entry}:duckdb` : entry));
  return builtOnce(KEPT, {
    state: () => stateOfSources(ROOT),
    build: (folder) => execute(script, [folder, ...functions]),
  });
}

/** The files that the functions in `folder` are made of, relative to the project. */
export function inputsOf(folder: string): string[] {
  return z.array(z.string()).parse(JSON.parse(readFileSync(join(folder, INPUTS), 'utf8')));
}

/**
 * Runs a script of this folder in a process of its own: the CDK wants the asset whole when it asks for it, and its
 * classes wait for nothing.
 */
export function fromSources(name: string, ...args: readonly string[]): void {
  execute(scriptOf(name), args);
}

function scriptOf(name: string): string {
  const file = join(HERE, name);
  if (!existsSync(file))
    throw new BursarError('internal', `a file of this program is missing: ${file}`, {
      hint: 'Install it again.',
    });
  return file;
}

function execute(script: string, args: readonly string[]): void {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
