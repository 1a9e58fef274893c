import { DescribeJobQueuesResponse$, DescribeJobsResponse$, ListJobsResponse$ } from '@aws-sdk/client-batch';
import {
  ListCustomModelsResponse$,
  ListInferenceProfilesResponse$,
  ListProvisionedModelThroughputsResponse$,
  ListTagsForResourceResponse$,
} from '@aws-sdk/client-bedrock';
import {
  GetKnowledgeBaseResponse$,
  ListTagsForResourceResponse$ as ListAgentTagsResponse$,
  ListKnowledgeBasesResponse$,
} from '@aws-sdk/client-bedrock-agent';
import { CreateDomainCommand as CreateSearchDomainCommand } from '@aws-sdk/client-opensearch';
import {
  BatchGetCollectionResponse$,
  ListCollectionsResponse$,
  ListTagsForResourceResponse$ as ListCollectionTagsResponse$,
} from '@aws-sdk/client-opensearchserverless';
import {
  CreateDomainCommand,
  CreateProcessingJobCommand,
  DescribeAppResponse$,
  DescribeClusterResponse$,
  DescribeProcessingJobResponse$,
  DescribeSpaceResponse$,
  DescribeUserProfileResponse$,
  ListAppsResponse$,
  ListClusterNodesResponse$,
  ListClustersResponse$,
  ListSpacesResponse$,
  ListTagsOutput$,
  ListUserProfilesResponse$,
  SearchResponse$,
} from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { idleGpu, settings as idleSettings } from '../../../lib/checks/idle-gpu.ts';
import { AWS_DATASETS } from '../../../lib/estate/aws/datasets.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope, Snapshot } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts } from '../../checks/facts.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { schemaFaults } from '../../sdk-schema.ts';
import { type Answer, jsonRefusal, OWN, type Proxy, proxy, type Request, session } from './emulated.ts';
import { halfHours, launch, publish } from './fleet.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
const now = new Date();
const HOUR = 3_600_000;
const own = session(moto);
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** An answer that AWS could give: its members are those of the SDK's own schema. */
function told(schema: unknown, value: unknown): Answer {
  expect(schemaFaults(schema, value)).toEqual([]);
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

/** Looks with these datasets at moto, before which `answers` speaks first: by action, or by method and path. */
async function look(
  ids: readonly string[],
  answers: Readonly<Record<string, (request: Request) => Answer | null>> = {},
): Promise<{ snapshot: Snapshot; calls: readonly string[]; paths: readonly string[] }> {
  const paths: string[] = [];
  const before = await proxy(moto, (request) => {
    paths.push(request.path);
    const answer = answers[request.action] ?? answers[request.path];
    return Promise.resolve(answer?.(request) ?? null);
  });
  open.push(before);
  const datasets = AWS_DATASETS.filter(({ id }) => ids.includes(id));
  expect(datasets.map(({ id }) => id).toSorted()).toEqual([...ids].toSorted());
  const snapshot = await collectScope(scope, session(before.url), datasets, now, new Meter());
  return { snapshot, calls: before.calls, paths };
}

const seconds = (hoursAgo: number) => Math.floor((now.getTime() - hoursAgo * HOUR) / 1000);
const iso = (hoursAgo: number) => new Date(seconds(hoursAgo) * 1000).toISOString();
const sagemakerArn = (rest: string) => `arn:aws:sagemaker:us-east-1:${OWN}:${rest}`;
const token = ({ body }: Request): unknown => JSON.parse(body === '' ? '{}' : body).NextToken;

test('an account with nothing is told whole, by every dataset', async () => {
  const taken = await collectScope(scope, own, AWS_DATASETS, now, new Meter());
  expect(taken.coverage).toMatchObject([{ status: 'complete' }]);
});

const hyperpodNode = (InstanceId: string) => ({
  InstanceGroupName: 'workers',
  InstanceId,
  InstanceType: 'ml.g4dn.xlarge',
  LaunchTime: seconds(400),
  InstanceStatus: { Status: 'Running' },
});

/** What Container Insights writes of the devices of a node, and of the node as a whole, for a week. */
async function insights(instance: string, use: (hour: number) => number, memoryMiB = 100): Promise<void> {
  const place = { ClusterName: 'eks', InstanceId: instance, NodeName: `hyperpod-${instance}` };
  for (const dimensions of [{ ...place, GpuDevice: 'nvidia0' }, place]) {
    const hours = halfHours(now, 168).map((at, hour) => ({ at, value: use(hour) }));
    await publish(own.cloudwatch, 'ContainerInsights', 'node_gpu_utilization', dimensions, hours);
    await publish(
      own.cloudwatch,
      'ContainerInsights',
      'node_gpu_memory_used',
      dimensions,
      hours.map(({ at }) => ({ at, value: memoryMiB * 1_048_576 })),
    );
  }
}

const APPS = [
  { DomainId: 'd-1', SpaceName: 'lab', AppType: 'JupyterLab', AppName: 'default', Status: 'InService' },
  { DomainId: 'd-1', SpaceName: 'old', AppType: 'JupyterLab', AppName: 'default', Status: 'Deleted' },
  {
    DomainId: 'd-1',
    UserProfileName: 'ana',
    AppType: 'JupyterServer',
    AppName: 'default',
    Status: 'InService',
  },
];

const described = (given: object) => () =>
  told(DescribeAppResponse$, {
    AppArn: sagemakerArn('app/d-1/lab/JupyterLab/default'),
    AppType: 'JupyterLab',
    AppName: 'default',
    DomainId: 'd-1',
    SpaceName: 'lab',
    Status: 'InService',
    CreationTime: seconds(200),
    ResourceSpec: { InstanceType: 'ml.g4dn.xlarge' },
    ...given,
  });
const tagged = () => told(ListTagsOutput$, { Tags: [{ Key: 'team', Value: 'llm' }] });

const ListApps = () => told(ListAppsResponse$, { Apps: APPS.slice(0, 1) });

describe('Studio', () => {
  test('an app is told with its machine and when its user was last active; a deleted one is gone', async () => {
    const { snapshot } = await look(['aws.sagemaker.apps'], {
      // The second page comes for the token of the first.
      ListApps: (request) =>
        token(request) === undefined
          ? told(ListAppsResponse$, { Apps: APPS.slice(0, 1), NextToken: 'more' })
          : told(ListAppsResponse$, { Apps: APPS.slice(1, 2) }),
      DescribeApp: described({
        LastUserActivityTimestamp: seconds(90),
        LastHealthCheckTimestamp: seconds(1),
      }),
      ListTags: tagged,
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:sagemaker:app',
        id: sagemakerArn('app/d-1/lab/JupyterLab/default'),
        name: 'lab/default',
        state: 'InService',
        created: iso(200),
        tags: { team: 'llm' },
        sku: 'ml.g4dn.xlarge',
        accelerators: [{ kind: 'NVIDIA T4', count: 1 }],
        parent: { type: 'aws:sagemaker:space', id: 'd-1/lab' },
        attributes: { lastActivity: iso(90), lastHealthCheck: iso(1), acceleratorsUnknown: false },
      },
    ]);
  });

  test('a page token that expires on the way leaves the list incomplete: what is behind it is not taken for gone', async () => {
    const { snapshot } = await look(['aws.sagemaker.apps', 'aws.sagemaker.spaces'], {
      ListApps: (request) =>
        token(request) === undefined
          ? told(ListAppsResponse$, { Apps: APPS.slice(0, 1), NextToken: 'old' })
          : jsonRefusal('ValidationException', 'The NextToken has expired'),
      DescribeApp: described({}),
      ListTags: tagged,
    });
    expect(snapshot.resources).toEqual([]);
    expect(snapshot.coverage).toMatchObject([
      {
        status: 'partial',
        incomplete: ['aws.sagemaker.apps'],
        reason: expect.stringContaining('The NextToken has expired'),
      },
    ]);
  });

  test('a time of activity that a health check set is none', async () => {
    const { snapshot } = await look(['aws.sagemaker.apps'], {
      ListApps: () => told(ListAppsResponse$, { Apps: APPS.slice(0, 1) }),
      DescribeApp: described({ LastUserActivityTimestamp: seconds(1), LastHealthCheckTimestamp: seconds(1) }),
      ListTags: tagged,
    });
    expect(snapshot.resources[0]?.attributes).toMatchObject({ lastActivity: null, lastHealthCheck: iso(1) });
  });

  test('an app that runs on nothing of the user has no machine', async () => {
    const { snapshot } = await look(['aws.sagemaker.apps'], {
      ListApps: () => told(ListAppsResponse$, { Apps: APPS.slice(2) }),
      DescribeApp: described({ AppType: 'JupyterServer', ResourceSpec: { InstanceType: 'system' } }),
      ListTags: tagged,
    });
    expect(snapshot.resources).toMatchObject([{ sku: null, accelerators: [] }]);
    const kernel = await look(['aws.sagemaker.apps'], {
      ListApps,
      DescribeApp: described({ AppType: 'KernelGateway', ResourceSpec: { InstanceType: 'system' } }),
      ListTags: tagged,
    });
    expect(kernel.snapshot.resources).toMatchObject([{ sku: 'ml.t3.medium' }]);
  });

  test('an app that is deleted during the walk is left out; one that may not be described is a gap', async () => {
    const gone = await look(['aws.sagemaker.apps'], {
      ListApps,
      DescribeApp: () => jsonRefusal('ResourceNotFound', 'RecordNotFound'),
    });
    expect(gone.snapshot).toMatchObject({ resources: [], coverage: [{ status: 'complete' }] });
    const denied = await look(['aws.sagemaker.apps', 'aws.ec2.volumes'], {
      ListApps,
      DescribeApp: () => jsonRefusal('AccessDeniedException', 'not authorized'),
    });
    expect(denied.snapshot.coverage).toMatchObject([
      { status: 'partial', incomplete: ['aws.sagemaker.apps'] },
    ]);
  });

  test('a domain tells its idle shutdown and what its user profiles set of their own', async () => {
    const { DomainArn } = await own.sagemaker.send(
      new CreateDomainCommand({
        DomainName: 'research',
        AuthMode: 'IAM',
        VpcId: 'vpc-1',
        SubnetIds: ['subnet-1'],
        DefaultUserSettings: {
          ExecutionRole: `arn:aws:iam::${OWN}:role/studio`,
          JupyterLabAppSettings: {
            AppLifecycleManagement: {
              IdleSettings: { LifecycleManagement: 'ENABLED', IdleTimeoutInMinutes: 120 },
            },
          },
        },
      }),
    );
    const DomainId = DomainArn?.split('/').at(-1);
    const { snapshot } = await look(['aws.sagemaker.domains'], {
      ListUserProfiles: () =>
        told(ListUserProfilesResponse$, { UserProfiles: [{ DomainId, UserProfileName: 'ana' }] }),
      DescribeUserProfile: () =>
        told(DescribeUserProfileResponse$, {
          UserSettings: {
            JupyterLabAppSettings: {
              AppLifecycleManagement: { IdleSettings: { LifecycleManagement: 'DISABLED' } },
            },
          },
        }),
      ListTags: tagged,
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:sagemaker:domain',
        id: DomainArn,
        name: 'research',
        attributes: {
          idleShutdown: { jupyterLab: { management: 'ENABLED', minutes: 120 }, codeEditor: null },
          profiles: [
            {
              name: 'ana',
              idleShutdown: { jupyterLab: { management: 'DISABLED', minutes: null }, codeEditor: null },
            },
          ],
        },
      },
    ]);
  });

  test('a space tells whose it is, its volume and its idle time', async () => {
    const { snapshot } = await look(['aws.sagemaker.spaces'], {
      ListSpaces: () => told(ListSpacesResponse$, { Spaces: [{ DomainId: 'd-1', SpaceName: 'lab' }] }),
      DescribeSpace: () =>
        told(DescribeSpaceResponse$, {
          DomainId: 'd-1',
          SpaceArn: sagemakerArn('space/d-1/lab'),
          SpaceName: 'lab',
          Status: 'InService',
          CreationTime: seconds(900),
          OwnershipSettings: { OwnerUserProfileName: 'ana' },
          SpaceSettings: {
            AppType: 'JupyterLab',
            JupyterLabAppSettings: { AppLifecycleManagement: { IdleSettings: { IdleTimeoutInMinutes: 60 } } },
            SpaceStorageSettings: { EbsStorageSettings: { EbsVolumeSizeInGb: 200 } },
          },
        }),
      ListTags: tagged,
    });
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:sagemaker:space',
        id: sagemakerArn('space/d-1/lab'),
        tags: { team: 'llm' },
        attributes: { ownerProfile: 'ana', sizeGiB: 200, idleMinutes: 60 },
      },
    ]);
  });
});

