import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import focus from './focus.ts';
import { install, run } from './install.ts';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';
import { answers, freePort, launch, type Running, startAll } from './server.ts';

/** The emulator that analyses with Google's own grammar: it refuses what BigQuery refuses. */
const EMULATOR = 'github.com/goccy/bigquery-emulator';
const VERSION = 'v0.8.1';

/** Is there a Go that can build it? */
export async function hasGo(): Promise<boolean> {
  try {
    // GOTOOLCHAIN=local: the one that is there, none is fetched.
    const version = await run('go', ['env', 'GOVERSION'], { env: GO_ENV });
    const [, major = '0', minor = '0'] = /^go(\d+)\.(\d+)/.exec(version.trim()) ?? [];
    return Number(major) > 1 || Number(minor) >= 26;
  } catch {
    // No Go on this machine: that is the answer.
    return false;
  }
}

const GO_ENV = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };

/** The emulator's program, built from pinned sources once; that takes minutes. */
export async function installBigQuery(): Promise<string> {
  const mod = await readFile(heldBy('bigquery-emulator.go.mod'), 'utf8');
  const sum = await readFile(heldBy('bigquery-emulator.go.sum'), 'utf8');
  const folder = await install({
    name: 'bigquery-emulator',
    spec: [`${EMULATOR}@${VERSION}`, mod, sum],
    build: async (target) => {
      await writeFile(join(target, 'go.mod'), mod);
      await writeFile(join(target, 'go.sum'), sum);
      // Of its own the module has no code; the tag keeps it out of every build.
      await writeFile(
        join(target, 'tools.go'),
        `//go:build tools\n\npackage tools\n\nimport _ "${EMULATOR}/cmd/bigquery-emulator"\n`,
      );
      const args = ['build', '-mod=readonly', '-o', 'bigquery-emulator', `${EMULATOR}/cmd/bigquery-emulator`];
      await run('go', args, { cwd: target, env: GO_ENV });
    },
  });
  return join(folder, 'bigquery-emulator');
}

/** Another emulator, over DuckDB: its jobs, pages and dry runs are nearer to the API, its SQL is not. */
const QUICK = [
  'bqemulator==1.4.0',
  'duckdb==1.5.5',
  'duckdb-extensions',
  'duckdb-extension-spatial==1.5.5',
  'numpy',
  'pandas',
] as const;

export async function installQuickBigQuery() {
  const made = await venv('bqemulator', QUICK, { least: '3.11', constraints: heldBy('bqemulator') });
  // DuckDB would fetch its extension; the package brings it, and this puts it where DuckDB looks: below HOME.
  const home = { ...process.env, HOME: made.folder };
  const put = "from duckdb_extensions import import_extension; import_extension('spatial')";
  await run(made.python, ['-c', put], { env: home });
  return { ...made, home };
}

async function startBigQuery({
  port,
  grpc,
}: {
  port: number;
  grpc: number;
}): Promise<Running & { readonly url: string }> {
  const program = await installBigQuery();
  const url = `http://127.0.0.1:${port}`;
  const running = await launch({
    name: `bigquery-${port}`,
    command: program,
    args: ['--project=bursar-test', '--host=127.0.0.1', `--port=${port}`, `--grpc-port=${grpc}`],
    ready: () => answers(`${url}/bigquery/v2/projects/bursar-test/datasets`),
  });
  return { ...running, url };
}

export async function startQuickBigQuery(): Promise<Running & { readonly url: string }> {
  const { python, home } = await installQuickBigQuery();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await launch({
    name: `bqemulator-${port}`,
    command: python,
    args: ['-m', 'bqemulator', 'start', '--rest-port', String(port), '--grpc-port', String(await freePort())],
    env: home,
    ready: () => answers(`${url}/bigquery/v2/projects/bursar-test/datasets`),
  });
  return { ...running, url };
}

/** The emulator, and what begins it anew when it is asked by POST. */
async function startRenewable() {
  const addresses = { port: await freePort(), grpc: await freePort() };
  let running = await startBigQuery(addresses);
  const renew = async () => {
    await running.stop();
    running = await startBigQuery(addresses);
  };
  const control = createServer((_, response) => {
    renew().then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
  const address = control.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const stop = async () => {
    control.closeAllConnections();
    control.close();
    await running.stop();
  };
  return { url: running.url, renewal: `http://127.0.0.1:${address.port}`, stop };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  return await startAll([
    async () => {
      const { url, renewal, stop } = await startRenewable();
      project.provide('bigqueryUrl', url);
      project.provide('bigqueryRenewal', renewal);
      return stop;
    },
    async () => {
      const { url, stop } = await startQuickBigQuery();
      project.provide('bqemulatorUrl', url);
      return stop;
    },
    // The rows of an export are validated where they are made.
    () => focus(project),
  ]);
}
