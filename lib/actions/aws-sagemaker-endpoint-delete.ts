import { DeleteEndpointCommand } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { tagsOf } from './aws-sagemaker.ts';
import {
  describeEndpoint,
  type EndpointMemory,
  endpointShape,
  scalingOf,
  variantsOf,
  whyNotAgain,
} from './aws-sagemaker-endpoint.ts';
import { create, differs, isBack, resize, scale } from './aws-sagemaker-endpoint-restore.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, changesUntagged, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.sagemaker.endpoint-delete';
const ENDPOINTS = 'arn:*:sagemaker:*:*:endpoint/*';
const CONFIGS = 'arn:*:sagemaker:*:*:endpoint-config/*';
const MODELS = 'arn:*:sagemaker:*:*:model/*';
const TARGETS = 'arn:*:application-autoscaling:*:*:scalable-target/*';
const ALARMS = 'arn:*:cloudwatch:*:*:alarm:TargetTracking-endpoint/*';
const planShape = z.strictObject({
  name: z.string(),
  arn: z.string(),
  created: z.string(),
  modified: z.string(),
});

/**
 * Deletes a SageMaker endpoint and keeps its configuration and models; undo makes it again under the same name
 * and ARN, with its tags, the weights and numbers of machines that it had, and its scaling.
 *
 * Never: an endpoint whose configuration or a model of it is gone, or that hosts inference components (deleted
 * with it), or whose scaling this version cannot put back; one that is being changed.
 */