const training = (name: string, given: object = {}) => ({
  TrainingJob: {
    TrainingJobName: name,
    TrainingJobArn: sagemakerArn(`training-job/${name}`),
    TrainingJobStatus: 'Failed',
    SecondaryStatus: 'Failed',
    FailureReason: 'AlgorithmError: out of memory',
    ResourceConfig: { InstanceType: 'ml.g4dn.12xlarge', InstanceCount: 2, VolumeSizeInGB: 100 },
    StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
    CreationTime: seconds(12),
    TrainingStartTime: seconds(11),
    TrainingEndTime: seconds(9),
    BillableTimeInSeconds: 7_000,
    Tags: [{ Key: 'team', Value: 'llm' }],
    ...given,
  },
});

const job = (jobId: string, given: object) => ({
  jobId,
  jobName: jobId,
  jobArn: `arn:aws:batch:us-east-1:${OWN}:job/${jobId}`,
  jobQueue: 'q',
  jobDefinition: 'd',
  status: 'FAILED',
  statusReason: 'Essential container in task exited',
  createdAt: now.getTime() - 3 * HOUR,
  startedAt: now.getTime() - 2 * HOUR,
  stoppedAt: now.getTime() - HOUR,
  ...given,
});

const gpu = (value: string) => ({ resourceRequirements: [{ type: 'GPU', value }] });

