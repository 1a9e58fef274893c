import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateNotebookInstanceCommand,
  DeleteEndpointCommand,
  type ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { settings as endpointSettings, idleEndpoint } from '../../../lib/checks/idle-endpoint.ts';
import { idleGpu, settings } from '../../../lib/checks/idle-gpu.ts';
import { sparseEndpoint, settings as sparseSettings } from '../../../lib/checks/sparse-endpoint.ts';
import { AWS_DATASETS } from '../../../lib/estate/aws/datasets.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts } from '../../checks/facts.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { type Answer, jsonRefusal, OWN, type Proxy, proxy, type Request, session } from './emulated.ts';
import { halfHours, publish } from './fleet.ts';

const DATASETS = AWS_DATASETS.filter(({ id }) => /^aws\.sagemaker\.(endpoint|notebook)/.test(id));
const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
const SCOPE = `aws:${OWN}:us-east-1`;
const PLAN = `arn:aws:sagemaker:us-east-1:${OWN}:training-plan/inference`;
const ROLE = `arn:aws:iam::${OWN}:role/sagemaker`;
const now = new Date(Date.now() + 170 * 3_600_000);
const { sagemaker, cloudwatch } = session(moto);
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function behind(
  meddle: (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>,
): Promise<Proxy> {
  const made = await proxy(moto, meddle);
  open.push(made);
  return made;
}

async function look(endpoint = moto, meter = new Meter()) {
  return await collectScope(scope, session(endpoint), DATASETS, now, meter);
}

const arn = (name: string) => `arn:aws:sagemaker:us-east-1:${OWN}:endpoint/${name}`;

async function deploy(
  name: string,
  variants: Readonly<Record<string, readonly [ProductionVariantInstanceType, number]>>,
): Promise<void> {
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: `${name}-m`,
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: 'i' },
    }),
  );
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: `${name}-v1`,
      ProductionVariants: Object.entries(variants).map(([VariantName, [InstanceType, count]]) => ({
        VariantName,
        ModelName: `${name}-m`,
        InstanceType,
        InitialInstanceCount: count,
        InitialVariantWeight: 1,
      })),
    }),
  );
  await sagemaker.send(
    new CreateEndpointCommand({
      EndpointName: name,
      EndpointConfigName: `${name}-v1`,
      Tags: [{ Key: 'team', Value: 'llm' }],
    }),
  );
}

/** The emulator with other descriptions of endpoints and their configurations, and with inference components. */
async function described(
  more: { readonly endpoint?: object; readonly variant?: object },
  components?: readonly string[],
): Promise<string> {
  const made = await behind(async ({ action }, pass) => {
    if (action === 'ListInferenceComponents')
      return {
        status: 200,
        type: 'application/x-amz-json-1.1',
        body: JSON.stringify({
          InferenceComponents: (components ?? []).map((name) => ({ InferenceComponentName: name })),
        }),
      };
    if (action !== 'DescribeEndpoint' && action !== 'DescribeEndpointConfig') return null;
    const answer = await pass();
    const told: { ProductionVariants: object[] } = JSON.parse(answer.body);
    const body =
      action === 'DescribeEndpoint'
        ? { ...told, ...more.endpoint }
        : {
            ...told,
            // JSON leaves out what is undefined: a variant without a model hosts components.
            ProductionVariants: told.ProductionVariants.map((variant) => ({
              ...variant,
              ...(components === undefined ? {} : { ModelName: undefined }),
              ...more.variant,
            })),
          };
    return { ...answer, body: JSON.stringify(body) };
  });
  return made.url;
}

/** Values of every hour of a week, by these dimensions. */
async function counted(metric: string, dimensions: Readonly<Record<string, string>>, value: number) {
  const hours = halfHours(now, 168).map((at) => ({ at, value }));
  await publish(cloudwatch, 'AWS/SageMaker', metric, dimensions, hours);
}

