import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BursarError } from '../lib/platform/errors.ts';

export type Architecture = 'arm64' | 'x64';

/** The validated config, in every function's bundle. */
export const CONFIG_FILE = 'bursar.config.json';
/** The client of Milvus, a fifth of what a function that looks at the estate would load. */
export const MILVUS = '@zilliz/milvus2-sdk-node';
/** The checksums of the bindings, beside what the package brings built. */
export const CHECKSUMS = 'duckdb.json';

/** Beside the bundled functions: which files they are made of. */
export const INPUTS = 'inputs.json';

const ROOT = join(import.meta.dirname, '..');
const BINDINGS = '@duckdb/node-bindings';
const require = createRequire(import.meta.url);

const Manifest = z.object({ version: z.string() });
const Locked = z.object({ version: z.string(), integrity: z.string() });
const Lock = z.object({ packages: z.record(z.string(), Locked.partial()) });
const Checksums = z.record(z.string(), Locked);
/** What `npm pack --json` answers: a list, in newer versions an object by name. */
const Packed = z.object({ filename: z.string(), integrity: z.string() });

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** Where a package lies, and which version it is, as `from` finds it. */
function locate(name: string, from: NodeJS.Require = require): { folder: string; version: string } {
  const manifest = from.resolve(`${name}/package.json`);
  return { folder: dirname(manifest), version: Manifest.parse(read(manifest)).version };
}

/** What DuckDB's bindings find is theirs, wherever npm put it. */
const fromBindings = (): NodeJS.Require => createRequire(join(locate(BINDINGS).folder, 'package.json'));

const bindingName = (architecture: Architecture) => `${BINDINGS}-linux-${architecture}`;

/** Folder of DuckDB's native binding for Lambda's machine; installed here or fetched before. */
export function bindingFolder(architecture: Architecture): string | null {
  const { version } = locate(BINDINGS);
  try {
    const installed = locate(bindingName(architecture), fromBindings());
    if (installed.version === version) return installed.folder;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
  }
  const folder = kept(architecture, version);
  return existsSync(join(folder, 'package.json')) ? folder : null;
}

/** In a checkout until the next `npm ci`; from an installed package in the user's cache. */
function kept(architecture: Architecture, version: string): string {
  const cache = existsSync(checksumsFile())
    ? join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bursar')
    : join(ROOT, 'node_modules/.cache/bursar');
  return join(cache, version, bindingName(architecture));
}

/**
 * Fetches the binding of another architecture once, by npm, so that the next `cdk synth` needs no network: npm itself
 * installs only the binding of the machine that it runs on. What comes must have the checksum that package-lock.json
 * held when Bursar was tested.
 */
export function fetchBinding(architecture: Architecture): string {
  const known = bindingFolder(architecture);
  if (known !== null) return known;
  const { version } = locate(BINDINGS);
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
      // What npm stored is as good: its checksum is looked at below.
      '--prefer-offline',
      '--loglevel=error',
    ];
    const answer = execFileSync('npm', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const [packed] = Object.values(
      z.union([z.array(Packed), z.record(z.string(), Packed)]).parse(JSON.parse(answer)),
    );
    if (packed === undefined) throw new Error('npm pack gave no package');
    const { integrity } = checksums()[name] ?? {};
    if (packed.integrity !== integrity)
      throw new Error(`${name}@${version} has the checksum ${packed.integrity}, expected was ${integrity}`);
    execFileSync('tar', ['-xzf', packed.filename], { cwd: scratch });
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(scratch, 'package'), target);
  } catch (cause) {
    throw new BursarError('unavailable', `DuckDB's binding for linux-${architecture} could not be fetched`, {
      where: `${name}@${version}`,
      hint: 'Synthesise once with a network, or set deploy.architecture to that of this machine.',
      cause,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return target;
}

const checksumsFile = () => join(import.meta.dirname, CHECKSUMS);

/** Version and checksum of each binding for Lambda, by the package's name: by package-lock.json, or what was built of it. */
export function checksums(): z.infer<typeof Checksums> {
  if (existsSync(checksumsFile())) return Checksums.parse(read(checksumsFile()));
  const { packages } = Lock.parse(read(join(ROOT, 'package-lock.json')));
  return Object.fromEntries(
    (['arm64', 'x64'] as const).map((architecture) => {
      const name = bindingName(architecture);
      return [name, Locked.parse(packages[`node_modules/${name}`])];
    }),
  );
}

/** Puts DuckDB, with the binding of `architecture`, into a function's asset: esbuild cannot bundle it. */
export function copyDuckdb(outputDir: string, architecture: Architecture): void {
  const modules = join(outputDir, 'node_modules');
  const copy = (name: string, folder: string) =>
    cpSync(folder, join(modules, name), { recursive: true, dereference: true });
  copy('@duckdb/node-api', locate('@duckdb/node-api').folder);
  copy(BINDINGS, locate(BINDINGS).folder);
  copy('detect-libc', locate('detect-libc', fromBindings()).folder);
  copy(bindingName(architecture), fetchBinding(architecture));
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
