import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointOutput,
  DescribeModelCommand,
} from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import type { Json } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { NOT_FOUND, SAYS_NOT_FOUND } from './aws-sagemaker.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';

/** Weight and number of machines that a variant had; autoscaling moves them away from the config's. */
const variant = z.strictObject({
  name: z.string(),
  weight: z.number().nullable(),
  instances: z.int().nullable(),
});
export type Variant = z.output<typeof variant>;

const json: z.ZodType<Json> = z.json();

/** A registered target of Application Auto Scaling, with its policies in the API's own words. */
const scaling = z.strictObject({
  resourceId: z.string(),
  dimension: z.string(),
  min: z.int(),
  max: z.int(),
  suspended: z.strictObject({ in: z.boolean(), out: z.boolean(), scheduled: z.boolean() }),
  policies: z.array(z.strictObject({ name: z.string(), type: z.string(), targetTracking: json, step: json })),
});
export type Scaling = z.output<typeof scaling>;

/** All that brings an endpoint back: kept in the undo plan. */
export const endpointShape = z.strictObject({
  name: z.string(),
  arn: z.string(),
  config: z.string(),
  created: z.string(),
  modified: z.string(),
  tags: z.record(z.string(), z.string()),
  variants: z.array(variant),
  scaling: z.array(scaling),
});
export type EndpointMemory = z.output<typeof endpointShape>;

/** The endpoint by name; null where it does not exist or is being deleted. */
export async function describeEndpoint(
  session: AwsActSession,
  name: string,
): Promise<DescribeEndpointOutput | null> {
  const found = await unless(
    NOT_FOUND,
    () =>
      act(session, 'sagemaker:DescribeEndpoint', () =>
        session.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })),
      ),
    SAYS_NOT_FOUND,
  );
  return found === null || found.EndpointStatus === 'Deleting' ? null : found;
}

/** Why the endpoint could not be made again from what is left of it; null where it could. */
export async function whyNotAgain(session: AwsActSession, config: string): Promise<string | null> {
  const found = await unless(
    NOT_FOUND,
    () =>
      act(session, 'sagemaker:DescribeEndpointConfig', () =>
        session.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: config })),
      ),
    SAYS_NOT_FOUND,
  );
  if (found === null) return `its configuration ${config} is gone: it could not be made again`;
  const variants = [...(found.ProductionVariants ?? []), ...(found.ShadowProductionVariants ?? [])];
  for (const { ModelName, VariantName } of variants) {
    // Without a model, inference components carry the models, and go with the endpoint.
    if (ModelName === undefined)
      return `its variant ${VariantName ?? ''} hosts inference components: they could not be made again`;
    const model = await unless(
      NOT_FOUND,
      () =>
        act(session, 'sagemaker:DescribeModel', () =>
          session.sagemaker.send(new DescribeModelCommand({ ModelName })),
        ),
      SAYS_NOT_FOUND,
    );
    if (model === null) return `its model ${ModelName} is gone: it could not be made again`;
  }
  return null;
}

/** What scales its variants. Throws (conflict) for what could not be put back as it is. */
export async function scalingOf(
  session: AwsActSession,
  endpoint: DescribeEndpointOutput,
): Promise<Scaling[]> {
  const name = endpoint.EndpointName ?? '';
  const ids = (endpoint.ProductionVariants ?? []).flatMap(({ VariantName }) =>
    VariantName === undefined ? [] : [`endpoint/${name}/variant/${VariantName}`],
  );
  if (ids.length === 0) return [];
  const { ScalableTargets } = await act(session, 'application-autoscaling:DescribeScalableTargets', () =>
    session.applicationAutoScaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker', ResourceIds: ids }),
    ),
  );
  const all: Scaling[] = [];
  for (const target of ScalableTargets ?? []) {
    const { ResourceId, ScalableDimension, MinCapacity, MaxCapacity, SuspendedState } = target;
    if (ResourceId === undefined || MinCapacity === undefined || MaxCapacity === undefined)
      throw new BursarError('unavailable', `Application Auto Scaling did not describe ${name} whole`, {
        where: placeName(session),
      });
    all.push({
      resourceId: ResourceId,
      dimension: ScalableDimension ?? 'sagemaker:variant:DesiredInstanceCount',
      min: MinCapacity,
      max: MaxCapacity,
      suspended: {
        in: SuspendedState?.DynamicScalingInSuspended ?? false,
        out: SuspendedState?.DynamicScalingOutSuspended ?? false,
        scheduled: SuspendedState?.ScheduledScalingSuspended ?? false,
      },
      policies: await policiesOf(session, ResourceId),
    });
  }
  return all;
}

async function policiesOf(session: AwsActSession, resourceId: string): Promise<Scaling['policies']> {
  const query = { ServiceNamespace: 'sagemaker', ResourceId: resourceId } as const;
  const scheduled = await act(session, 'application-autoscaling:DescribeScheduledActions', () =>
    session.applicationAutoScaling.send(new DescribeScheduledActionsCommand(query)),
  );
  const answer = await act(session, 'application-autoscaling:DescribeScalingPolicies', () =>
    session.applicationAutoScaling.send(new DescribeScalingPoliciesCommand(query)),
  );
  const cannot = (what: string) =>
    new BursarError('conflict', `${resourceId} has ${what}, which this version cannot put back`, {
      where: placeName(session),
      hint: 'Nothing was done: take it away, or delete the endpoint yourself.',
    });
  if ((scheduled.ScheduledActions ?? []).length > 0) throw cannot('scheduled scaling actions');
  if (answer.NextToken !== undefined) throw cannot('more scaling policies than a page');
  return (answer.ScalingPolicies ?? []).map(
    ({
      PolicyName,
      PolicyType,
      TargetTrackingScalingPolicyConfiguration,
      StepScalingPolicyConfiguration,
    }) => {
      if (
        PolicyName === undefined ||
        (PolicyType !== 'TargetTrackingScaling' && PolicyType !== 'StepScaling')
      )
        throw cannot(`a scaling policy of type ${PolicyType ?? 'unknown'}`);
      return {
        name: PolicyName,
        type: PolicyType,
        targetTracking: plain(TargetTrackingScalingPolicyConfiguration),
        step: plain(StepScalingPolicyConfiguration),
      };
    },
  );
}

/** An API's value as a plan can hold it. */
function plain(value: unknown): Json {
  return value === undefined ? null : json.parse(JSON.parse(JSON.stringify(value)));
}

export function variantsOf(endpoint: DescribeEndpointOutput): Variant[] {
  return (endpoint.ProductionVariants ?? []).map(({ VariantName, DesiredWeight, DesiredInstanceCount }) => ({
    name: VariantName ?? '',
    weight: DesiredWeight ?? null,
    instances: DesiredInstanceCount ?? null,
  }));
}
