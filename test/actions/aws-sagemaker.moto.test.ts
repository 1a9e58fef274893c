import {
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateNotebookInstanceCommand,
  DeleteEndpointCommand,
  DeleteModelCommand,
  DeleteNotebookInstanceCommand,
  DescribeEndpointCommand,
  DescribeNotebookInstanceCommand,
  ListTagsCommand,
  StartNotebookInstanceCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { sagemakerEndpointDelete as deletion } from '../../lib/actions/aws-sagemaker-endpoint-delete.ts';
import { sagemakerNotebookStop as notebookStop } from '../../lib/actions/aws-sagemaker-notebook-stop.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { jsonRefusal, OWN } from '../estate/aws/emulated.ts';
import { actSession, arn, awsTarget, losing, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { behind, closeAll } = meddling(moto);
const role = `arn:aws:iam::${OWN}:role/ml`;
const api = session.sagemaker;

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

async function notebook() {
  await api.send(
    new CreateNotebookInstanceCommand({
      NotebookInstanceName: 'lab',
      InstanceType: 'ml.p3.2xlarge',
      RoleArn: role,
      Tags: [{ Key: 'owner', Value: 'ana' }],
    }),
  );
  return awsTarget('aws:sagemaker:notebook-instance', arn('sagemaker', 'notebook-instance/lab'));
}

async function notebookState() {
  return (await api.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName: 'lab' })))
    .NotebookInstanceStatus;
}

test('a notebook is stopped, twice with the result of once, and started again', async () => {
  const target = await notebook();
  const live = await readLive(notebookStop, target, session);
  expect(live.resource).toMatchObject({ state: 'InService', tags: { owner: 'ana' }, sku: 'ml.p3.2xlarge' });
  expect(live.staysBilled).toEqual(['Its ML storage volume (5 GB)']);
  const { plan, undoPlan } = await planned(notebookStop, target, session);
  const lost = await behind(losing('StopNotebookInstance', 'StartNotebookInstance'));
  const fragile = actSession(lost.url, 1);
  await expect(notebookStop.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await notebookStop.apply(plan, fragile);
  expect(await notebookStop.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(notebookStop, target, session)).toContain('stopped already');
  await expect(notebookStop.undo(undoPlan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await notebookStop.undo(undoPlan, fragile);
  expect(await notebookStop.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  expect(await notebookState()).toBe('InService');
  expect(lost.calls.filter((call) => /^(Stop|Start)/.test(call))).toHaveLength(2);
});

test('a notebook that was changed since, or is gone, is left alone', async () => {
  const target = await notebook();
  const { plan, undoPlan } = await planned(notebookStop, target, session);
  const later = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeNotebookInstance') return null;
    const answer = await pass();
    return {
      ...answer,
      body: answer.body.replace(/"LastModifiedTime": ?[0-9.]+/, '"LastModifiedTime": 1900000000'),
    };
  });
  await expect(notebookStop.apply(plan, actSession(later.url))).rejects.toMatchObject({ code: 'conflict' });
  expect(await notebookState()).toBe('InService');
  await notebookStop.apply(plan, session);
  await api.send(new StartNotebookInstanceCommand({ NotebookInstanceName: 'lab' }));
  expect((await notebookStop.verify(plan, actSession(later.url))).state).toBe('failed');
  await notebookStop.apply(plan, session);
  await api.send(new DeleteNotebookInstanceCommand({ NotebookInstanceName: 'lab' }));
  expect(await notebookStop.read(target, session)).toBeNull();
  await expect(notebookStop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(notebookStop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await notebookStop.verify(plan, session)).state).toBe('failed');
  expect((await notebookStop.verifyUndo(undoPlan, session)).state).toBe('failed');
});

test.each([
  ['Pending', 'unavailable', 'It is Pending'],
  ['Updating', 'unavailable', 'It is Updating'],
])('a notebook that is %s waits', async (state, code, reason) => {
  const target = await notebook();
  const { plan } = await planned(notebookStop, target, session);
  const busy = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeNotebookInstance') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace('InService', state) };
  });
  expect(await refusal(notebookStop, target, actSession(busy.url))).toContain(reason);
  await expect(notebookStop.apply(plan, actSession(busy.url))).rejects.toMatchObject({ code });
});

test('a validation error that says something else is not taken for gone', async () => {
  const target = await notebook();
  const refusing = await behind(async ({ action }) =>
    action === 'DescribeNotebookInstance' ? jsonRefusal('ValidationException', 'bad name') : null,
  );
  await expect(notebookStop.read(target, actSession(refusing.url, 1))).rejects.toMatchObject({
    code: 'conflict',
  });
});

const variant = { ServiceNamespace: 'sagemaker', ResourceId: 'endpoint/chat/variant/main' } as const;
const ScalableDimension = 'sagemaker:variant:DesiredInstanceCount';

async function endpoint() {
  await api.send(
    new CreateModelCommand({ ModelName: 'm', ExecutionRoleArn: role, PrimaryContainer: { Image: 'i' } }),
  );
  await api.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'chat-v1',
      ProductionVariants: [
        {
          VariantName: 'main',
          ModelName: 'm',
          InstanceType: 'ml.g4dn.xlarge',
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
        },
      ],
    }),
  );
  await api.send(
    new CreateEndpointCommand({
      EndpointName: 'chat',
      EndpointConfigName: 'chat-v1',
      Tags: [{ Key: 'team', Value: 'llm' }],
    }),
  );
  await api.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: 'chat',
      DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredWeight: 2, DesiredInstanceCount: 3 }],
    }),
  );
  return awsTarget('aws:sagemaker:endpoint', arn('sagemaker', 'endpoint/chat'));
}

