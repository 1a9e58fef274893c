import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gcpCreators, mayTellGcpCreator } from '../../../lib/estate/gcp/creators.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import type { Resource } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { machine, NOW } from '../../checks/facts.ts';
import { problemsAgainst, readDiscovery } from '../../counterparts/gcp.discovery.ts';
import { signedIn } from './loopback.ts';

const PROJECT = 'acme-research';
const NAME = `projects/${PROJECT}/zones/us-central1-a/instances/trainer`;

const instance = (given: Partial<Resource> = {}) =>
  machine({
    provider: 'gcp',
    accountId: PROJECT,
    region: 'us-central1-a',
    type: 'gcp:compute:instance',
    id: `//compute.googleapis.com/${NAME}`,
    ...given,
  });

const entry = (
  principalEmail: string,
  given: { at?: string; name?: string; code?: number; method?: string } = {},
) => ({
  logName: `projects/${PROJECT}/logs/cloudaudit.googleapis.com%2Factivity`,
  insertId: 'a1',
  timestamp: given.at ?? '2026-10-01T00:00:00.123456Z',
  protoPayload: {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    authenticationInfo: { principalEmail },
    methodName: given.method ?? 'v1.compute.instances.insert',
    resourceName: given.name ?? NAME,
    ...(given.code === undefined ? {} : { status: { code: given.code } }),
  },
});

const request = z.object({ filter: z.string(), orderBy: z.string(), pageToken: z.string().optional() });