describe('jobs', () => {
  test('training jobs come a hundred a call, with what is billed, their machines and tags', async () => {
    const asked: string[] = [];
    const { snapshot } = await look(['aws.sagemaker.training-jobs'], {
      Search: (request) => {
        asked.push(request.body);
        return token(request) === undefined
          ? told(SearchResponse$, { Results: [training('fine-tune-1')], NextToken: 'more' })
          : told(SearchResponse$, {
              Results: [
                training('fine-tune-2', {
                  TrainingJobStatus: 'Stopped',
                  SecondaryStatus: 'MaxRuntimeExceeded',
                  ResourceConfig: {
                    InstanceGroups: [
                      { InstanceType: 'ml.g4dn.xlarge', InstanceCount: 1, InstanceGroupName: 'a' },
                      { InstanceType: 'ml.c5.large', InstanceCount: 3, InstanceGroupName: 'b' },
                    ],
                  },
                }),
              ],
            });
      },
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:sagemaker:training-job',
        id: sagemakerArn('training-job/fine-tune-1'),
        state: 'Failed',
        created: iso(12),
        tags: { team: 'llm' },
        sku: 'ml.g4dn.12xlarge',
        accelerators: [{ kind: 'NVIDIA T4', count: 8 }],
        attributes: {
          jobName: 'fine-tune-1',
          startedAt: iso(11),
          endedAt: iso(9),
          billableSeconds: 7_000,
          instanceCount: 2,
          maxRuntimeSeconds: 86_400,
          endReason: null,
          failureReason: 'AlgorithmError: out of memory',
        },
      },
      {
        sku: 'ml.c5.large, ml.g4dn.xlarge',
        accelerators: [{ kind: 'NVIDIA T4', count: 1 }],
        attributes: { instanceCount: 4, endReason: 'MaxRuntimeExceeded' },
      },
    ]);
    expect(asked).toHaveLength(2);
    const since = new Date(now.getTime() - 30 * 24 * HOUR).toISOString().slice(0, 19);
    expect(JSON.parse(asked[0] ?? '')).toMatchObject({
      Resource: 'TrainingJob',
      SearchExpression: {
        Filters: [{ Name: 'CreationTime', Operator: 'GreaterThanOrEqualTo', Value: since }],
      },
    });
  });

  test('more jobs than are kept are a gap, and the newest are there', async () => {
    let page = 0;
    const { snapshot } = await look(['aws.sagemaker.training-jobs', 'aws.ec2.volumes'], {
      Search: () => {
        page += 1;
        const Results = Array.from({ length: 100 }, (_, at) => training(`job-${page}-${at}`));
        return {
          status: 200,
          type: 'application/json',
          body: JSON.stringify({ Results, NextToken: `${page}` }),
        };
      },
    });
    expect(page).toBe(51);
    expect(snapshot.resources).toHaveLength(5_000);
    expect(snapshot.coverage).toMatchObject([
      {
        status: 'partial',
        incomplete: ['aws.sagemaker.training-jobs'],
        reason: expect.stringContaining('only the newest 5000'),
      },
    ]);
  });

  test('processing jobs are listed, described and tagged', async () => {
    await own.sagemaker.send(
      new CreateProcessingJobCommand({
        ProcessingJobName: 'clean-1',
        RoleArn: `arn:aws:iam::${OWN}:role/sagemaker`,
        AppSpecification: { ImageUri: 'i' },
        ProcessingResources: {
          ClusterConfig: { InstanceType: 'ml.g4dn.xlarge', InstanceCount: 3, VolumeSizeInGB: 30 },
        },
        StoppingCondition: { MaxRuntimeInSeconds: 3_600 },
        Tags: [{ Key: 'team', Value: 'data' }],
      }),
    );
    // moto forgets the machines of a processing job.
    const { snapshot } = await look(['aws.sagemaker.processing-jobs'], {
      DescribeProcessingJob: () =>
        told(DescribeProcessingJobResponse$, {
          ProcessingJobName: 'clean-1',
          ProcessingJobArn: sagemakerArn('processing-job/clean-1'),
          ProcessingJobStatus: 'Completed',
          ProcessingResources: {
            ClusterConfig: { InstanceType: 'ml.g4dn.xlarge', InstanceCount: 3, VolumeSizeInGB: 30 },
          },
          StoppingCondition: { MaxRuntimeInSeconds: 3_600 },
          CreationTime: seconds(3),
          ProcessingStartTime: seconds(2),
          ProcessingEndTime: seconds(1),
        }),
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:sagemaker:processing-job',
        name: 'clean-1',
        tags: { team: 'data' },
        sku: 'ml.g4dn.xlarge',
        accelerators: [{ kind: 'NVIDIA T4', count: 3 }],
        attributes: { instanceCount: 3, maxRuntimeSeconds: 3_600, billableSeconds: 3_600 },
      },
    ]);
  });

  test('of Batch those that ask for GPUs, in queues that Batch itself runs', async () => {
    const jobs = [
      job('one', {
        container: gpu('4'),
        tags: { team: 'llm' },
        // The one before was half an hour, and was billed as well.
        attempts: [
          { startedAt: now.getTime() - 2.75 * HOUR, stoppedAt: now.getTime() - 2.25 * HOUR },
          { startedAt: now.getTime() - 2 * HOUR, stoppedAt: now.getTime() - HOUR },
        ],
      }),
      job('cpu', { container: { resourceRequirements: [{ type: 'VCPU', value: '4' }] } }),
      job('nodes', {
        isTerminated: true,
        nodeProperties: {
          numNodes: 4,
          mainNode: 0,
          nodeRangeProperties: [
            { targetNodes: '0', container: gpu('1') },
            { targetNodes: '1:', container: gpu('8') },
          ],
        },
      }),
      job('array', { arrayProperties: { size: 50 }, container: gpu('1') }),
      job('pod', {
        eksProperties: {
          podProperties: { containers: [{ resources: { limits: { 'nvidia.com/gpu': '2' } } }] },
        },
      }),
    ];
    const { snapshot, paths } = await look(['aws.batch.jobs'], {
      'POST /v1/describejobqueues': () =>
        told(DescribeJobQueuesResponse$, {
          jobQueues: [
            {
              jobQueueName: 'q',
              jobQueueArn: 'arn:q',
              state: 'ENABLED',
              priority: 1,
              computeEnvironmentOrder: [],
            },
            {
              jobQueueName: 's',
              jobQueueArn: 'arn:s',
              state: 'ENABLED',
              priority: 1,
              computeEnvironmentOrder: [],
              jobQueueType: 'SAGEMAKER_TRAINING',
            },
          ],
        }),
      'POST /v1/listjobs': ({ body }) => {
        expect(JSON.parse(body)).toMatchObject({
          jobQueue: 'arn:q',
          filters: [{ name: 'AFTER_CREATED_AT', values: [String(now.getTime() - 30 * 24 * HOUR)] }],
        });
        return told(ListJobsResponse$, {
          jobSummaryList: jobs.map(({ jobId, jobName }) => ({ jobId, jobName })),
        });
      },
      'POST /v1/describejobs': () => told(DescribeJobsResponse$, { jobs }),
    });
    expect(paths.filter((path) => path === 'POST /v1/listjobs')).toHaveLength(1);
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources.map(({ name, attributes }) => [name, attributes['gpus']])).toEqual([
      ['one', 4],
      ['nodes', 25],
      ['array', 1],
      ['pod', 2],
    ]);
    expect(snapshot.resources[0]).toMatchObject({
      type: 'aws:batch:job',
      state: 'FAILED',
      tags: { team: 'llm' },
      attributes: { billableSeconds: 5_400, instanceCount: 1, endReason: null },
    });
    expect(snapshot.resources[3]?.attributes).toMatchObject({ billableSeconds: 3_600 });
    expect(snapshot.resources[1]?.attributes).toMatchObject({ endReason: 'terminated', instanceCount: 4 });
    expect(snapshot.resources[2]?.attributes).toMatchObject({ children: 50, instanceCount: null });
  });

  test('a HyperPod cluster is told with the accelerators of all its groups', async () => {
    const arn = sagemakerArn('cluster/abc');
    const { snapshot } = await look(['aws.sagemaker.clusters'], {
      ListClusters: () =>
        told(ListClustersResponse$, {
          ClusterSummaries: [
            { ClusterArn: arn, ClusterName: 'pod', CreationTime: seconds(99), ClusterStatus: 'InService' },
          ],
        }),
      DescribeCluster: () =>
        told(DescribeClusterResponse$, {
          ClusterArn: arn,
          ClusterName: 'pod',
          ClusterStatus: 'InService',
          CreationTime: seconds(99),
          InstanceGroups: [
            { InstanceGroupName: 'workers', InstanceType: 'ml.g4dn.xlarge', CurrentCount: 3, TargetCount: 4 },
            { InstanceGroupName: 'none', InstanceType: 'ml.c5.large', CurrentCount: 0, TargetCount: 0 },
          ],
          RestrictedInstanceGroups: [
            {
              InstanceGroupName: 'big',
              InstanceType: 'ml.g4dn.12xlarge',
              CurrentCount: 2,
              TargetCount: 2,
              TrainingPlanArn: sagemakerArn('training-plan/q4'),
            },
          ],
        }),
      ListTags: () => told(ListTagsOutput$, { Tags: [{ Key: 'team', Value: 'llm' }] }),
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:sagemaker:cluster',
        id: arn,
        name: 'pod',
        state: 'InService',
        tags: { team: 'llm' },
        sku: 'ml.g4dn.12xlarge, ml.g4dn.xlarge',
        accelerators: [{ kind: 'NVIDIA T4', count: 11 }],
        attributes: {
          acceleratorDevices: 11,
          acceleratorsUnknown: false,
          mlReservations: [sagemakerArn('training-plan/q4')],
        },
      },
    ]);
  });

  describe('a HyperPod cluster', () => {
    const arn = sagemakerArn('cluster/abc');
    const NODES = ['i-0000000000000000a', 'i-0000000000000000b'];
    const answers = {
      ListClusters: () =>
        told(ListClustersResponse$, {
          ClusterSummaries: [
            { ClusterArn: arn, ClusterName: 'pod', CreationTime: seconds(400), ClusterStatus: 'InService' },
          ],
        }),
      DescribeCluster: () =>
        told(DescribeClusterResponse$, {
          ClusterArn: arn,
          ClusterName: 'pod',
          ClusterStatus: 'InService',
          CreationTime: seconds(400),
          InstanceGroups: [
            { InstanceGroupName: 'workers', InstanceType: 'ml.g4dn.xlarge', CurrentCount: 2, TargetCount: 2 },
          ],
        }),
      ListTags: () => told(ListTagsOutput$, { Tags: [] }),
      // The second page comes for the token of the first.
      ListClusterNodes: (request: Request) =>
        told(
          ListClusterNodesResponse$,
          token(request) === undefined
            ? { ClusterNodeSummaries: NODES.slice(0, 1).map(hyperpodNode), NextToken: 'more' }
            : { ClusterNodeSummaries: NODES.slice(1).map(hyperpodNode) },
        ),
    };
    const ids = ['aws.sagemaker.clusters', 'aws.sagemaker.cluster-telemetry'];

    async function verdict() {
      const { snapshot } = await look(ids, answers);
      const { resources, telemetry, coverage } = snapshot;
      const judged = idleGpu.judge(facts({ resources, telemetry, coverage }), idleSettings.parse({}), now);
      return { snapshot, said: judged.map(({ verdict: one, reason }) => `${one}: ${reason}`) };
    }

    test('is as busy as the devices of all its instances', async () => {
      await insights(NODES[0] ?? '', () => 1);
      expect((await verdict()).said).toEqual([expect.stringMatching(/^UNOBSERVED/)]);
      await insights(NODES[1] ?? '', () => 2);
      const { snapshot, said } = await verdict();
      expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
      expect(
        snapshot.telemetry
          .filter(({ metric, statistic }) => metric === 'gpu-utilization' && statistic === 'maximum')
          .map(({ resourceId, device, points }) => [resourceId, device, points.length]),
      ).toEqual(NODES.map((instance) => [arn, `${instance}/0`, 168]));
      expect(said).toEqual([expect.stringMatching(/^SUSPECTED: No device passed 2%.*no second signal/)]);
    });

    test('with a model in the memory of one of its devices is held, and one at work is no finding', async () => {
      await insights(NODES[0] ?? '', () => 1);
      await insights(NODES[1] ?? '', () => 0, 12_000);
      expect((await verdict()).said).toEqual([expect.stringMatching(/^HELD/)]);
      await insights(NODES[1] ?? '', (hour) => (hour === 100 ? 95 : 0));
      expect((await verdict()).said).toEqual([]);
    });

    test('whose instances may not be listed is not judged for want of telemetry', async () => {
      const refused = { ...answers, ListClusterNodes: () => jsonRefusal('AccessDeniedException', 'no') };
      const { snapshot } = await look(ids, refused);
      expect(snapshot.coverage).toMatchObject([
        { status: 'partial', incomplete: ['aws.sagemaker.cluster-telemetry'] },
      ]);
      const { resources, telemetry, coverage } = snapshot;
      expect(idleGpu.judge(facts({ resources, telemetry, coverage }), idleSettings.parse({}), now)).toEqual(
        [],
      );
    });
  });
});

