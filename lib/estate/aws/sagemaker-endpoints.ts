import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointOutput,
  type EndpointSummary,
  ListEndpointsCommand,
  ListInferenceComponentsCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { summed, type TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import {
  AT_ONCE,
  SAGEMAKER_TAGS_PERMISSION,
  sagemakerTags,
  unlessGone,
  withAccelerators,
} from './sagemaker.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import type { PartedTags } from './tags.ts';

const LIST: Permission = { cloud: 'aws', action: 'sagemaker:ListEndpoints', why: 'lists endpoints' };
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeEndpoint',
  why: 'tells how many instances each variant of an endpoint runs',
};
const CONFIG: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeEndpointConfig',
  why: 'tells which instance type each variant of an endpoint runs on',
};

const COMPONENTS: Permission = {
  cloud: 'aws',
  action: 'sagemaker:ListInferenceComponents',
  why: 'names the inference components of an endpoint, by which its requests are counted',
};

/** One variant as it runs now. */
interface Variant {
  readonly name: string;
  /** `ml.g5.2xlarge`; null for a serverless variant. */
  readonly instanceType: string | null;
  readonly instances: number;
}

interface Endpoint {
  readonly arn: string;
  readonly name: string;
  readonly told: DescribeEndpointOutput;
  readonly variants: readonly Variant[];
  /** ARNs of the reserved capacity that variants run in. */
  readonly reservations: readonly string[];
  /** Names of the inference components that carry its models; null where its variants do. */
  readonly components: readonly string[] | null;
  /** Does it let all its machines go when nobody asks? */
  readonly scalesToZero: boolean;
  readonly parted: PartedTags;
}

/**
 * SageMaker endpoints with their variants, and the accelerators under all instances of them. `created` is when an
 * endpoint was last modified: what ran before was another deployment.
 *
 * It does not see: the instances one by one, what scales it by Application Auto Scaling, batch transform.
 */
export const awsSagemakerEndpoints: Dataset<AwsSession> = {
  id: 'aws.sagemaker.endpoints',
  permissions: [LIST, DESCRIBE, CONFIG, COMPONENTS, SAGEMAKER_TAGS_PERMISSION, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListEndpointsCommand({
          MaxResults: 100,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const listed = new Map<string, EndpointSummary>();
    for await (const { Endpoints } of pages)
      for (const endpoint of Endpoints ?? []) listed.set(endpoint.EndpointArn ?? '', endpoint);
    const limit = pLimit(AT_ONCE);
    const described = await Promise.all(
      [...listed.values()].map((one) => limit(() => describe(session, one, where, meter))),
    );
    const endpoints = described.filter((one) => one !== null);
    const types = endpoints.flatMap(({ variants }) =>
      variants.flatMap(({ instanceType }) => instanceType ?? []),
    );
    return await withAccelerators(session, types, where, meter, (known) =>
      endpoints.map((endpoint) => resourceOf(endpoint, session, known)),
    );
  },
};

/** Null where it was deleted meanwhile. */
async function describe(
  session: AwsSession,
  { EndpointName: name = '', EndpointArn: arn = '' }: EndpointSummary,
  where: string,
  meter: Meter,
): Promise<Endpoint | null> {
  return await unlessGone(async () => {
    const told = await awsCall({ action: DESCRIBE.action, where, meter }, () =>
      session.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })),
    );
    const config = await awsCall({ action: CONFIG.action, where, meter }, () =>
      session.sagemaker.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: told.EndpointConfigName }),
      ),
    );
    const running = new Map(
      [...(told.ProductionVariants ?? []), ...(told.ShadowProductionVariants ?? [])].map((variant) => [
        variant.VariantName,
        variant.CurrentInstanceCount,
      ]),
    );
    const configured = [...(config.ProductionVariants ?? []), ...(config.ShadowProductionVariants ?? [])];
    const variants = configured.map(
      ({ VariantName = '', InstanceType, InitialInstanceCount }): Variant => ({
        name: VariantName,
        instanceType: InstanceType ?? null,
        instances: InstanceType === undefined ? 0 : (running.get(VariantName) ?? InitialInstanceCount ?? 0),
      }),
    );
    const reservations = configured.flatMap(
      ({ CapacityReservationConfig }) => CapacityReservationConfig?.MlReservationArn ?? [],
    );
    const byComponents =
      configured.length > 0 && configured.every(({ ModelName }) => ModelName === undefined);
    return {
      arn,
      name,
      told,
      variants,
      reservations,
      components: byComponents ? await componentsOf(session, name, where, meter) : null,
      scalesToZero: configured.length > 0 && configured.every(mayBeZero),
      parted: await sagemakerTags(session, arn, where, meter),
    };
  });
}

/** Managed instance scaling with a minimum of none (SageMaker API Reference, ProductionVariantManagedInstanceScaling). */
function mayBeZero({ ManagedInstanceScaling }: ProductionVariant): boolean {
  return ManagedInstanceScaling?.Status === 'ENABLED' && ManagedInstanceScaling.MinInstanceCount === 0;
}

async function componentsOf(
  session: AwsSession,
  EndpointNameEquals: string,
  where: string,
  meter: Meter,
): Promise<readonly string[]> {
  const pages = awsPages({ action: COMPONENTS.action, where, meter }, (token) =>
    session.sagemaker.send(
      new ListInferenceComponentsCommand({
        EndpointNameEquals,
        MaxResults: 100,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  const names = new Set<string>();
  for await (const { InferenceComponents } of pages)
    for (const { InferenceComponentName: name } of InferenceComponents ?? [])
      if (name !== undefined) names.add(name);
  return [...names].toSorted();
}

function resourceOf(
  { arn, name, told, variants, reservations, components, scalesToZero, parted }: Endpoint,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const machines = variants.filter(({ instances, instanceType }) => instances > 0 && instanceType !== null);
  const types = [...new Set(machines.flatMap(({ instanceType }) => instanceType ?? []))].toSorted();
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:sagemaker:endpoint',
    id: arn,
    name,
    state: told.EndpointStatus ?? 'unknown',
    created: (told.LastModifiedTime ?? told.CreationTime)?.toISOString() ?? null,
    tags: parted.tags,
    sku: types.length === 0 ? null : types.join(', '),
    accelerators: summed(
      machines.map(({ instanceType, instances }) => ({ of: known.get(instanceType ?? ''), instances })),
    ),
    parent: null,
    attributes: {
      endpointName: name,
      configName: told.EndpointConfigName ?? null,
      createdAt: told.CreationTime?.toISOString() ?? null,
      acceleratorsUnknown: types.some((type) => !known.has(type)),
      acceleratorDevices: machines.reduce(
        (sum, { instanceType, instances }) => sum + instances * (known.get(instanceType ?? '')?.devices ?? 0),
        0,
      ),
      variants: variants.map((variant) => ({
        ...variant,
        devices: known.get(variant.instanceType ?? '')?.devices ?? null,
      })),
      mlReservations: [...new Set(reservations)].toSorted(),
      components,
      scalesToZero,
      // Its requests wait in a queue, and are counted when they were processed.
      asynchronous: told.AsyncInferenceConfig !== undefined,
      systemTags: parted.systemTags,
    },
  };
}
