import { expect, test } from 'vitest';
import { seenProjects } from '../../../lib/estate/gcp/seen-projects.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type LoopbackAnswer, loopback, refusal, signedIn } from './loopback.ts';

async function seen(answer: (path: string, token: string) => LoopbackAnswer | 'break') {
  await using server = await loopback((path, { pageToken = '' }) => answer(path, pageToken));
  const session = gcpSession({
    projectId: 'organisation',
    auth: signedIn(),
    endpoint: server.url,
    attempts: 1,
  });
  const meter = new Meter();
  return { ...(await seenProjects(session, meter)), calls: meter.total().calls };
}

const project = (projectId: string, state = 'ACTIVE') => ({ name: 'projects/1', projectId, state });

test('projects of every folder, each once, through all pages; what is to be deleted is none', async () => {
  const { projects, coverage, calls } = await seen((path, token) => {
    if (path !== '/v3/projects:search') return refusal(404, 'notFound');
    return token === 'two'
      ? { body: { projects: [project('data'), project('web')] } }
      : {
          body: { projects: [project('web'), project('gone', 'DELETE_REQUESTED')], nextPageToken: 'two' },
        };
  });
  expect(projects).toEqual(['data', 'web']);
  expect(coverage).toEqual([]);
  expect(calls).toEqual([{ api: 'cloudresourcemanager.projects.search', count: 2 }]);
});

test('an identity that sees no project has not seen an empty organisation', async () => {
  const { projects, coverage } = await seen(() => ({ body: {} }));
  expect(projects).toEqual([]);
  expect(coverage).toMatchObject([
    { scope: 'gcp-projects', status: 'not-covered', reason: expect.stringContaining('Browser') },
  ]);
});

test('a search that is refused, or cut off on the way, gives no half of a list', async () => {
  await expect(seen(() => refusal(403, 'forbidden'))).rejects.toMatchObject({ code: 'denied' });
  await expect(
    seen((_path, token) =>
      token === '' ? { body: { projects: [project('web')], nextPageToken: 'two' } } : refusal(400, 'invalid'),
    ),
  ).rejects.toBeInstanceOf(Error);
});
