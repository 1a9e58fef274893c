import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';
import { answers, freePort, launch, type Running, startAll } from './server.ts';
import { startSlack } from './slack.ts';

/** The AWS that the real CDK command line deploys to: CloudFormation, Scheduler, SQS, Lambda as a process. */
export const MINISTACK = ['ministack==1.5.33'] as const;

/** Starts it with schedules that come sooner. */
const QUICK = fileURLToPath(new URL('ministack.quick.py', import.meta.url));

export async function installMinistack() {
  return await venv('ministack', MINISTACK, { constraints: heldBy('ministack') });
}

/** @param env MiniStack's settings, for example `AUTH=true` (policies are enforced by resource). */
export async function startMinistack(
  env: NodeJS.ProcessEnv = {},
): Promise<Running & { readonly url: string }> {
  const { python } = await installMinistack();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const temporary = await mkdtemp(join(tmpdir(), 'bursar-ministack-'));
  const running = await launch({
    name: `ministack-${port}`,
    command: python,
    args: [QUICK],
    env: {
      ...process.env,
      // Its functions run as processes of the `node` that it finds first: the one that runs this.
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      TMPDIR: temporary,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      ...env,
    },
    ready: () => answers(`${url}/_ministack/health`),
  });
  const stop = async () => {
    await running.stop();
    await rm(temporary, { recursive: true, force: true });
  };
  return { ...running, stop, url };
}

/** MiniStack, and Slack for the deployed functions to post to. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  return await startAll([
    async () => {
      const ministack = await startMinistack();
      project.provide('ministackUrl', ministack.url);
      return ministack.stop;
    },
    async () => {
      const slack = await startSlack();
      project.provide('slack', slack.access);
      return slack.stop;
    },
  ]);
}
