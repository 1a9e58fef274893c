import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Architecture = 'arm64' | 'x64';

const ROOT = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** Where a package lies, and which version it is. */
function locate(name: string): { folder: string; version: string } {
  const manifest = require.resolve(`${name}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { folder: dirname(manifest), version };
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
 * so that `cdk synth` needs no network. npm itself installs only the binding of the machine that it runs on.
 */
export function fetchBinding(architecture: Architecture): string {
  const known = bindingFolder(architecture);
  if (known !== null) return known;
  const { version } = locate('@duckdb/node-bindings');
  const target = kept(architecture, version);
  const scratch = `${target}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  try {
    const wanted = `${bindingName(architecture)}@${version}`;
    execFileSync(
      'npm',
      [
        'install',
        '--prefix',
        scratch,
        '--os=linux',
        `--cpu=${architecture}`,
        '--libc=glibc',
        '--no-save',
        '--no-package-lock',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        wanted,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(scratch, 'node_modules', bindingName(architecture)), target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return target;
}

/** Puts DuckDB, with the binding of `architecture`, into a function's asset: esbuild cannot bundle it. */
export function copyDuckdb(outputDir: string, architecture: Architecture): void {
  const modules = join(outputDir, 'node_modules');
  for (const name of ['@duckdb/node-api', '@duckdb/node-bindings', 'detect-libc'])
    cpSync(locate(name).folder, join(modules, name), { recursive: true });
  const binding = bindingFolder(architecture);
  if (binding === null)
    throw new Error(
      `DuckDB's binding for linux-${architecture} is missing: run \`node infra/native.ts\` with a network`,
    );
  cpSync(binding, join(modules, bindingName(architecture)), { recursive: true });
}

if (import.meta.main) fetchBinding('arm64');