export const sagemakerEndpointDelete: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:sagemaker:endpoint'],
  checks: ['idle-gpu', 'idle-endpoint', 'expired-experiment'],
  reversible: true,
  permissions: [
    reads('sagemaker:DescribeEndpoint', 'reads an endpoint just before it is deleted', {
      resources: ENDPOINTS,
      byTag: true,
    }),
    reads('sagemaker:DescribeEndpointConfig', 'tells whether an endpoint can be made again', {
      resources: CONFIGS,
      byTag: true,
    }),
    reads('sagemaker:DescribeModel', 'tells whether the models of an endpoint are still there', {
      resources: MODELS,
      byTag: true,
    }),
    reads('sagemaker:ListTags', 'reads the tags of an endpoint', { resources: ENDPOINTS, byTag: true }),
    reads('application-autoscaling:DescribeScalableTargets', 'reads what scales an endpoint'),
    reads('application-autoscaling:DescribeScalingPolicies', 'reads what scales an endpoint'),
    reads('application-autoscaling:DescribeScheduledActions', 'reads what scales an endpoint'),
    changes('sagemaker:DeleteEndpoint', ENDPOINTS, 'deletes an idle endpoint'),
    {
      ...changes('sagemaker:CreateEndpoint', ENDPOINTS, 'makes again what was deleted'),
      resources: [ENDPOINTS, CONFIGS],
    },
    changes('sagemaker:AddTags', ENDPOINTS, 'puts the tags on an endpoint that is made again'),
    changes('sagemaker:UpdateEndpointWeightsAndCapacities', ENDPOINTS, 'sets what an endpoint had'),
    // A scalable target carries tags of its own, not those of the endpoint.
    changesUntagged(
      'application-autoscaling:RegisterScalableTarget',
      TARGETS,
      'puts back what scales an endpoint',
    ),
    changesUntagged('application-autoscaling:PutScalingPolicy', TARGETS, 'puts back what scales an endpoint'),
    // A target tracking policy makes its alarms with the rights of the caller (Application Auto Scaling User Guide,
    // "Permissions required for API actions on target services and CloudWatch").
    reads('cloudwatch:DescribeAlarms', 'puts back the alarms of what scales an endpoint'),
    changesUntagged('cloudwatch:PutMetricAlarm', ALARMS, 'puts back the alarms of what scales an endpoint'),
  ],

  async read(target, session) {
    const name = named(target, session, 'sagemaker', 'endpoint/');
    const endpoint = await describeEndpoint(session, name);
    if (endpoint === null) return null;
    const { EndpointConfigName: config, CreationTime, LastModifiedTime, EndpointStatus } = endpoint;
    if (config === undefined || CreationTime === undefined || LastModifiedTime === undefined)
      throw new BursarError('unavailable', `SageMaker did not describe the endpoint ${name} whole`, {
        where: placeName(session),
      });
    const memory: EndpointMemory = {
      name,
      arn: target.resourceId,
      config,
      created: CreationTime.toISOString(),
      modified: LastModifiedTime.toISOString(),
      tags: await tagsOf(session, target.resourceId),
      variants: variantsOf(endpoint),
      scaling: await scalingOf(session, endpoint),
    };
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'aws:sagemaker:endpoint',
        id: target.resourceId,
        name,
        state: EndpointStatus ?? 'unknown',
        created: memory.created,
        tags: memory.tags,
        sku: null,
        accelerators: [],
        parent: null,
        attributes: { memory },
      },
      // Another creation is another endpoint of the same name; another change another deployment.
      fingerprint: { launch: memory.modified, parent: null },
      done: false,
      protection: await whyNotAgain(session, config),
      lost: [
        'Its address answers nothing until it is made again, which takes minutes.',
        ...(endpoint.LastDeploymentConfig === undefined
          ? []
          : ['The deployment settings that its next update would have taken over.']),
      ],
      staysBilled: ['Models in S3 and ECR, and data that it captured'],
      risks: ['Machines for it may not be found again while their type is scarce.'],
    };
  },

  plan(_target, { resource, protection }) {
    if (protection !== null) return { ok: false, reason: `It is not deleted: ${protection}.` };
    if (resource.state !== 'InService')
      return { ok: false, reason: `It is ${resource.state}: only an endpoint in service is deleted.` };
    const memory = endpointShape.safeParse(resource.attributes['memory']);
    if (!memory.success) return { ok: false, reason: 'What would bring it back is not known whole.' };
    const { name, arn, created, modified, config } = memory.data;
    return {
      ok: true,
      plan: { name, arn, created, modified },
      undoPlan: memory.data,
      summary: `Delete endpoint ${name} and keep its configuration ${config}; undo makes it again from that.`,
    };
  },

  async apply(stored, session) {
    const { name, created, modified } = planOf(planShape, stored, ID);
    const endpoint = await describeEndpoint(session, name);
    if (endpoint === null) return;
    if (
      endpoint.CreationTime?.toISOString() !== created ||
      endpoint.LastModifiedTime?.toISOString() !== modified ||
      endpoint.EndpointStatus !== 'InService'
    )
      throw new BursarError(
        'conflict',
        `the endpoint ${name} was changed or made again since it was judged`,
        {
          where: placeName(session),
          hint: 'Nothing was done; the next audit judges it anew.',
        },
      );
    await act(session, 'sagemaker:DeleteEndpoint', () =>
      session.sagemaker.send(new DeleteEndpointCommand({ EndpointName: name })),
    );
  },

  async verify(stored, session) {
    const { name, created } = planOf(planShape, stored, ID);
    const endpoint = await describeEndpoint(session, name);
    if (endpoint === null) return { state: 'done' };
    return endpoint.CreationTime?.toISOString() === created
      ? { state: 'pending', reason: `${name} is ${endpoint.EndpointStatus ?? 'unknown'}.` }
      : { state: 'failed', reason: `${name} was made again by someone else.` };
  },

  async undo(stored, session) {
    const memory = planOf(endpointShape, stored, ID);
    const endpoint = await describeEndpoint(session, memory.name);
    if (endpoint === null) {
      const reason = await whyNotAgain(session, memory.config);
      if (reason !== null)
        throw new BursarError('conflict', `the endpoint ${memory.name} cannot come back: ${reason}`, {
          where: placeName(session),
          hint: 'Someone deleted it meanwhile: restore it first.',
        });
      await create(session, memory);
      return;
    }
    if (endpoint.EndpointConfigName !== memory.config)
      throw new BursarError('conflict', `someone made another endpoint of the name ${memory.name}`, {
        where: placeName(session),
        hint: 'It is left as it is.',
      });
    if (endpoint.EndpointStatus !== 'InService') return;
    const scaling = await scalingOf(session, endpoint);
    // Once it scales by itself its numbers are its own business.
    if (memory.scaling.length > 0 && memory.scaling.every((one) => isBack(one, scaling))) return;
    if (differs(memory, variantsOf(endpoint))) await resize(session, memory);
    else await scale(session, memory, scaling);
  },

  async verifyUndo(stored, session) {
    const memory = planOf(endpointShape, stored, ID);
    const { name } = memory;
    const endpoint = await describeEndpoint(session, name);
    if (endpoint === null) return { state: 'pending', reason: `${name} is not there yet.` };
    const state = endpoint.EndpointStatus;
    if (state === 'Failed' || state === 'OutOfService')
      return {
        state: 'failed',
        reason: `${name} is ${state}: ${endpoint.FailureReason ?? 'no reason given'}`,
      };
    if (state !== 'InService') return { state: 'pending', reason: `${name} is ${state ?? 'unknown'}.` };
    const now = await scalingOf(session, endpoint);
    if (memory.scaling.some((target) => !isBack(target, now)))
      return { state: 'pending', reason: `${name} is back, its scaling is not.` };
    if (memory.scaling.length === 0 && differs(memory, variantsOf(endpoint)))
      return { state: 'pending', reason: `${name} is back, its weights and numbers of machines are not.` };
    return { state: 'done' };
  },
};