/** Hours of a week, all or those from one to another, in which a variant published these values. */
async function published(
  name: string,
  variant: string,
  values: Readonly<Record<string, number>>,
  [from, to] = [0, 168],
) {
  const hours = halfHours(now, 168).slice(from, to);
  for (const [metric, value] of Object.entries(values))
    await publish(
      cloudwatch,
      metric === 'Invocations' ? 'AWS/SageMaker' : '/aws/sagemaker/Endpoints',
      metric,
      { EndpointName: name, VariantName: variant },
      hours.map((at) => ({ at, value })),
    );
}

const QUIET = { GPUUtilization: 1, GPUMemoryUtilization: 4, Invocations: 0 };

async function verdicts(endpoint = moto): Promise<Record<string, string>> {
  const { resources, telemetry, coverage } = await look(endpoint);
  const judged = idleGpu.judge(facts({ resources, telemetry, coverage }), settings.parse({}), now);
  return Object.fromEntries(judged.map(({ resourceName, verdict }) => [resourceName ?? '', verdict]));
}

async function plainVerdicts(endpoint: string): Promise<string[]> {
  const { resources, telemetry, coverage } = await look(endpoint);
  const judged = idleEndpoint.judge(
    facts({ resources, telemetry, coverage }),
    endpointSettings.parse({}),
    now,
  );
  return judged.map(({ verdict }) => verdict);
}

async function reservationsSeen(at?: string) {
  return (await look(at)).resources.map(({ attributes }) => attributes['mlReservations']);
}

describe('endpoints', () => {
  test('are told with their variants, tags, and the accelerators of all their instances', async () => {
    await deploy('chat', { main: ['ml.g4dn.12xlarge', 2], canary: ['ml.g4dn.xlarge', 1] });
    await deploy('rules', { main: ['ml.c5.large', 1] });
    const { resources, coverage } = await look();
    expect(coverage).toMatchObject([{ scope: SCOPE, status: 'complete' }]);
    const chat = resources.find(({ id }) => id === arn('chat'));
    expect(chat).toMatchObject({
      type: 'aws:sagemaker:endpoint',
      name: 'chat',
      state: 'InService',
      tags: { team: 'llm' },
      sku: 'ml.g4dn.12xlarge, ml.g4dn.xlarge',
      dataset: 'aws.sagemaker.endpoints',
      attributes: { configName: 'chat-v1', acceleratorsUnknown: false, acceleratorDevices: 9 },
    });
    // A g4dn.12xlarge has four T4 of 16 GiB, a g4dn.xlarge one (EC2 instance types, G4).
    expect(chat?.accelerators).toEqual([{ kind: 'NVIDIA T4', count: 9, memoryMiB: 9 * 16_384 }]);
    expect(resources.find(({ id }) => id === arn('rules'))?.accelerators).toEqual([]);
  });

  test('are told with the reserved capacity that they run in', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1] });
    const reserved = await behind(async ({ action }, pass) => {
      if (action !== 'DescribeEndpointConfig') return null;
      const answer = await pass();
      return {
        ...answer,
        body: answer.body.replace(
          '"VariantName"',
          `"CapacityReservationConfig": {"CapacityReservationPreference": "capacity-reservations-only", "MlReservationArn": "${PLAN}"}, "VariantName"`,
        ),
      };
    });
    expect(await reservationsSeen(reserved.url)).toEqual([[PLAN]]);
    expect(await reservationsSeen()).toEqual([[]]);
  });

  test('that are deleted during the walk are left out, and nothing is missing', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1] });
    await deploy('old', { main: ['ml.g4dn.xlarge', 1] });
    const racing = await behind(async ({ action }, pass) => {
      if (action !== 'ListEndpoints') return null;
      const answer = await pass();
      await sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'old' }));
      return answer;
    });
    const { resources, coverage } = await look(racing.url);
    expect(resources.map(({ name }) => name)).toEqual(['chat']);
    expect(coverage[0]?.status).toBe('complete');
  });

  test('that may not be described leave the rest of the scope as read', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1] });
    const refusing = await behind(async ({ action }) =>
      action === 'DescribeEndpoint'
        ? jsonRefusal('AccessDeniedException', 'not authorized to perform: sagemaker:DescribeEndpoint')
        : null,
    );
    const { resources, coverage } = await look(refusing.url);
    expect(resources).toEqual([]);
    expect(coverage).toMatchObject([
      {
        status: 'partial',
        incomplete: ['aws.sagemaker.endpoints', 'aws.sagemaker.endpoint-telemetry'],
        reason: expect.stringContaining('sagemaker:DescribeEndpoint was denied'),
      },
    ]);
  });

  test('on a type that EC2 does not describe are kept, as unknown', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1] });
    const newer = await behind(async ({ action }, pass) =>
      action === 'DescribeEndpointConfig'
        ? { ...(await pass()), body: (await pass()).body.replaceAll('ml.g4dn.xlarge', 'ml.z99.xlarge') }
        : null,
    );
    const { resources, coverage } = await look(newer.url);
    expect(resources).toMatchObject([{ accelerators: [], attributes: { acceleratorsUnknown: true } }]);
    expect(coverage[0]).toMatchObject({ status: 'partial', incomplete: ['aws.sagemaker.endpoints'] });
    expect(coverage[0]?.reason).toContain('ml.z99.xlarge');
  });
});

