import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type GcpActSession, gcpActSession } from '../../lib/actions/gcp-session.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { answerGcp } from '../counterparts/gcp.control.ts';
import { signedIn } from '../estate/gcp/loopback.ts';
import { googleRight } from './rights.ts';

export const PROJECT = 'ml-prod';
export const ZONE = 'us-central1-a';
export const PATH = `/compute/v1/projects/${PROJECT}/zones/${ZONE}/instances/trainer-9`;
const HOME = `https://www.googleapis.com/compute/v1/projects/${PROJECT}/zones/${ZONE}`;

/** A machine with a GPU and a Local SSD, in the shape of the discovery document. */
export function machine(more: object = {}): object {
  return {
    kind: 'compute#instance',
    id: '9001',
    name: 'trainer-9',
    status: 'RUNNING',
    machineType: `${HOME}/machineTypes/n1-standard-8`,
    zone: HOME,
    creationTimestamp: '2026-06-01T08:00:00.000-07:00',
    lastStartTimestamp: '2026-11-01T08:00:10.000-07:00',
    labels: { team: 'vision' },
    guestAccelerators: [{ acceleratorType: `${HOME}/acceleratorTypes/nvidia-tesla-t4`, acceleratorCount: 1 }],
    disks: [
      { type: 'PERSISTENT', source: `${HOME}/disks/trainer-9`, boot: true },
      { type: 'SCRATCH', interface: 'NVME' },
    ],
    networkInterfaces: [{ accessConfigs: [{ natIP: '203.0.113.9' }] }],
    scheduling: { provisioningModel: 'STANDARD', preemptible: false },
    ...more,
  };
}

export interface Acting extends AsyncDisposable {
  readonly url: string;
  /** `POST /compute/v1/.../stop?discardLocalSsd=true`, of each call that changes something. */
  readonly posts: string[];
  session(attempts?: number): GcpActSession;
}

export interface Compute extends Acting {
  /** Sets what instances.get answers, checked against the discovery document. */
  set(more: object): Promise<void>;
}

interface Effects {
  readonly stop?: object;
  readonly start?: object;
  readonly lose?: number;
  readonly status?: number;
  readonly rights?: ReadonlySet<string>;
}

/** Compute Engine with one machine, as `acting` lets it be stopped and started. */
export async function compute(endpoint: string, effects: Effects = {}): Promise<Compute> {
  const set = (more: object) => answerGcp(endpoint, PATH, machine(more));
  const api = await acting(
    endpoint,
    async (verb) => {
      await set(effects[verb] ?? { status: verb === 'stop' ? 'TERMINATED' : 'RUNNING' });
      return { kind: 'compute#operation', operationType: verb, status: 'RUNNING' };
    },
    effects,
  );
  return { ...api, set };
}

/**
 * Google's APIs before the checking server: a POST must be one that the discovery documents know, with no
 * parameter that they do not, and then has its effect, whose answer `effect` gives: `stop`, or else `start`. `lose`: the answers of the first
 * so many are lost; `status`: every POST is refused with it;
 * `rights`: permissions of whoever calls, left out: all.
 */
export async function acting(
  endpoint: string,
  effect: (verb: 'stop' | 'start', asked: string) => Promise<object>,
  { lose: losses = 0, status: refused, rights }: Pick<Effects, 'lose' | 'status' | 'rights'> = {},
): Promise<Acting> {
  const posts: string[] = [];
  let lose = losses;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const path = incoming.url ?? '/';
      const method = incoming.method ?? 'GET';
      const asked = await text(incoming);
      const right = rights === undefined ? null : googleRight(`${method} ${path.replace(/\?.*/, '')}`);
      if (right !== null && rights?.has(right) === false) {
        outgoing.writeHead(403, { 'content-type': 'application/json' });
        const message = `Permission '${right}' denied on resource (or it may not exist).`;
        return outgoing.end(JSON.stringify({ error: { code: 403, message, status: 'PERMISSION_DENIED' } }));
      }
      const answer = await fetch(new URL(path, endpoint), { method });
      let body = await answer.text();
      let { status } = answer;
      if (method === 'POST') {
        posts.push(`${method} ${path}`);
        // The server knows the method and every parameter; it has no recorded answer, which is ours to give.
        if (status === 404 && / was not found/.test(body)) {
          const verb = /[:/](stop|undeployModel)$/.test(path.replace(/\?.*/, '')) ? 'stop' : 'start';
          if (refused === undefined) {
            body = JSON.stringify(await effect(verb, asked));
            status = 200;
          } else {
            status = refused;
            body = JSON.stringify({ error: { code: status, message: 'refused', errors: [{ reason: 'r' }] } });
          }
        }
        lose -= 1;
        if (lose >= 0) return incoming.socket.destroy();
      }
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(body);
    })().catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error('acting')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    posts,
    session: (attempts = 2) =>
      gcpActSession(
        { projectId: PROJECT, auth: signedIn(), endpoint: url, attempts, wait: () => Promise.resolve() },
        new Meter(),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
