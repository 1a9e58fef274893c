import { beforeEach, expect, inject, test } from 'vitest';
import { answerGcp, gcpCalls, resetGcp } from '../../counterparts/gcp.control.ts';
import { describeWithShared } from '../../shared.ts';
import { deliver } from './client.ts';

const url = inject('gcpUrl');

beforeEach(() => resetGcp(url));

describeWithShared('the recorded billing account', () => {
  test('is told as not covered, with the projects that it pays for', async () => {
    const { coverage } = await deliver(url);
    expect(coverage).toMatchObject([
      {
        scope: 'gcp-billing:CU570D-1A4CU5-70D1A4',
        status: 'not-covered',
        reason: expect.stringContaining('CU570D-1A4CU5-70D1A4 (Custodian) is not read'),
      },
    ]);
    expect(coverage[0]?.reason).toContain('It pays for 2 projects: cloud-custodian, ml-prod.');
    expect((await gcpCalls(url)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('is left out where an export source reads it', async () => {
    expect((await deliver(url, ['CU570D-1A4CU5-70D1A4'])).coverage).toEqual([]);
  });
});

test('201 links are three pages', async () => {
  await answerGcp(url, '/v1/billingAccounts', {
    billingAccounts: [{ name: 'billingAccounts/CU570D-1A4CU5-70D1A4', open: true }],
  });
  await answerGcp(url, '/v1/billingAccounts/CU570D-1A4CU5-70D1A4/projects', {
    projectBillingInfo: Array.from({ length: 201 }, (_, index) => ({
      projectId: `acme-${index}`,
      billingEnabled: true,
    })),
  });
  const { coverage, calls } = await deliver(url);
  expect(coverage[0]?.reason).toContain('It pays for 201 projects:');
  expect(calls).toEqual([
    { api: 'cloudbilling.billingAccounts.list', count: 1 },
    { api: 'cloudbilling.billingAccounts.projects.list', count: 3 },
  ]);
});
