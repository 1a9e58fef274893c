import { CloudBillingClient } from '@google-cloud/billing';
import { expect, test } from 'vitest';
import { type LoopbackAnswer, loopback, refusal } from '../../estate/gcp/loopback.ts';
import { deliver, read } from './client.ts';

async function coverageOf(
  answer: (path: string, params: Record<string, string>, index: number) => LoopbackAnswer | 'break',
  exported: string[] = [],
) {
  await using server = await loopback(answer);
  return { ...(await deliver(server.url, exported)), requests: server.requests };
}

const ACME = { name: 'billingAccounts/012345-567890-ABCDEF', open: true, displayName: 'Acme' };
const OLD = { name: 'billingAccounts/0A0A0A-0B0B0B-0C0C0C', open: false, displayName: 'Acme before 2024' };

function link(projectId: string, billingEnabled = true) {
  return {
    name: `projects/${projectId}/billingInfo`,
    projectId,
    billingAccountName: ACME.name,
    billingEnabled,
  };
}

test('each billing account without an export is not covered, with its projects and what to set up', async () => {
  const { coverage, files, calls } = await coverageOf((path) =>
    path === '/v1/billingAccounts'
      ? { body: { billingAccounts: [OLD, ACME] } }
      : {
          body: {
            projectBillingInfo: path.includes('0123')
              ? [link('acme-web'), link('acme-ml'), link('gone', false)]
              : [],
          },
        },
  );
  expect(files).toEqual([]);
  expect(coverage).toEqual([
    {
      scope: 'gcp-billing:012345-567890-ABCDEF',
      status: 'not-covered',
      reason:
        'Spend of billing account 012345-567890-ABCDEF (Acme) is not read: no BigQuery billing export is configured. It pays for 2 projects: acme-ml, acme-web. Enable the detailed usage cost export to BigQuery (Billing > Billing export) and add a source of type gcp-bigquery with its table.',
      asOf: null,
    },
    {
      scope: 'gcp-billing:0A0A0A-0B0B0B-0C0C0C',
      status: 'not-covered',
      reason: expect.stringMatching(/the closed billing account .*It pays for no project\./),
      asOf: null,
    },
  ]);
  expect(calls).toEqual([
    { api: 'cloudbilling.billingAccounts.list', count: 1 },
    { api: 'cloudbilling.billingAccounts.projects.list', count: 2 },
  ]);
});

test('an account that an export source reads is left to it', async () => {
  const { coverage, requests } = await coverageOf(
    (path) => (path === '/v1/billingAccounts' ? { body: { billingAccounts: [ACME] } } : { body: {} }),
    ['012345-567890-ABCDEF'],
  );
  expect(coverage).toEqual([]);
  expect(requests).toHaveLength(1);
});

test('all pages of accounts and of links are read, and long lists are cut in the telling', async () => {
  const projects = Array.from({ length: 13 }, (_, index) => `acme-${String(index).padStart(2, '0')}`);
  const { coverage, calls } = await coverageOf((path, { pageToken }) => {
    if (path === '/v1/billingAccounts')
      return pageToken === 'two'
        ? { body: { billingAccounts: [OLD] } }
        : { body: { billingAccounts: [ACME], nextPageToken: 'two' } };
    if (!path.includes('0123')) return { body: {} };
    return pageToken === 'more'
      ? { body: { projectBillingInfo: projects.slice(7).map((id) => link(id)) } }
      : { body: { projectBillingInfo: projects.slice(0, 7).map((id) => link(id)), nextPageToken: 'more' } };
  });
  expect(coverage).toHaveLength(2);
  expect(coverage[0]?.reason).toContain('13 projects: acme-00, acme-01,');
  expect(coverage[0]?.reason).toContain('acme-09 and 3 more.');
  expect(calls.map((call) => call.count)).toEqual([2, 3]);
});

test('links that may not be listed leave the account in coverage, with the reason', async () => {
  const { coverage } = await coverageOf((path) =>
    path === '/v1/billingAccounts' ? { body: { billingAccounts: [ACME] } } : refusal(403, 'forbidden', 'no'),
  );
  expect(coverage).toMatchObject([
    {
      scope: 'gcp-billing:012345-567890-ABCDEF',
      status: 'not-covered',
      reason: expect.stringMatching(/could not be listed.*billing\.resourceAssociations\.list/),
    },
  ]);
});

test('no billing account in sight is said, not taken for no spend', async () => {
  const { coverage } = await coverageOf(() => ({ body: {} }));
  expect(coverage).toMatchObject([
    { scope: 'gcp-billing', status: 'not-covered', reason: expect.stringMatching(/Billing Account Viewer/) },
  ]);
});

const FAILED: readonly [string, LoopbackAnswer, RegExp][] = [
  ['a missing right', refusal(403, 'forbidden', 'no'), /Grant billing\.accounts\.list/],
  ['a token that is no good', refusal(401, 'authError', 'no'), /gcloud auth/],
];

test.each(FAILED)('%s is a failed scope with a reason', async (_what, answer, reason) => {
  const { coverage } = await coverageOf(() => answer);
  expect(coverage).toMatchObject([
    { scope: 'gcp-billing', status: 'failed', reason: expect.stringMatching(reason), asOf: null },
  ]);
});

test('a passing fault is tried again', async () => {
  const { coverage, requests } = await coverageOf((path, _params, index) => {
    if (index === 0) return refusal(503, 'backendError');
    return path === '/v1/billingAccounts' ? { body: { billingAccounts: [ACME] } } : { body: {} };
  });
  expect(coverage).toMatchObject([{ scope: 'gcp-billing:012345-567890-ABCDEF' }]);
  expect(requests).toHaveLength(3);
});

test('a page token that comes back is a failure and no endless list', async () => {
  const { coverage } = await coverageOf(() => ({
    body: { billingAccounts: [ACME], nextPageToken: 'again' },
  }));
  expect(coverage).toMatchObject([{ status: 'failed', reason: expect.stringMatching(/same page token/) }]);
});

test('a server that is not there is a failed scope', async () => {
  const { coverage } = await deliver('http://127.0.0.1:9');
  expect(coverage).toMatchObject([{ status: 'failed', reason: expect.stringMatching(/got no answer/) }]);
});

test('without credentials it is told how to get some, and nothing ends the process', async () => {
  const client = new CloudBillingClient({ fallback: true, keyFilename: '/nonexistent/key.json' });
  expect((await read(client)).coverage).toMatchObject([
    {
      scope: 'gcp-billing',
      status: 'failed',
      reason: expect.stringMatching(/^no Google credentials: .*gcloud auth application-default login/s),
    },
  ]);
});