const unit = (name: string, given: object = {}) => ({
  provisionedModelName: name,
  provisionedModelArn: `arn:aws:bedrock:us-east-1:${OWN}:provisioned-model/${name}`,
  modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1',
  desiredModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1',
  foundationModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1',
  modelUnits: 2,
  desiredModelUnits: 2,
  status: 'InService',
  creationTime: iso(1000),
  lastModifiedTime: iso(1000),
  ...given,
});

describe('Bedrock', () => {
  test('provisioned throughputs are told with units and commitment, and what was counted of them', async () => {
    const idle = unit('abc123def456', {
      commitmentDuration: 'OneMonth',
      commitmentExpirationTime: iso(-100),
    });
    const busy = unit('def456abc123');
    // Six hours that are over: a period that is whole.
    const at = new Date(Math.floor(now.getTime() / (6 * HOUR)) * 6 * HOUR - 9 * HOUR);
    await publish(own.cloudwatch, 'AWS/Bedrock', 'Invocations', { ModelId: busy.provisionedModelArn }, [
      { at, value: 7 },
    ]);
    const { snapshot } = await look(['aws.bedrock.provisioned-throughputs', 'aws.bedrock.invocations'], {
      'GET /provisioned-model-throughputs': () =>
        told(ListProvisionedModelThroughputsResponse$, { provisionedModelSummaries: [idle, busy] }),
      'POST /listTagsForResource': () =>
        told(ListTagsForResourceResponse$, { tags: [{ key: 'team', value: 'chat' }] }),
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:bedrock:provisioned-model-throughput',
        id: idle.provisionedModelArn,
        state: 'InService',
        created: iso(1000),
        tags: { team: 'chat' },
        sku: 'amazon.titan-text-express-v1',
        attributes: { modelUnits: 2, commitmentDuration: 'OneMonth', commitmentEnds: iso(-100) },
      },
      { attributes: { commitmentDuration: null, commitmentEnds: null } },
    ]);
    const counted = snapshot.telemetry.filter(({ source }) => source === 'AWS/Bedrock Invocations');
    expect(counted.map(({ resourceId, points }) => [resourceId, points.map(({ value }) => value)])).toEqual([
      [idle.provisionedModelArn, []],
      [busy.provisionedModelArn, [7]],
    ]);
    expect(counted[0]?.expectedPoints).toBe(120);
  });

  test('application inference profiles are told with their models and tags', async () => {
    const { snapshot } = await look(['aws.bedrock.inference-profiles'], {
      'GET /inference-profiles': () =>
        told(ListInferenceProfilesResponse$, {
          inferenceProfileSummaries: [
            {
              inferenceProfileName: 'chat',
              inferenceProfileArn: `arn:aws:bedrock:us-east-1:${OWN}:application-inference-profile/abc`,
              inferenceProfileId: 'abc',
              models: [{ modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0' }],
              status: 'ACTIVE',
              type: 'APPLICATION',
            },
          ],
        }),
      'POST /listTagsForResource': () =>
        told(ListTagsForResourceResponse$, { tags: [{ key: 'team', value: 'chat' }] }),
    });
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:bedrock:inference-profile',
        name: 'chat',
        state: 'ACTIVE',
        tags: { team: 'chat' },
        sku: 'amazon.nova-pro-v1:0',
      },
    ]);
  });

  test('custom models and knowledge bases are listed', async () => {
    const arn = `arn:aws:bedrock:us-east-1:${OWN}:knowledge-base/KB1`;
    const { snapshot } = await look(['aws.bedrock.custom-models', 'aws.bedrock.knowledge-bases'], {
      'GET /custom-models': () =>
        told(ListCustomModelsResponse$, {
          modelSummaries: [
            {
              modelArn: `arn:aws:bedrock:us-east-1:${OWN}:custom-model/amazon.titan-text-lite-v1/abc`,
              modelName: 'ours',
              creationTime: iso(50),
              baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-lite-v1',
              baseModelName: 'Titan Text Lite',
              modelStatus: 'Active',
            },
          ],
        }),
      'POST /listTagsForResource': () =>
        told(ListTagsForResourceResponse$, { tags: [{ key: 'team', value: 'chat' }] }),
      'POST /knowledgebases/': () =>
        told(ListKnowledgeBasesResponse$, {
          knowledgeBaseSummaries: [
            { knowledgeBaseId: 'KB1', name: 'manuals', status: 'ACTIVE', updatedAt: iso(9) },
          ],
        }),
      'GET /knowledgebases/KB1': () =>
        told(GetKnowledgeBaseResponse$, {
          knowledgeBase: {
            knowledgeBaseId: 'KB1',
            name: 'manuals',
            knowledgeBaseArn: arn,
            roleArn: `arn:aws:iam::${OWN}:role/bedrock`,
            status: 'ACTIVE',
            createdAt: iso(99),
            updatedAt: iso(9),
            knowledgeBaseConfiguration: {
              type: 'VECTOR',
              vectorKnowledgeBaseConfiguration: {
                embeddingModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0',
              },
            },
            storageConfiguration: {
              type: 'OPENSEARCH_SERVERLESS',
              opensearchServerlessConfiguration: {
                collectionArn: `arn:aws:aoss:us-east-1:${OWN}:collection/abc`,
                vectorIndexName: 'v',
                fieldMapping: { vectorField: 'v', textField: 't', metadataField: 'm' },
              },
            },
          },
        }),
      [`GET /tags/${encodeURIComponent(arn)}`]: () =>
        told(ListAgentTagsResponse$, { tags: { team: 'docs' } }),
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      { type: 'aws:bedrock:custom-model', name: 'ours', state: 'Active', tags: { team: 'chat' } },
      {
        type: 'aws:bedrock:knowledge-base',
        name: 'manuals',
        tags: { team: 'docs' },
        sku: 'amazon.titan-embed-text-v2:0',
        attributes: { collectionArn: `arn:aws:aoss:us-east-1:${OWN}:collection/abc` },
      },
    ]);
  });
});

