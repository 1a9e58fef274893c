import { beforeEach, expect, inject, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import { gcpDatasets } from '../../../lib/estate/gcp/datasets.ts';
import { gcpRecommender } from '../../../lib/estate/gcp/recommender.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import {
  answerGcp,
  disturbGcp,
  gcpCalls,
  preferRecording,
  resetGcp,
} from '../../counterparts/gcp.control.ts';
import { describeWithShared } from '../../shared.ts';
import { signedIn } from './loopback.ts';

const endpoint = inject('gcpUrl');
const NOW = new Date('2026-11-22T12:30:00Z');
const DATASETS = [
  ...gcpDatasets(undefined).filter(({ id }) =>
    /^gcp\.(compute\.(instances|disks|addresses|images|reservations)|sqladmin\.instances)$/.test(id),
  ),
  gcpRecommender,
];

beforeEach(() => resetGcp(endpoint));

async function look(projectId = 'ml-prod') {
  const session = gcpSession({
    projectId,
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: projectId, region: 'global' };
  return await collectScope(scope, session, DATASETS, NOW, new Meter());
}

/** Every list that the look asks for answers; a test sets those that say something. */
async function nothing(projectId: string): Promise<string[]> {
  const asked: string[] = [];
  for (;;) {
    await look(projectId);
    const missing = (await gcpCalls(endpoint)).filter(
      ({ path, status }) => status === 404 && path.includes('/recommenders/') && !asked.includes(path),
    );
    if (missing.length === 0) return asked;
    for (const { path } of missing) {
      asked.push(path);
      await answerGcp(endpoint, path, { recommendations: [] });
    }
  }
}

const parent = (location: string, recommender: string) =>
  `/v1/projects/ml-prod/locations/${location}/recommenders/${recommender}/recommendations`;

function recommendation(location: string, recommender: string, more: object) {
  return {
    name: `${parent(location, recommender).slice('/v1/'.length)}/r-1`,
    stateInfo: { state: 'ACTIVE' },
    lastRefreshTime: '2026-11-21T07:00:00Z',
    ...more,
  };
}

const cost = (units: string | undefined, nanos: number, duration = '2592000s') => ({
  category: 'COST',
  costProjection: {
    cost: { currencyCode: 'USD', ...(units === undefined ? {} : { units }), nanos },
    duration,
  },
});

test('each recommender is asked in the zones and regions of its things alone, and says what Google says', async () => {
  const asked = await nothing('ml-prod');
  const of = (recommender: string) =>
    asked.filter((path) => path.includes(recommender)).map((path) => path.split('/')[5] ?? '');
  const taken = await look();
  const places = (type: string) =>
    [...new Set(taken.resources.filter((one) => one.type === type).map(({ region }) => region))].toSorted();
  expect(of('compute.instance.Idle').toSorted()).toEqual(places('gcp:compute:instance'));
  expect(of('compute.instance.MachineType').toSorted()).toEqual(places('gcp:compute:instance'));
  expect(of('compute.disk.Idle').toSorted()).toEqual(places('gcp:compute:disk'));
  expect(of('compute.address.Idle').toSorted()).toEqual(places('gcp:compute:address'));
  expect(of('compute.IdleResource')).toEqual(places('gcp:compute:reservation'));
  expect(of('compute.image.Idle')).toEqual(['global']);
  expect(of('cloudsql.instance.IdleRecommender')).toEqual(places('gcp:sqladmin:instance'));
  expect(of('cloudsql.instance.Overprovisioned')).toEqual(places('gcp:sqladmin:instance'));
  const regions = new Set(places('gcp:compute:instance').map((zone) => zone.replace(/-[a-z]$/, '')));
  expect(of('compute.commitment.UsageCommitment').toSorted()).toEqual([...regions].toSorted());
  expect(taken).toMatchObject({ advice: [], coverage: [{ status: 'complete' }] });

  const machine = taken.resources.find(({ type }) => type === 'gcp:compute:instance');
  const zone = machine?.region ?? '';
  const idle = 'google.compute.instance.IdleResourceRecommender';
  const size = 'google.compute.instance.MachineTypeRecommender';
  const change = (path: string, value: string) => ({
    operationGroups: [
      {
        operations: [
          { action: 'add', resource: '//compute.googleapis.com/projects/ml-prod/global/snapshots/$name' },
          {
            action: 'replace',
            // Names of Google hold the number of the project or its id.
            resource: machine?.id.replace('projects/ml-prod', 'projects/123456'),
            path,
            value,
          },
        ],
      },
    ],
  });
  await answerGcp(endpoint, parent(zone, idle), {
    recommendations: [
      recommendation(zone, idle, {
        description: 'Stop it.',
        recommenderSubtype: 'STOP_VM',
        primaryImpact: cost('-41', -250_000_000),
        content: change('/status', 'TERMINATED'),
      }),
      recommendation(zone, idle, { stateInfo: { state: 'DISMISSED' }, description: 'dismissed' }),
      recommendation(zone, idle, { stateInfo: { state: 'SUCCEEDED' }, description: 'done' }),
    ],
  });
  await answerGcp(endpoint, parent(zone, size), {
    recommendations: [
      recommendation(zone, size, {
        description: 'Make it larger.',
        recommenderSubtype: 'CHANGE_MACHINE_TYPE',
        // A day's projection, of which the month is thirty; and it costs more.
        primaryImpact: cost(undefined, 100_000_001, '86400s'),
        content: { overview: { resource: machine?.id, location: zone } },
      }),
      recommendation(zone, size, { description: 'of nothing named', content: { overview: {} } }),
    ],
  });
  const { advice, coverage } = await look();
  expect(coverage).toMatchObject([{ status: 'complete' }]);
  expect(
    advice?.map(({ kind, finding, action, resourceId, monthlySaving }) => [
      kind,
      finding,
      action,
      resourceId,
      monthlySaving?.amount ?? null,
    ]),
  ).toEqual([
    ['idle', 'STOP_VM', 'Stop it.', machine?.id, '41.25'],
    ['size', 'CHANGE_MACHINE_TYPE', 'Make it larger.', machine?.id, '-3.00000003'],
    [
      'size',
      'not told',
      'of nothing named',
      `//recommender.googleapis.com/${parent(zone, size).slice('/v1/'.length)}/r-1`,
      null,
    ],
  ]);
  expect(advice?.[0]).toMatchObject({
    provider: 'gcp',
    accountId: 'ml-prod',
    region: zone,
    adviser: 'GCP Recommender',
    repeats: null,
    discounts: 'not told',
    at: '2026-11-21T07:00:00.000Z',
  });
});

test('all pages are read', async () => {
  await nothing('ml-prod');
  const { resources } = await look();
  const zone = resources.find(({ type }) => type === 'gcp:compute:disk')?.region ?? '';
  const idle = 'google.compute.disk.IdleResourceRecommender';
  const many = Array.from({ length: 1_203 }, (_, at) =>
    recommendation(zone, idle, { description: `number ${at}`, primaryImpact: cost('0', -1) }),
  );
  await answerGcp(endpoint, parent(zone, idle), { recommendations: many });
  const { advice } = await look();
  expect(new Set(advice?.map(({ action }) => action)).size).toBe(1_203);
  expect(advice?.[0]?.monthlySaving).toEqual({ amount: '0.000000001', currency: 'USD' });
});

test('one list that is denied is a gap of this dataset alone, and the others are kept', async () => {
  await nothing('ml-prod');
  await disturbGcp(endpoint, { path: 'MachineTypeRecommender', status: 403 }, 1);
  const { advice, coverage, resources } = await look();
  expect(advice).toEqual([]);
  expect(resources.length).toBeGreaterThan(0);
  expect(coverage).toMatchObject([{ status: 'partial', incomplete: ['gcp.recommender'] }]);
  expect(coverage[0]?.reason).toContain('google.compute.instance.MachineTypeRecommender in ');
});

test('an API that is not enabled is switched off, and no gap', async () => {
  await nothing('ml-prod');
  await disturbGcp(endpoint, { path: '/recommenders/', status: 403, reason: 'SERVICE_DISABLED' }, 50);
  const { coverage, advice } = await look();
  expect(coverage).toMatchObject([{ status: 'complete', reason: null, switchedOff: ['gcp.recommender'] }]);
  expect(advice).toBeUndefined();
});

describeWithShared('recorded answers of Google', () => {
  test('idle disks are told by the disk, with what a month would save', async () => {
    await preferRecording(endpoint, 'disk-recommend');
    for (const path of [
      '/compute/v1/projects/cloud-custodian/global/images',
      '/compute/v1/projects/cloud-custodian/aggregated/reservations',
      '/v1/projects/cloud-custodian/instances',
    ])
      await answerGcp(endpoint, path, {});
    await nothing('cloud-custodian');
    const { advice } = await look('cloud-custodian');
    expect(
      advice?.map(({ resourceId, finding, monthlySaving }) => [resourceId, finding, monthlySaving?.amount]),
    ).toContainEqual([
      '//compute.googleapis.com/projects/cloud-custodian/zones/us-central1-a/disks/disk-1',
      'SNAPSHOT_AND_DELETE_DISK',
      '1.548387097',
    ]);
    expect(advice?.find(({ resourceId }) => resourceId.endsWith('/instance-1'))?.monthlySaving).toEqual({
      amount: '0.483870968',
      currency: 'USD',
    });
  });
});
