import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

export interface Postgres {
  /** `postgres://postgres@127.0.0.1:PORT/postgres`; pgvector is there to `CREATE EXTENSION vector`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Postgres 18 with pgvector, in a process of its own, behind a real socket. All connections are one session with
 * its settings and counters: a test that changes or counts these starts a Postgres of its own (2 s).
 */
export async function startPostgres(): Promise<Postgres> {
  const child = fork(join(import.meta.dirname, 'pglite.server.ts'), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  const hear = (data: Buffer) => {
    said = (said + data).slice(-4000);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`PGlite did not start, it ended with ${code}:\n${said}`);
  });
  const told: unknown[] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { url: `postgres://postgres@127.0.0.1:${String(told[0])}/postgres`, stop };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  project.provide('postgresUrl', postgres.url);
  return postgres.stop;
}