describe('what an endpoint did', () => {
  test('a week without use, requests or a loaded model is idle, however many GPUs it has', async () => {
    await deploy('chat', { main: ['ml.g4dn.12xlarge', 2] });
    await published('chat', 'main', QUIET);
    expect(await verdicts()).toEqual({ chat: 'IDLE' });
  });

  test.each([
    ['one request', { ...QUIET, Invocations: 1 }, 'SUSPECTED'],
    ['a loaded model', { ...QUIET, GPUMemoryUtilization: 60 }, 'HELD'],
    // The sum over four GPUs: one of them may be the one at work.
    ['a sum of 12 percent over four', { ...QUIET, GPUUtilization: 12 }, 'none'],
    ['a sum of 390 percent over four', { ...QUIET, GPUUtilization: 390 }, 'none'],
  ])('with %s it is not', async (_, values, verdict) => {
    await deploy('chat', { main: ['ml.g4dn.12xlarge', 1] });
    await published('chat', 'main', values);
    expect((await verdicts())['chat'] ?? 'none').toBe(verdict);
  });

  test('nothing published is not idle, nor are hours without a point of requests', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1] });
    expect(await verdicts()).toEqual({ chat: 'UNOBSERVED' });
    await published('chat', 'main', { GPUUtilization: 0, GPUMemoryUtilization: 0 });
    expect(await verdicts()).toEqual({ chat: 'SUSPECTED' });
  });

  test('a variant that is silent may be the busy one', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1], canary: ['ml.g4dn.xlarge', 1] });
    await published('chat', 'main', QUIET);
    expect(await verdicts()).toEqual({ chat: 'UNOBSERVED' });
    await published('chat', 'canary', { ...QUIET, GPUUtilization: 80 });
    expect(await verdicts()).toEqual({});
  });

  test('what one variant did counts, too, in an hour in which another one was silent', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1], canary: ['ml.g4dn.xlarge', 1] });
    await published('chat', 'main', QUIET);
    // All hours but five at one end, in which the other variant may have been at work, or not.
    await published('chat', 'canary', QUIET, [0, 163]);
    expect(await verdicts()).toEqual({ chat: 'SUSPECTED' });
    await deploy('talk', { main: ['ml.g4dn.xlarge', 1], canary: ['ml.g4dn.xlarge', 1] });
    await published('talk', 'main', QUIET);
    await published('talk', 'canary', QUIET, [0, 163]);
    await published('talk', 'main', { GPUUtilization: 70 }, [166, 168]);
    expect(await verdicts()).toEqual({ chat: 'SUSPECTED' });
    await published('chat', 'canary', QUIET, [163, 168]);
    expect(await verdicts()).toEqual({ chat: 'IDLE' });
    await published('chat', 'main', { Invocations: 3 }, [166, 168]);
    expect(await verdicts()).toEqual({ chat: 'SUSPECTED' });
    await published('chat', 'main', { GPUUtilization: 70 }, [166, 168]);
    expect(await verdicts()).toEqual({});
  });

  test('requests of every variant count, with accelerators or without', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1], rules: ['ml.c5.large', 1] });
    await published('chat', 'main', QUIET);
    await published('chat', 'rules', { Invocations: 3 });
    expect(await verdicts()).toEqual({ chat: 'SUSPECTED' });
  });

  test('an endpoint without accelerators that nobody asked for a week is idle; one request, and it is not', async () => {
    await deploy('rules', { main: ['ml.c5.large', 1] });
    const meter = new Meter();
    const judged = async () => {
      const { resources, telemetry, coverage } = await look(moto, meter);
      const all = idleEndpoint.judge(
        facts({ resources, telemetry, coverage }),
        endpointSettings.parse({}),
        now,
      );
      return all.map(({ verdict }) => verdict);
    };
    expect(await judged()).toEqual(['UNOBSERVED']);
    await published('rules', 'main', { Invocations: 0 });
    expect(await judged()).toEqual(['IDLE']);
    await published('rules', 'main', { Invocations: 1 });
    expect(await judged()).toEqual([]);
    // Only its requests are asked for: one metric a look.
    expect(meter.total().amount).toBe('0.00003');
  });

  test('telemetry that cannot be read is never idle', async () => {
    await deploy('chat', { main: ['ml.g4dn.xlarge', 1] });
    await published('chat', 'main', QUIET);
    const refusing = await behind(async ({ action }) =>
      action === 'GetMetricData' ? jsonRefusal('AccessDeniedException', 'not authorized') : null,
    );
    expect(await verdicts(refusing.url)).toEqual({});
  });
});

