import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';
import { answers, freePort, launch, type Running } from './server.ts';

/** The AWS emulator: EC2, CloudWatch, STS, Organizations, S3, SQS, DynamoDB and a queue of Cost Explorer results. */
export const MOTO = ['moto[all,server]==5.2.5'] as const;

/**
 * Keys on a page of a listing of S3, which AWS has 1,000 of and may give fewer (Amazon S3 API Reference, ListObjectsV2):
 * so a few puts make more than one page.
 */
export const S3_PAGE = 100;

/** Starts it with the calls that it lacks. */
const MORE = fileURLToPath(new URL('moto.more.py', import.meta.url));

export async function installMoto() {
  return await venv('moto', MOTO, { constraints: heldBy('moto') });
}

export interface Moto extends Running {
  readonly url: string;
}

/**
 * @param env moto's own settings, for example `MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS` (moto 5.2.5, moto/settings.py).
 */
export async function startMoto(env: NodeJS.ProcessEnv = {}): Promise<Moto> {
  const { python } = await installMoto();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await launch({
    name: `moto-${port}`,
    command: python,
    args: [MORE, '-H', '127.0.0.1', '-p', String(port)],
    // Without Amazon's own images: each region would be filled with them anew after every reset, and no test asks for
    // one (moto 5.2.5, moto/ec2/models/amis.py).
    env: {
      ...process.env,
      MOTO_EC2_LOAD_DEFAULT_AMIS: 'false',
      // No browser asks it.
      MOTO_DISABLE_GLOBAL_CORS: 'true',
      MOTO_S3_DEFAULT_MAX_KEYS: String(S3_PAGE),
      ...env,
    },
    ready: () => answers(`${url}/moto-api/data.json`),
  });
  return { ...running, url };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const moto = await startMoto();
  project.provide('motoUrl', moto.url);
  return moto.stop;
}

/** Empties moto: every account, region and queue. */
export async function resetMoto(url: string): Promise<void> {
  await post(`${url}/moto-api/reset`);
}

/**
 * From so many calls on, each is held against the policies of whoever calls ("IAM-like access control",
 * docs.getmoto.org); Infinity: none is, as at the start.
 */
export async function authoriseAfter(url: string, calls: number): Promise<void> {
  await post(`${url}/moto-api/reset-auth`, calls === Infinity ? 'inf' : String(calls));
}

/**
 * Queues the answers of Cost Explorer's GetCostAndUsage, each in the API's own shape: every call with parameters
 * not seen before takes the next one, and the same parameters get the same answer again; an empty queue answers
 * nothing (moto 5.2.5, moto/ce/models.py: `POST /moto-api/static/ce/cost-and-usage-results`).
 */
export async function queueCostAndUsage(
  url: string,
  results: readonly unknown[],
  more: { account?: string } = {},
): Promise<void> {
  const body = { account_id: more.account ?? '123456789012', results };
  await post(`${url}/moto-api/static/ce/cost-and-usage-results`, body);
}

async function post(url: string, body?: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : {
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`moto answered ${response.status} to ${url}: ${text.slice(0, 500)}`);
}