/** As the EC2 API Reference shows an answer of DescribeCapacityReservations. */
const item = (id: string, given: Readonly<Record<string, string>> = {}) => {
  const members = {
    capacityReservationId: id,
    ownerId: OWN,
    capacityReservationArn: `arn:aws:ec2:us-east-1:${OWN}:capacity-reservation/${id}`,
    instanceType: 'g4dn.12xlarge',
    availabilityZone: 'us-east-1a',
    totalInstanceCount: '3',
    availableInstanceCount: '2',
    state: 'active',
    startDate: iso(500),
    createDate: iso(600),
    ...given,
  };
  const tag = '<tagSet><item><key>team</key><value>llm</value></item></tagSet>';
  return `<item>${Object.entries(members)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}${tag}</item>`;
};

const answer = (...items: string[]) => ({
  status: 200,
  type: 'text/xml',
  body: `<DescribeCapacityReservationsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><capacityReservationSet>${items.join('')}</capacityReservationSet></DescribeCapacityReservationsResponse>`,
});

describe('capacity reservations', () => {
  test('are told with all their accelerators; those that ended or are shared by others are not', async () => {
    const at = new Date(Math.floor(now.getTime() / (6 * HOUR)) * 6 * HOUR - 9 * HOUR);
    const dimensions = { CapacityReservationId: 'cr-1' };
    await publish(own.cloudwatch, 'AWS/EC2CapacityReservations', 'UsedInstanceCount', dimensions, [
      { at, value: 1 },
    ]);
    const { snapshot } = await look(
      ['aws.ec2.capacity-reservations', 'aws.ec2.capacity-reservation-telemetry'],
      {
        DescribeCapacityReservations: () =>
          answer(
            item('cr-1'),
            item('cr-2', { state: 'cancelled' }),
            item('cr-3', { ownerId: '210987654321' }),
            item('cr-4', { reservationType: 'capacity-block', state: 'scheduled', startDate: iso(-50) }),
          ),
      },
    );
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.resources).toMatchObject([
      {
        type: 'aws:ec2:capacity-reservation',
        id: `arn:aws:ec2:us-east-1:${OWN}:capacity-reservation/cr-1`,
        state: 'active',
        created: iso(500),
        tags: { team: 'llm' },
        sku: 'g4dn.12xlarge',
        accelerators: [{ kind: 'NVIDIA T4', count: 12 }],
        attributes: { totalInstances: 3, availableInstances: 2, reservationType: 'default' },
      },
      { state: 'scheduled', created: iso(-50), attributes: { reservationType: 'capacity-block' } },
    ]);
    expect(
      snapshot.telemetry.map(({ metric, statistic, points }) => [metric, statistic, points.length]),
    ).toEqual([
      ['used-capacity', 'maximum', 1],
      ['used-capacity', 'sample-count', 1],
    ]);
  });
});