async function scaled() {
  await session.applicationAutoScaling.send(
    new RegisterScalableTargetCommand({ ...variant, ScalableDimension, MinCapacity: 1, MaxCapacity: 8 }),
  );
  await session.applicationAutoScaling.send(
    new PutScalingPolicyCommand({
      ...variant,
      ScalableDimension,
      PolicyName: 'load',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    }),
  );
}

test('an endpoint is deleted and made again, with tags, weights, numbers and scaling', async () => {
  const target = await endpoint();
  await scaled();
  const { plan, undoPlan, summary } = await planned(deletion, target, session);
  expect(summary).toContain('keep its configuration chat-v1');
  expect((await deletion.verify(plan, session)).state).toBe('pending');
  await deletion.apply(plan, session);
  await deletion.apply(plan, session);
  expect(await deletion.verify(plan, session)).toEqual({ state: 'done' });
  expect(await deletion.read(target, session)).toBeNull();
  // Application Auto Scaling forgets what scaled a thing that is gone; the emulator does not.
  await session.applicationAutoScaling.send(
    new DeleteScalingPolicyCommand({ ...variant, ScalableDimension, PolicyName: 'load' }),
  );
  await session.applicationAutoScaling.send(
    new DeregisterScalableTargetCommand({ ...variant, ScalableDimension }),
  );

  expect((await deletion.verifyUndo(undoPlan, session)).state).toBe('pending');
  const lost = await behind(
    losing(
      'CreateEndpoint',
      'UpdateEndpointWeightsAndCapacities',
      'RegisterScalableTarget',
      'PutScalingPolicy',
    ),
  );
  const fragile = actSession(lost.url, 1);
  let verified = await deletion.verifyUndo(undoPlan, session);
  const failures: unknown[] = [];
  for (let round = 0; verified.state === 'pending' && round < 12; round += 1) {
    await deletion.undo(undoPlan, fragile).catch((error: unknown) => failures.push(error));
    verified = await deletion.verifyUndo(undoPlan, session);
  }
  expect(verified).toEqual({ state: 'done' });
  expect(failures).toMatchObject(Array.from({ length: 4 }, () => ({ code: 'unavailable' })));
  await deletion.undo(undoPlan, session);

  const back = await api.send(new DescribeEndpointCommand({ EndpointName: 'chat' }));
  expect(back).toMatchObject({
    EndpointArn: target.resourceId,
    EndpointConfigName: 'chat-v1',
    ProductionVariants: [{ VariantName: 'main', DesiredWeight: 2, DesiredInstanceCount: 3 }],
  });
  const { Tags } = await api.send(new ListTagsCommand({ ResourceArn: target.resourceId }));
  expect(Tags).toEqual([{ Key: 'team', Value: 'llm' }]);
  const { ScalableTargets } = await session.applicationAutoScaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }),
  );
  expect(ScalableTargets).toMatchObject([{ MinCapacity: 1, MaxCapacity: 8 }]);
  const { ScalingPolicies } = await session.applicationAutoScaling.send(
    new DescribeScalingPoliciesCommand({ ServiceNamespace: 'sagemaker' }),
  );
  expect(ScalingPolicies).toMatchObject([
    {
      PolicyName: 'load',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    },
  ]);
});

test('what could not be made again is not deleted', async () => {
  const target = await endpoint();
  await api.send(new DeleteModelCommand({ ModelName: 'm' }));
  expect(await refusal(deletion, target, session)).toContain('its model m is gone');
  await resetMoto(moto);
  const other = await endpoint();
  const components = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeEndpointConfig') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace(/"ModelName": ?"m",? ?/, '') };
  });
  expect(await refusal(deletion, other, actSession(components.url))).toContain('inference components');
});

test('scaling that could not be put back stops it', async () => {
  const target = await endpoint();
  await scaled();
  await session.applicationAutoScaling.send(
    new PutScheduledActionCommand({
      ...variant,
      ScalableDimension,
      ScheduledActionName: 'night',
      Schedule: 'cron(0 20 * * ? *)',
      ScalableTargetAction: { MinCapacity: 0 },
    }),
  );
  await expect(deletion.read(target, session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('scheduled scaling actions'),
  });
});

test('an endpoint made or changed by someone else is left alone', async () => {
  const target = await endpoint();
  const { plan, undoPlan } = await planned(deletion, target, session);
  await api.send(new DeleteEndpointCommand({ EndpointName: 'chat' }));
  await api.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'chat-v2',
      ProductionVariants: [
        { VariantName: 'main', ModelName: 'm', InstanceType: 'ml.g4dn.xlarge', InitialInstanceCount: 1 },
      ],
    }),
  );
  await api.send(new CreateEndpointCommand({ EndpointName: 'chat', EndpointConfigName: 'chat-v2' }));
  await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await deletion.verify(plan, session)).state).toBe('failed');
  await expect(deletion.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
});

test('an endpoint that cannot come back says so', async () => {
  const target = await endpoint();
  const { plan, undoPlan } = await planned(deletion, target, session);
  await deletion.apply(plan, session);
  await api.send(new DeleteModelCommand({ ModelName: 'm' }));
  await expect(deletion.undo(undoPlan, session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('its model m is gone'),
  });
});

test.each([
  ['AccessDeniedException', 403, 'denied'],
  ['ThrottlingException', 400, 'throttled'],
  ['ResourceInUseException', 400, 'unavailable'],
])('%s is told as %s %s', async (code, status, kind) => {
  const target = await endpoint();
  const { plan } = await planned(deletion, target, session);
  const refusing = await behind(async ({ action }) =>
    action === 'DeleteEndpoint' ? jsonRefusal(code, 'no', status) : null,
  );
  await expect(deletion.apply(plan, actSession(refusing.url, 1))).rejects.toMatchObject({ code: kind });
  expect((await deletion.verify(plan, session)).state).toBe('pending');
});
