import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BursarError } from '../lib/platform/errors.ts';

export type Architecture = 'arm64' | 'x64';

/** The validated config, in every function's bundle. */
export const CONFIG_FILE = 'bursar.config.json';

const ROOT = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

const Manifest = z.object({ version: z.string() });
const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string(), integrity: z.string() }).partial()),
});
/** What `npm pack --json` answers: a list, in newer versions an object by name. */
const Packed = z.object({ filename: z.string(), integrity: z.string() });

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** Where a package lies, and which version it is. */
function locate(name: string): { folder: string; version: string } {
  const manifest = require.resolve(`${name}/package.json`);
  return { folder: dirname(manifest), version: Manifest.parse(read(manifest)).version };
}

const bindingName = (architecture: Architecture) => `@duckdb/node-bindings-linux-${architecture}`;

/** Folder of DuckDB's native binding for Lambda's machine; installed here or fetched before. */
export function bindingFolder(architecture: Architecture): string | null {
  const { version } = locate('@duckdb/node-bindings');
  for (const folder of [join(ROOT, 'node_modules', bindingName(architecture)), kept(architecture, version)])
    if (existsSync(join(folder, 'package.json'))) return folder;
  return null;
}

function kept(architecture: Architecture, version: string): string {
  return join(ROOT, 'node_modules/.cache/bursar', version, bindingName(architecture));
}

/**
 * Fetches the binding of another architecture once, by npm, into a folder that stays until the next `npm ci`,
 * so that `cdk synth` needs no network: npm itself installs only the binding of the machine that it runs on. What
 * comes must have the checksum that package-lock.json holds.
 */
export function fetchBinding(architecture: Architecture): string {
  const known = bindingFolder(architecture);
  if (known !== null) return known;
  const { version } = locate('@duckdb/node-bindings');
  const name = bindingName(architecture);
  const target = kept(architecture, version);
  const scratch = `${target}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  try {
    const command = [
      'pack',
      `${name}@${version}`,
      '--pack-destination',
      scratch,
      '--json',
      '--loglevel=error',
    ];
    const answer = execFileSync('npm', command, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [packed] = Object.values(
      z.union([z.array(Packed), z.record(z.string(), Packed)]).parse(JSON.parse(answer)),
    );
    if (packed === undefined) throw new Error('npm pack gave no package');
    const locked = lockedIntegrity(name, version);
    if (packed.integrity !== locked)
      throw new Error(
        `${name}@${version} has the checksum ${packed.integrity}, package-lock.json says ${locked}`,
      );
    execFileSync('tar', ['-xzf', packed.filename], { cwd: scratch });
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(scratch, 'package'), target);
  } catch (cause) {
    throw new BursarError('unavailable', `DuckDB's binding for linux-${architecture} could not be fetched`, {
      where: `${name}@${version}`,
      hint: 'Run `node infra/native.ts` once with a network, or set deploy.architecture to that of this machine.',
      cause,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return target;
}

function lockedIntegrity(name: string, version: string): string | undefined {
  const { packages } = Lock.parse(read(join(ROOT, 'package-lock.json')));
  const entry = packages[`node_modules/${name}`];
  return entry?.version === version ? entry.integrity : undefined;
}

/** Puts DuckDB, with the binding of `architecture`, into a function's asset: esbuild cannot bundle it. */
export function copyDuckdb(outputDir: string, architecture: Architecture): void {
  const modules = join(outputDir, 'node_modules');
  for (const name of ['@duckdb/node-api', '@duckdb/node-bindings', 'detect-libc'])
    cpSync(locate(name).folder, join(modules, name), { recursive: true });
  cpSync(fetchBinding(architecture), join(modules, bindingName(architecture)), { recursive: true });
}

// After `npm ci`: without it everything but `cdk synth` for arm64 works, so a failure here fails nothing.
if (import.meta.main) {
  try {
    fetchBinding('arm64');
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    process.stderr.write(`bursar: ${error.told}\n`);
  }
}