test('a machine of several devices is told with the smaller types of its family, one of one device without', async () => {
  await launch(own.ec2, 'g4dn.12xlarge');
  await launch(own.ec2, 'g4dn.xlarge');
  const { snapshot, calls } = await look(['aws.ec2.instances']);
  const types = new Map(snapshot.resources.map(({ sku, attributes }) => [sku, attributes['smallerTypes']]));
  expect(types.get('g4dn.xlarge')).toEqual([]);
  const smaller = types.get('g4dn.12xlarge');
  expect(smaller).toContainEqual({ type: 'g4dn.xlarge', devices: 1, memoryMiB: 16_384 });
  expect(JSON.stringify(smaller)).not.toContain('g4dn.metal');
  expect(calls.filter((call) => call === 'DescribeInstanceTypes')).toHaveLength(2);
});

test('OpenSearch domains and collections are told with their size and kind', async () => {
  await own.opensearch.send(
    new CreateSearchDomainCommand({
      DomainName: 'search',
      ClusterConfig: { InstanceType: 'r6g.large.search', InstanceCount: 3 },
      EBSOptions: { EBSEnabled: true, VolumeSize: 100 },
      TagList: [{ Key: 'team', Value: 'search' }],
    }),
  );
  const arn = `arn:aws:aoss:us-east-1:${OWN}:collection/abc`;
  const { snapshot } = await look(['aws.opensearch.domains', 'aws.opensearchserverless.collections'], {
    ListCollections: () =>
      told(ListCollectionsResponse$, { collectionSummaries: [{ id: 'abc' }, { id: 'gone' }] }),
    BatchGetCollection: () =>
      told(BatchGetCollectionResponse$, {
        collectionDetails: [
          {
            id: 'abc',
            name: 'vectors',
            arn,
            status: 'ACTIVE',
            type: 'VECTORSEARCH',
            createdDate: now.getTime() - HOUR,
          },
        ],
        collectionErrorDetails: [{ id: 'gone', errorCode: 'NOT_FOUND' }],
      }),
    ListTagsForResource: () => told(ListCollectionTagsResponse$, { tags: [{ key: 'team', value: 'llm' }] }),
  });
  expect(snapshot.coverage).toMatchObject([{ status: 'complete' }]);
  expect(snapshot.resources).toMatchObject([
    {
      type: 'aws:opensearch:domain',
      name: 'search',
      tags: { team: 'search' },
      sku: 'r6g.large.search',
      attributes: { instanceCount: 3, volumeGiB: 100 },
    },
    {
      type: 'aws:opensearchserverless:collection',
      name: 'vectors',
      sku: 'VECTORSEARCH',
      tags: { team: 'llm' },
    },
  ]);
});

