import { CloudBillingClient } from '@google-cloud/billing';
import { PassThroughClient } from 'google-auth-library';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { describeWithShared } from '../shared.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from './gcp.control.ts';

const url = inject('gcpUrl');
const auth = new PassThroughClient();

const Aggregated = z.object({
  items: z.record(z.string(), z.object({ instances: z.array(z.object({ name: z.string() })).optional() })),
  nextPageToken: z.string().optional(),
});

const get = async (path: string, params: Record<string, string> = {}) =>
  (await auth.request({ url: `${url}${path}`, params, retry: false })).data;

const instances = '/compute/v1/projects/ml-prod/aggregated/instances';

beforeEach(() => resetGcp(url));

test("Google's own client lists the links of a billing account, page by page", async () => {
  const port = Number(new URL(url).port);
  const options = { apiEndpoint: '127.0.0.1', port, protocol: 'http', fallback: true as const };
  // google-gax types its clients by a google-auth-library of its own; at run time any will do.
  Object.assign(options, { authClient: auth });
  const client = new CloudBillingClient(options);
  const [links] = await client.listProjectBillingInfo(
    { name: 'billingAccounts/CU570D-1A4CU5-70D1A4', pageSize: 2 },
    { autoPaginate: true },
  );
  expect(links.map(({ projectId, billingEnabled }) => [projectId, billingEnabled])).toEqual([
    ['cloud-custodian', true],
    ['ml-prod', true],
    ['sandbox', false],
  ]);
  expect(await gcpCalls(url)).toHaveLength(2);
  await client.close();
});

test('an aggregated list is paged across its zones, and nothing is lost or doubled', async () => {
  const names: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = Aggregated.parse(
      await get(instances, { maxResults: '1', ...(pageToken === undefined ? {} : { pageToken }) }),
    );
    names.push(
      ...Object.values(page.items).flatMap((zone) => (zone.instances ?? []).map(({ name }) => name)),
    );
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  expect(names).toEqual(['trainer-1', 'trainer-2', 'web-1']);
});

describe('an answer that Google could not give is refused:', () => {
  test.each([
    ['an unknown field', { items: {}, total: 3 }, '/total'],
    [
      'another type',
      { items: { 'zones/a': { instances: [{ name: 7 }] } } },
      '/items/zones/a/instances/0/name',
    ],
    ['a value outside its enum', { items: { 'zones/a': { instances: [{ status: 'ASLEEP' }] } } }, 'RUNNING'],
    ['a 64-bit integer that is no integer', { items: { 'zones/a': { instances: [{ id: 'x' }] } } }, '64-bit'],
  ])('%s', async (_, body, place) => {
    await expect(answerGcp(url, instances, body)).rejects.toThrow(place);
  });

  test('a path that no API has', async () => {
    await expect(answerGcp(url, '/v1/nothing/here', {})).rejects.toThrow('Google has no GET');
  });
});

test('an answer that fits replaces what was there, until the reset', async () => {
  await answerGcp(url, instances, { items: {} });
  expect(await get(instances)).toEqual({ items: {} });
  await resetGcp(url);
  expect(await get(instances)).toMatchObject({ kind: 'compute#instanceAggregatedList' });
});

describe('errors come in the shape that Google gives them:', () => {
  test('an unknown path and an unknown parameter', async () => {
    await expect(get('/compute/v1/projects/p/nothing')).rejects.toMatchObject({ status: 404 });
    await expect(get(instances, { pagesize: '3' })).rejects.toMatchObject({ status: 400 });
  });

  test('a project that is not there', async () => {
    await expect(get('/compute/v1/projects/other/aggregated/instances')).rejects.toMatchObject({
      status: 404,
    });
  });

  test('a denied and a throttled call, as often as ordered', async () => {
    await disturbGcp(url, { path: 'aggregated/instances', status: 403 });
    const denied = await fetch(`${url}${instances}`);
    expect(await denied.json()).toMatchObject({ error: { code: 403, status: 'PERMISSION_DENIED' } });
    await disturbGcp(url, { path: 'aggregated/instances', status: 429, retryAfter: 2 });
    await expect(get(instances)).rejects.toMatchObject({ status: 429 });
    await expect(get(instances)).resolves.toBeDefined();
  });
});

describeWithShared('recordings of the real APIs', () => {
  test('answer the paths that they were recorded from', async () => {
    expect(await get('/v1/billingAccounts')).toEqual({
      billingAccounts: [
        { name: 'billingAccounts/CU570D-1A4CU5-70D1A4', open: true, displayName: 'Custodian' },
      ],
    });
    const page = Aggregated.parse(await get('/compute/v1/projects/cloud-custodian/aggregated/instances'));
    expect(page.items['zones/us-east1-b']?.instances?.map(({ name }) => name)).toContain('custodian-dev');
  });
});