describe('inference components, by whose names alone requests are counted', () => {
  test('an endpoint is idle where every component of it counted none, and not where one is silent or asked', async () => {
    await deploy('pool', { main: ['ml.g4dn.12xlarge', 1] });
    await published('pool', 'main', { GPUUtilization: 1, GPUMemoryUtilization: 4 });
    const url = await described({}, ['mistral', 'llama']);
    const { resources, coverage } = await look(url);
    expect(coverage).toMatchObject([{ status: 'complete' }]);
    expect(resources).toMatchObject([{ attributes: { components: ['llama', 'mistral'] } }]);
    expect(await verdicts(url)).toEqual({ pool: 'SUSPECTED' });
    await counted('Invocations', { InferenceComponentName: 'llama' }, 0);
    expect(await verdicts(url)).toEqual({ pool: 'SUSPECTED' });
    await counted('Invocations', { InferenceComponentName: 'mistral' }, 0);
    expect(await verdicts(url)).toEqual({ pool: 'IDLE' });
    await counted('Invocations', { InferenceComponentName: 'mistral' }, 2);
    expect(await verdicts(url)).toEqual({ pool: 'SUSPECTED' });
  });

  test('one that is asked is not told as one of which no request was ever counted', async () => {
    await deploy('pool', { main: ['ml.c5.large', 1] });
    const url = await described({}, ['rules']);
    expect(await plainVerdicts(url)).toEqual(['UNOBSERVED']);
    await counted('Invocations', { InferenceComponentName: 'rules' }, 40);
    expect(await plainVerdicts(url)).toEqual([]);
  });

  test('that may not be listed leave the endpoints unread', async () => {
    await deploy('pool', { main: ['ml.g4dn.xlarge', 1] });
    const bare = await described({}, []);
    const refusing = await proxy(bare, async ({ action }) =>
      action === 'ListInferenceComponents'
        ? jsonRefusal('AccessDeniedException', 'not authorized to perform: sagemaker:ListInferenceComponents')
        : null,
    );
    open.push(refusing);
    const { coverage } = await look(refusing.url);
    expect(coverage[0]).toMatchObject({ status: 'partial' });
    expect(coverage[0]?.reason).toContain('sagemaker:ListInferenceComponents was denied');
  });
});