test('a refusal of any one call leaves its dataset alone incomplete', async () => {
  const refused = jsonRefusal('AccessDeniedException', 'not authorized to perform this');
  const lists: Readonly<Record<string, string>> = {
    ListDomains: 'aws.sagemaker.domains',
    ListSpaces: 'aws.sagemaker.spaces',
    ListApps: 'aws.sagemaker.apps',
    Search: 'aws.sagemaker.training-jobs',
    ListProcessingJobs: 'aws.sagemaker.processing-jobs',
    ListClusters: 'aws.sagemaker.clusters',
    'GET /custom-models': 'aws.bedrock.custom-models',
    'GET /inference-profiles': 'aws.bedrock.inference-profiles',
    'POST /knowledgebases/': 'aws.bedrock.knowledge-bases',
    'POST /v1/describejobqueues': 'aws.batch.jobs',
    'GET /2021-01-01/domain': 'aws.opensearch.domains',
    ListCollections: 'aws.opensearchserverless.collections',
  };
  const ids = Object.values(lists);
  for (const [call, id] of Object.entries(lists)) {
    const { snapshot } = await look(ids, { [call]: () => refused });
    expect({ call, coverage: snapshot.coverage }).toMatchObject({
      call,
      coverage: [{ status: 'partial', incomplete: [id], reason: expect.stringContaining('denied') }],
    });
  }
});

test('every dataset names what it needs before itself, and its permissions', () => {
  const ids = AWS_DATASETS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const late = AWS_DATASETS.flatMap(({ id, needs }, at) =>
    (needs ?? []).filter((need) => !ids.slice(0, at).includes(need)).map((need) => `${id} needs ${need}`),
  );
  expect(late).toEqual([]);
  expect(AWS_DATASETS.filter(({ permissions }) => permissions.length === 0)).toEqual([]);
});
