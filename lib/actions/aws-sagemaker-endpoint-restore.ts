import {
  type PolicyType,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  type ScalableDimension,
} from '@aws-sdk/client-application-auto-scaling';
import { CreateEndpointCommand, UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import type { EndpointMemory, Scaling } from './aws-sagemaker-endpoint.ts';
import { type AwsActSession, act } from './aws-session.ts';

export async function create(session: AwsActSession, memory: EndpointMemory): Promise<void> {
  await act(session, 'sagemaker:CreateEndpoint', () =>
    session.sagemaker.send(
      new CreateEndpointCommand({
        EndpointName: memory.name,
        EndpointConfigName: memory.config,
        Tags: Object.entries(memory.tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    ),
  );
}

export function differs({ variants }: EndpointMemory, now: EndpointMemory['variants']): boolean {
  return variants.some(({ name, weight, instances }) => {
    const other = now.find((one) => one.name === name);
    return other === undefined || other.weight !== weight || other.instances !== instances;
  });
}

export async function resize(session: AwsActSession, { name, variants }: EndpointMemory): Promise<void> {
  await act(session, 'sagemaker:UpdateEndpointWeightsAndCapacities', () =>
    session.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: name,
        DesiredWeightsAndCapacities: variants.map((variant) => ({
          VariantName: variant.name,
          ...(variant.weight === null ? {} : { DesiredWeight: variant.weight }),
          ...(variant.instances === null ? {} : { DesiredInstanceCount: variant.instances }),
        })),
      }),
    ),
  );
}

export function isBack(target: Scaling, now: readonly Scaling[]): boolean {
  const there = now.find(({ resourceId }) => resourceId === target.resourceId);
  return (
    there !== undefined &&
    there.min === target.min &&
    there.max === target.max &&
    target.policies.every(({ name }) => there.policies.some((policy) => policy.name === name))
  );
}

const dimension = z.custom<ScalableDimension>((value) => typeof value === 'string');
const policyType = z.custom<PolicyType>((value) => typeof value === 'string');

/** Both calls create or replace, so that each may be made twice (Application Auto Scaling API Reference). */
export async function scale(
  session: AwsActSession,
  { scaling }: EndpointMemory,
  now: readonly Scaling[],
): Promise<void> {
  for (const target of scaling.filter((one) => !isBack(one, now))) {
    const place = {
      ServiceNamespace: 'sagemaker',
      ResourceId: target.resourceId,
      ScalableDimension: dimension.parse(target.dimension),
    } as const;
    await act(session, 'application-autoscaling:RegisterScalableTarget', () =>
      session.applicationAutoScaling.send(
        new RegisterScalableTargetCommand({
          ...place,
          MinCapacity: target.min,
          MaxCapacity: target.max,
          SuspendedState: {
            DynamicScalingInSuspended: target.suspended.in,
            DynamicScalingOutSuspended: target.suspended.out,
            ScheduledScalingSuspended: target.suspended.scheduled,
          },
        }),
      ),
    );
    for (const policy of target.policies)
      await act(session, 'application-autoscaling:PutScalingPolicy', () =>
        session.applicationAutoScaling.send(
          new PutScalingPolicyCommand({
            ...place,
            PolicyName: policy.name,
            PolicyType: policyType.parse(policy.type),
            ...(policy.targetTracking === null
              ? {}
              : { TargetTrackingScalingPolicyConfiguration: targetTracking.parse(policy.targetTracking) }),
            ...(policy.step === null ? {} : { StepScalingPolicyConfiguration: step.parse(policy.step) }),
          }),
        ),
      );
  }
}

type PutPolicy = ConstructorParameters<typeof PutScalingPolicyCommand>[0];
type Configured<K extends keyof PutPolicy> = Exclude<PutPolicy[K], undefined>;
/** As the API described it when it was read: given back word for word. */
const targetTracking = z.custom<Configured<'TargetTrackingScalingPolicyConfiguration'>>(
  (value) => typeof value === 'object' && value !== null && 'TargetValue' in value,
);
const step = z.custom<Configured<'StepScalingPolicyConfiguration'>>(
  (value) => typeof value === 'object' && value !== null && 'StepAdjustments' in value,
);
