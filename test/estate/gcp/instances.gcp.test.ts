import { beforeEach, expect, inject, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import { gcpInstances } from '../../../lib/estate/gcp/instances.ts';
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
const NOW = new Date('2026-11-22T12:00:00Z');

beforeEach(() => resetGcp(endpoint));

async function look(projectId: string) {
  const session = gcpSession({
    projectId,
    auth: signedIn(),
    endpoint,
    attempts: 3,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: projectId, region: 'global' };
  return await collectScope(scope, session, [gcpInstances], NOW, new Meter());
}

/** Answers of machineTypes.get for the recorded machines, which have none recorded. */
async function describeType(project: string, zone: string, name: string): Promise<void> {
  await answerGcp(endpoint, `/compute/v1/projects/${project}/zones/${zone}/machineTypes/${name}`, {
    kind: 'compute#machineType',
    name,
    zone,
  });
}

test('attached and brought-along accelerators are seen, and every parameter sent is one that Google knows', async () => {
  const { resources, coverage } = await look('ml-prod');
  expect(coverage).toMatchObject([{ scope: 'gcp:ml-prod', status: 'complete' }]);
  expect(resources.map((one) => [one.name, one.sku, one.state, one.accelerators, one.tags])).toEqual([
    [
      'trainer-1',
      'n1-standard-8',
      'RUNNING',
      [{ kind: 'nvidia-tesla-t4', count: 2, memoryMiB: null }],
      { team: 'vision', env: 'prod' },
    ],
    [
      'trainer-2',
      'a2-highgpu-1g',
      'RUNNING',
      [{ kind: 'nvidia-tesla-a100', count: 1, memoryMiB: null }],
      { team: 'llm' },
    ],
    ['web-1', 'e2-medium', 'TERMINATED', [], {}],
  ]);
  expect((await gcpCalls(endpoint)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('501 instances are two pages, none lost and none twice', async () => {
  const zone = 'https://www.googleapis.com/compute/v1/projects/ml-prod/zones/us-central1-a';
  const names = Array.from({ length: 501 }, (_, index) => `node-${String(index).padStart(3, '0')}`);
  await answerGcp(endpoint, '/compute/v1/projects/ml-prod/aggregated/instances', {
    items: {
      'zones/us-central1-a': {
        instances: names.map((name, index) => ({
          id: String(index + 1),
          name,
          status: 'RUNNING',
          machineType: `${zone}/machineTypes/e2-medium`,
          creationTimestamp: '2026-06-01T08:00:00.000-07:00',
        })),
      },
    },
  });
  const { resources } = await look('ml-prod');
  expect(resources.map((one) => one.name)).toEqual(names);
  const lists = (await gcpCalls(endpoint)).filter(({ path }) => path.endsWith('/aggregated/instances'));
  expect(lists).toHaveLength(2);
});

test('a throttled list passes when the throttle does; a denied one is a failed scope', async () => {
  await disturbGcp(endpoint, { path: 'aggregated/instances', status: 429 }, 2);
  expect((await look('ml-prod')).coverage).toMatchObject([{ status: 'complete' }]);
  await disturbGcp(endpoint, { path: 'aggregated/instances', status: 403 }, 9);
  const { coverage, resources } = await look('ml-prod');
  expect(resources).toEqual([]);
  expect(coverage).toMatchObject([
    { status: 'failed', reason: expect.stringContaining('Grant compute.instances.list') },
  ]);
});

describeWithShared('recorded projects', () => {
  test('instances with labels, states and zones come out as they were recorded', async () => {
    await preferRecording(endpoint, 'instance-query');
    for (const zone of ['us-east1-b', 'us-central1-b'])
      await describeType('cloud-custodian', zone, 'n1-standard-1');
    await describeType('cloud-custodian', 'us-east1-d', 'n1-standard-2');
    const { resources, coverage } = await look('cloud-custodian');
    expect(coverage).toMatchObject([{ status: 'complete' }]);
    expect(
      resources.map((one) => [one.name, one.region, one.state, one.created, Object.keys(one.tags)]),
    ).toEqual([
      ['custodian-dev', 'us-east1-b', 'TERMINATED', '2017-05-01T19:34:32.859Z', []],
      ['c7n-jenkins', 'us-central1-b', 'RUNNING', '2018-05-19T12:15:46.024Z', []],
      ['drone', 'us-central1-b', 'TERMINATED', '2017-11-01T10:28:50.885Z', []],
      [
        'custodian',
        'us-east1-d',
        'RUNNING',
        '2016-04-24T08:44:01.573Z',
        ['http-server', 'https-server', 'ci', 'drone', 'custodian'],
      ],
    ]);
  });

  test('the last start of a machine is when its running began', async () => {
    await preferRecording(endpoint, 'filter-metrics');
    await describeType('cloud-custodian', 'us-east4-c', 'e2-micro');
    const { resources } = await look('cloud-custodian');
    expect(resources).toMatchObject([
      {
        name: 'iap-test-webapp',
        created: '2021-03-25T13:51:01.815Z',
        attributes: { creationTimestamp: '2021-03-12T02:43:09.644Z' },
      },
    ]);
  });
});
