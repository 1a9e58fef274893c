import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';
import { freePort, launch, type Running } from './server.ts';

/** Milvus' own engine for one machine, which speaks its protocol: without logins, replicas, loads and metrics. */
export const MILVUS = ['milvus-lite==3.2.2', 'pymilvus==3.0.2'] as const;

/** Starts it on loopback alone, and asks for a login where one is given. */
const SERVE = fileURLToPath(new URL('milvus.serve.py', import.meta.url));

export async function installMilvus() {
  return await venv('milvus-lite', MILVUS, { constraints: heldBy('milvus-lite') });
}

/** @param token what a client has to come with: `user:password` */
export async function startMilvus(token?: string): Promise<Running & { readonly url: string }> {
  const { python } = await installMilvus();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'bursar-milvus-'));
  const running = await launch({
    name: `milvus-${port}`,
    command: python,
    args: [SERVE, String(port), join(folder, 'data'), ...(token === undefined ? [] : [token])],
    ready: () => listens(port),
  });
  const stop = async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...running, url: `http://127.0.0.1:${port}`, stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startMilvus();
  project.provide('milvusUrl', server.url);
  return server.stop;
}