/** Asks a server of entries, whose requests and answers are checked against Google's discovery document. */
async function asked(pages: readonly (readonly object[])[], resources: readonly Resource[]) {
  const logging = (await readDiscovery()).find(({ id }) => id === 'logging:v2');
  if (logging === undefined) throw new Error('no discovery document of Cloud Logging');
  const problems: string[] = [];
  const requests: z.output<typeof request>[] = [];
  const check = (name: string, value: unknown) =>
    problems.push(...problemsAgainst(logging.schemas, { $ref: name }, value));
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const read: unknown = JSON.parse(body);
      check('ListLogEntriesRequest', read);
      if (`${incoming.method} ${incoming.url}` !== 'POST /v2/entries:list')
        problems.push(String(incoming.url));
      const given = request.parse(read);
      requests.push(given);
      const at = Number(given.pageToken ?? '0');
      const answer = {
        entries: pages[at] ?? [],
        ...(at + 1 < pages.length ? { nextPageToken: String(at + 1) } : {}),
      };
      check('ListLogEntriesResponse', answer);
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      return outgoing.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const session = gcpSession({ projectId: PROJECT, auth: signedIn(), endpoint: `http://127.0.0.1:${port}` });
  try {
    const found = await gcpCreators(session, resources, NOW, new Meter());
    return { ...found, requests, problems };
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

describe('creators in Google Cloud', () => {
  test('names the person of the newest insert that came through', async () => {
    const { creations, missing, requests, problems } = await asked(
      [
        [entry('late@acme.com', { code: 7 }), entry('other@acme.com', { name: `${NAME}-2` })],
        [entry('ana@acme.com'), entry('first@acme.com', { at: '2026-01-01T00:00:00Z' })],
      ],
      [instance()],
    );
    expect(problems).toEqual([]);
    expect(missing).toBeNull();
    expect(creations).toEqual([
      {
        resourceId: `//compute.googleapis.com/${NAME}`,
        address: 'ana@acme.com',
        principal: 'ana@acme.com',
        event: 'v1.compute.instances.insert',
        at: '2026-10-01T00:00:00.123Z',
      },
    ]);
    expect(requests.map(({ pageToken }) => pageToken)).toEqual([undefined, '1']);
    expect(requests[0]?.orderBy).toBe('timestamp desc');
    expect(requests[0]?.filter).toContain('timestamp>="2025-10-16T10:30:00.000Z"');
    expect(requests[0]?.filter).toContain(String.raw`methodName=~"(compute\.instances\.insert)$"`);
  });

  test('a service account is nobody, nor is what the log does not know; what is young is asked for again', async () => {
    const robot = '123-compute@developer.gserviceaccount.com';
    const old = instance({ id: '//compute.googleapis.com/projects/p/zones/z/instances/old' });
    const young = instance({
      id: '//compute.googleapis.com/projects/p/zones/z/instances/new',
      created: NOW.toISOString(),
    });
    const { creations } = await asked([[entry(robot)]], [instance(), old, young]);
    expect(creations.map(({ resourceId, address, principal }) => [resourceId, address, principal])).toEqual([
      [`//compute.googleapis.com/${NAME}`, null, robot],
      [old.id, null, null],
    ]);
  });

  test.each([
    [
      'principal://iam.googleapis.com/locations/global/workforcePools/okta/subject/ana@acme.com',
      'ana@acme.com',
    ],
    ['principal://iam.googleapis.com/locations/global/workforcePools/okta/subject/00u1abcd', null],
    [
      'principal://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/ci/subject/repo:acme/app@main',
      null,
    ],
    ['serviceAccount:robot@acme.iam.gserviceaccount.com', null],
  ])('who is not of Google is %s', async (principalSubject, address) => {
    const { protoPayload, ...more } = entry('');
    const { creations, problems } = await asked(
      [[{ ...more, protoPayload: { ...protoPayload, authenticationInfo: { principalSubject } } }]],
      [instance()],
    );
    expect(problems).toEqual([]);
    expect(creations).toMatchObject([{ address, principal: principalSubject }]);
  });

  test('a log that is too long is told', async () => {
    const noise = Array.from({ length: 25 }, () => [entry('x@acme.com', { name: 'projects/p/other' })]);
    const { creations, missing, requests } = await asked(noise, [instance()]);
    expect([creations.length, requests.length]).toEqual([0, 20]);
    expect(missing).toContain('who made 1 of 1 is not known');
  });

  test('asks only of what people make', () => {
    const parent = { type: 'gcp:container:cluster', id: 'c' };
    const asks = [
      instance(),
      instance({ parent }),
      instance({ type: 'gcp:sqladmin:instance' }),
      instance({ type: 'gcp:tpu:node', parent: { type: 'gcp:tpu:queued-resource', id: 'q' } }),
      instance({ type: 'gcp:aiplatform:endpoint' }),
      instance({ type: 'gcp:notebooks:instance', attributes: { creator: 'ana@acme.com' } }),
      instance({ type: 'gcp:notebooks:instance', attributes: { creator: null } }),
    ];
    expect(asks.map(mayTellGcpCreator)).toEqual([true, false, true, false, false, true, false]);
  });

  test('databases and TPUs are named by their services, a Workbench instance by itself', async () => {
    const path = 'locations/us-central1-b/nodes/slice-1';
    const database = instance({
      type: 'gcp:sqladmin:instance',
      id: `//cloudsql.googleapis.com/projects/${PROJECT}/instances/vectors`,
    });
    const tpu = instance({ type: 'gcp:tpu:node', id: `//tpu.googleapis.com/projects/${PROJECT}/${path}` });
    const notebook = (name: string, creator: string) =>
      instance({
        type: 'gcp:notebooks:instance',
        id: `//notebooks.googleapis.com/projects/${PROJECT}/locations/us-central1-a/instances/${name}`,
        attributes: { creator, createdAt: '2026-09-01T00:00:00.000Z' },
      });
    const create = 'google.cloud.tpu.v2.Tpu.CreateNode';
    const { creations, requests, problems } = await asked(
      [
        [
          entry('sql@acme.com', {
            name: `projects/${PROJECT}/instances/vectors`,
            method: 'cloudsql.instances.create',
          }),
          // The end of the call names nobody, its beginning does; both may write the project's number.
          entry('', { name: `projects/123456789012/${path}`, method: create }),
          entry('tpu@acme.com', { name: `projects/123456789012/${path}`, method: create }),
        ],
      ],
      [database, tpu, notebook('lab', 'ana@acme.com'), notebook('robot', 'x@acme.iam.gserviceaccount.com')],
    );
    expect(problems).toEqual([]);
    expect(Object.fromEntries(creations.map(({ resourceId, address }) => [resourceId, address]))).toEqual({
      [database.id]: 'sql@acme.com',
      [tpu.id]: 'tpu@acme.com',
      [notebook('lab', '').id]: 'ana@acme.com',
      [notebook('robot', '').id]: null,
    });
    expect(requests[0]?.filter).toContain(
      String.raw`methodName=~"(cloudsql\.instances\.create|\.Tpu\.CreateNode)$"`,
    );
  });

  test('no log is read for what tells by itself', async () => {
    const one = instance({ type: 'gcp:notebooks:instance', attributes: { creator: 'ana@acme.com' } });
    const { creations, requests } = await asked([[]], [one]);
    expect([creations.map(({ address }) => address), requests]).toEqual([['ana@acme.com'], []]);
  });
});