describe('an asynchronous endpoint, which counts only what it processed', () => {
  const QUEUE = { endpoint: { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://out/' } } } };
  const variant = { EndpointName: 'batch', VariantName: 'main' };

  test('is in use where it processed something, and is never idle where it did not', async () => {
    await deploy('batch', { main: ['ml.g4dn.xlarge', 1] });
    await published('batch', 'main', { GPUUtilization: 0, GPUMemoryUtilization: 0, Invocations: 0 });
    const url = await described(QUEUE);
    expect(await verdicts(url)).toEqual({ batch: 'SUSPECTED' });
    await counted('InvocationsProcessed', variant, 0);
    expect(await verdicts(url)).toEqual({ batch: 'SUSPECTED' });
  });

  test('without accelerators: nothing is known until it processed something', async () => {
    await deploy('batch', { main: ['ml.c5.large', 1] });
    const url = await described(QUEUE);
    await counted('InvocationsProcessed', variant, 0);
    expect(await plainVerdicts(url)).toEqual(['UNOBSERVED']);
    await counted('InvocationsProcessed', variant, 1);
    expect(await plainVerdicts(url)).toEqual([]);
  });
});

test('an endpoint that lets its machines go is not told to do so', async () => {
  await deploy('pool', { main: ['ml.g4dn.xlarge', 1] });
  await counted('Invocations', { InferenceComponentName: 'llama' }, 0);
  await publish(
    cloudwatch,
    'AWS/SageMaker',
    'Invocations',
    { InferenceComponentName: 'llama' },
    halfHours(now, 168)
      .slice(90, 91)
      .map((at) => ({ at, value: 3 })),
  );
  const sparse = async (minimum: number) => {
    const scaling = { Status: 'ENABLED', MinInstanceCount: minimum, MaxInstanceCount: 2 };
    const url = await described({ variant: { ManagedInstanceScaling: scaling } }, ['llama']);
    const { resources, telemetry, coverage } = await look(url);
    const all = sparseEndpoint.judge(
      facts({ resources, telemetry, coverage }),
      sparseSettings.parse({}),
      now,
    );
    return all.map(({ verdict }) => verdict);
  };
  expect(await sparse(1)).toEqual(['INEFFICIENT']);
  expect(await sparse(0)).toEqual([]);
});

test('a notebook with a GPU is told whole, and nobody can say that it is idle', async () => {
  await sagemaker.send(
    new CreateNotebookInstanceCommand({
      NotebookInstanceName: 'lab',
      InstanceType: 'ml.p3.2xlarge',
      RoleArn: ROLE,
      Tags: [{ Key: 'owner', Value: 'ana' }],
    }),
  );
  // The emulator takes only types of years ago, and no longer describes those.
  const today = await behind(async ({ action }, pass) => {
    if (action !== 'ListNotebookInstances') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replaceAll('ml.p3.2xlarge', 'ml.g4dn.xlarge') };
  });
  const { resources } = await look(today.url);
  expect(resources).toMatchObject([
    {
      type: 'aws:sagemaker:notebook-instance',
      id: `arn:aws:sagemaker:us-east-1:${OWN}:notebook-instance/lab`,
      name: 'lab',
      state: 'InService',
      tags: { owner: 'ana' },
      sku: 'ml.g4dn.xlarge',
      accelerators: [{ kind: 'NVIDIA T4', count: 1, memoryMiB: 16_384 }],
    },
  ]);
  expect(await verdicts(today.url)).toEqual({ lab: 'UNOBSERVED' });
});
