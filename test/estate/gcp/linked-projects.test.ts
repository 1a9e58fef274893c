import { expect, test } from 'vitest';
import { linkedProjects } from '../../../lib/estate/gcp/linked-projects.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type LoopbackAnswer, loopback, refusal, signedIn } from './loopback.ts';

async function listed(answer: (path: string, token: string) => LoopbackAnswer | 'break') {
  await using server = await loopback((path, { pageToken = '' }) => answer(path, pageToken));
  const session = gcpSession({
    projectId: 'linked',
    auth: signedIn(),
    endpoint: server.url,
    attempts: 1,
  });
  const meter = new Meter();
  return { ...(await linkedProjects(session, meter)), calls: meter.total().calls };
}

const account = (id: string, open = true) => ({ name: `billingAccounts/${id}`, open, displayName: id });
const link = (projectId: string, billingEnabled = true) => ({
  name: `projects/${projectId}/billingInfo`,
  projectId,
  billingEnabled,
});
const ACCOUNTS = '/v1/billingAccounts';

test('projects of every open account, each once, through all pages', async () => {
  const { projects, coverage, calls } = await listed((path, token) => {
    if (path === ACCOUNTS)
      return token === 'two'
        ? { body: { billingAccounts: [account('C', false)] } }
        : { body: { billingAccounts: [account('A'), account('B')], nextPageToken: 'two' } };
    if (path === `${ACCOUNTS}/A/projects`)
      return token === 'more'
        ? { body: { projectBillingInfo: [link('web')] } }
        : { body: { projectBillingInfo: [link('ml'), link('gone', false)], nextPageToken: 'more' } };
    return path === `${ACCOUNTS}/B/projects`
      ? { body: { projectBillingInfo: [link('data'), link('web')] } }
      : refusal(404, 'notFound');
  });
  expect(projects).toEqual(['data', 'ml', 'web']);
  expect(coverage).toEqual([]);
  expect(calls).toEqual([
    { api: 'cloudbilling.billingAccounts.list', count: 2 },
    { api: 'cloudbilling.billingAccounts.projects.list', count: 3 },
  ]);
});

test('an account that may not be listed is told, and the others go on', async () => {
  const { projects, coverage } = await listed((path) => {
    if (path === ACCOUNTS) return { body: { billingAccounts: [account('A'), account('B')] } };
    return path.includes('/A/') ? refusal(403, 'forbidden') : { body: { projectBillingInfo: [link('ml')] } };
  });
  expect(projects).toEqual(['ml']);
  expect(coverage).toMatchObject([
    {
      scope: 'gcp-projects:A',
      status: 'failed',
      reason: expect.stringContaining('billing.resourceAssociations.list'),
    },
  ]);
});

test('no account is no empty estate: it is not covered', async () => {
  const { projects, coverage } = await listed(() => ({ body: {} }));
  expect(projects).toEqual([]);
  expect(coverage).toMatchObject([
    {
      scope: 'gcp-projects',
      status: 'not-covered',
      reason: expect.stringContaining('Billing Account Viewer'),
    },
  ]);
});

test('where the accounts themselves are refused, nothing is listed', async () => {
  await expect(listed(() => refusal(403, 'forbidden'))).rejects.toMatchObject({ code: 'denied' });
});
