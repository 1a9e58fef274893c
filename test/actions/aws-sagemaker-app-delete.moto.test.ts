import { CreateAppResponse$, DescribeAppResponse$, ListTagsOutput$ } from '@aws-sdk/client-sagemaker';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { sagemakerAppDelete as deletion } from '../../lib/actions/aws-sagemaker-app-delete.ts';
import { type Answer, jsonRefusal } from '../estate/aws/emulated.ts';
import { schemaFaults } from '../sdk-schema.ts';
import { actSession, arn, awsTarget, meddling, planned, readLive, refusal } from './aws.ts';
import { gate, notMissed, wholeJob } from './rights.ts';

const { behind, closeAll } = meddling(inject('motoUrl'));
afterEach(closeAll);

const ARN = arn('sagemaker', 'app/d-1/lab/jupyterlab/default');
const target = awsTarget('aws:sagemaker:app', ARN);
const IMAGE = arn('sagemaker', 'image/torch');
const SETUP = arn('sagemaker', 'studio-lifecycle-config/idle');

interface App {
  readonly [member: string]: unknown;
}

const ANY = {
  DomainId: 'd-1',
  Status: 'InService',
  CreationTime: 1_780_000_000,
  ResourceSpec: { InstanceType: 'ml.g5.2xlarge', SageMakerImageArn: IMAGE, LifecycleConfigArn: SETUP },
};
const SPACE: App = {
  ...ANY,
  AppArn: ARN,
  AppType: 'JupyterLab',
  AppName: 'default',
  SpaceName: 'lab',
};

const body = z.looseObject({
  DomainId: z.string(),
  AppType: z.string(),
  AppName: z.string(),
  SpaceName: z.string().optional(),
  UserProfileName: z.string().optional(),
});

function told(schema: unknown, value: unknown): Answer {
  expect(schemaFaults(schema, value)).toEqual([]);
  return { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify(value) };
}

/** Studio with these apps, which the emulator lacks: a deletion and a creation take as long as the test says. */
async function studio(...apps: readonly App[]) {
  const now = {
    apps: [...apps],
    made: [] as z.output<typeof body>[],
    deleted: 0,
    lose: new Set<string>(),
    refuse: new Map<string, Answer>(),
    after: { delete: 'Deleted', create: 'InService' },
    /** Of the role that calls; null: it may call everything. */
    rights: null as ReadonlySet<string> | null,
  };
  const ofKey = (asked: z.output<typeof body>) =>
    now.apps.findIndex(
      (app) =>
        app['DomainId'] === asked.DomainId &&
        app['AppType'] === asked.AppType &&
        app['AppName'] === asked.AppName &&
        app['SpaceName'] === asked.SpaceName &&
        app['UserProfileName'] === asked.UserProfileName,
    );
  const server = await behind(async (request) => {
    const { action, body: text } = request;
    const denied = now.rights === null ? null : await gate(now.rights)(request);
    if (denied !== null) return denied;
    const refused = now.refuse.get(action);
    if (refused !== undefined) return refused;
    if (action === 'ListTags') return told(ListTagsOutput$, { Tags: [{ Key: 'owner', Value: 'ana' }] });
    if (!['DescribeApp', 'DeleteApp', 'CreateApp'].includes(action)) return null;
    const asked = body.parse(JSON.parse(text));
    const at = ofKey(asked);
    const app = now.apps[at];
    if (action === 'DescribeApp') {
      return app === undefined
        ? jsonRefusal('ResourceNotFound', 'no such app')
        : told(DescribeAppResponse$, app);
    }
    if (action === 'DeleteApp') {
      if (app === undefined) return jsonRefusal('ResourceNotFound', 'no such app');
      now.deleted += 1;
      now.apps[at] = { ...app, Status: now.after.delete };
    } else {
      if (app !== undefined && app['Status'] !== 'Deleted') return jsonRefusal('ResourceInUse', 'it exists');
      now.made.push(asked);
      const { Tags: _tags, ...rest } = asked;
      const next = { ...rest, AppArn: ARN, Status: now.after.create, CreationTime: 1_790_000_000 };
      if (at < 0) now.apps.push(next);
      else now.apps[at] = next;
    }
    return now.lose.delete(action)
      ? { status: 500, type: 'application/x-amz-json-1.1', body: '' }
      : action === 'CreateApp'
        ? told(CreateAppResponse$, { AppArn: ARN })
        : told([3, '', '', 0, [], []], {});
  });
  return { now, session: actSession(server.url, 1) };
}

test('an app is deleted, twice with the result of once, and made again as it was', async () => {
  const { now, session } = await studio(SPACE);
  const live = await readLive(deletion, target, session);
  expect(live).toMatchObject({
    resource: { name: 'lab/default', state: 'InService', tags: { owner: 'ana' }, sku: 'ml.g5.2xlarge' },
    fingerprint: { launch: new Date(1_780_000_000_000).toISOString(), parent: null },
    staysBilled: ['The volume of its space lab'],
  });
  const { plan, undoPlan, summary } = await planned(deletion, target, session);
  expect(summary).toBe(
    'Delete the JupyterLab app lab/default (ml.g5.2xlarge) and keep its files; undo makes it again.',
  );
  expect((await deletion.verify(plan, session)).state).toBe('pending');
  now.lose.add('DeleteApp').add('CreateApp');
  await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await deletion.apply(plan, session);
  expect(await deletion.verify(plan, session)).toEqual({ state: 'done' });
  expect(await deletion.read(target, session)).toBeNull();
  expect((await deletion.verifyUndo(undoPlan, session)).state).toBe('pending');
  await expect(deletion.undo(undoPlan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await deletion.undo(undoPlan, session);
  expect(await deletion.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  expect(now.deleted).toBe(1);
  expect(now.made).toEqual([
    {
      DomainId: 'd-1',
      SpaceName: 'lab',
      AppType: 'JupyterLab',
      AppName: 'default',
      ResourceSpec: { InstanceType: 'ml.g5.2xlarge', SageMakerImageArn: IMAGE, LifecycleConfigArn: SETUP },
      Tags: [{ Key: 'owner', Value: 'ana' }],
    },
  ]);
  // The same ARN is another app now: the old plan does nothing to it.
  await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await deletion.verify(plan, session)).state).toBe('failed');
  expect(now.deleted).toBe(1);
});

const OF_KERNEL = {
  ...ANY,
  AppType: 'KernelGateway',
  AppName: 'torch-1',
  AppArn: arn('sagemaker', 'app/d-1/ana/kernelgateway/torch-1'),
};
const USER: App = { ...OF_KERNEL, UserProfileName: 'ana' };
const OF_USER = awsTarget('aws:sagemaker:app', OF_KERNEL.AppArn);

test("a user's app is found by the same kind of name, and its files stay on the domain's file system", async () => {
  const { session, now } = await studio(USER);
  const live = await readLive(deletion, OF_USER, session);
  expect(live.staysBilled).toEqual(['The file system of its domain']);
  const { plan } = await planned(deletion, OF_USER, session);
  await deletion.apply(plan, session);
  expect(now.deleted).toBe(1);
});

test('where a space and a user have the same name, neither is touched', async () => {
  const space = { ...OF_KERNEL, SpaceName: 'ana' };
  const { session } = await studio(USER, space);
  await expect(deletion.read(OF_USER, session)).rejects.toMatchObject({ code: 'conflict' });
  const other = await studio(USER, { ...space, Status: 'Deleted' });
  expect((await readLive(deletion, OF_USER, other.session)).resource.name).toBe('ana/torch-1');
});

describe('is refused', () => {
  test.each([
    [{ Status: 'Pending' }, 'It is Pending'],
    [{ Status: 'Deleting' }, 'It is Deleting'],
    [{ Status: 'Failed' }, 'It is Failed'],
    [{ EffectiveTrustedIdentityPropagationStatus: 'ENABLED' }, 'the identity of its user'],
    [{ ResourceSpec: {} }, 'could not be made again'],
    [{ ResourceSpec: { InstanceType: 'ml.of.tomorrow' } }, 'could not be made again'],
  ])('one that is %j', async (change, reason) => {
    const { session } = await studio({ ...SPACE, ...change });
    expect(await refusal(deletion, target, session)).toContain(reason);
  });

  test.each(['RStudioServerPro', 'Canvas', 'JupyterServer'])('one of type %s', async (AppType) => {
    const id = arn('sagemaker', `app/d-1/lab/${AppType.toLowerCase()}/default`);
    const { session } = await studio({ ...SPACE, AppType, AppArn: id });
    expect(await refusal(deletion, { ...target, resourceId: id }, session)).toContain(`of type ${AppType}`);
  });
});

test('a deletion that takes its time is waited for, and undo waits for it', async () => {
  const { now, session } = await studio(SPACE);
  now.after.delete = 'Deleting';
  const { plan, undoPlan } = await planned(deletion, target, session);
  await deletion.apply(plan, session);
  await deletion.apply(plan, session);
  expect(await deletion.verify(plan, session)).toMatchObject({ state: 'pending' });
  await expect(deletion.undo(undoPlan, session)).rejects.toMatchObject({ code: 'unavailable' });
  expect([now.deleted, now.made]).toEqual([1, []]);
});

test('an app that does not start again is told so, with the reason', async () => {
  const { now, session } = await studio(SPACE);
  const { plan, undoPlan } = await planned(deletion, target, session);
  await deletion.apply(plan, session);
  now.after.create = 'Pending';
  await deletion.undo(undoPlan, session);
  await deletion.undo(undoPlan, session);
  expect(await deletion.verifyUndo(undoPlan, session)).toMatchObject({ state: 'pending' });
  expect(now.made).toHaveLength(1);
  now.apps = now.apps.map((app) => ({ ...app, Status: 'Failed', FailureReason: 'no ml.g5.2xlarge left' }));
  expect(await deletion.verifyUndo(undoPlan, session)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('no ml.g5.2xlarge left'),
  });
});

test.each([
  ['AccessDeniedException', 403, 'denied'],
  ['ThrottlingException', 400, 'throttled'],
  ['ResourceInUse', 400, 'unavailable'],
  ['ValidationException', 400, 'conflict'],
])('a deletion that is answered %s is not done', async (code, status, expected) => {
  const { now, session } = await studio(SPACE);
  const { plan } = await planned(deletion, target, session);
  now.refuse.set('DeleteApp', jsonRefusal(code, 'no', status));
  await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: expected });
  expect((await deletion.verify(plan, session)).state).toBe('pending');
  now.refuse.set('DescribeApp', jsonRefusal(code, 'no', status));
  await expect(deletion.read(target, session)).rejects.toMatchObject({ code: expected });
});

test.each([
  'app/d-1/lab/jupyterlab',
  'app/d-1/lab/tomorrow/default',
  'app/d-1/lab/jupyterlab/a/b',
  'space/d-1/lab',
])('%s is no app', async (part) => {
  const { session } = await studio(SPACE);
  const id = arn('sagemaker', part);
  await expect(deletion.read({ ...target, resourceId: id }, session)).rejects.toMatchObject({
    code: 'input',
  });
});

test('it does its job with the rights that it declares, and misses each that is taken away', async () => {
  const spare = await notMissed(deletion, async (rights) => {
    const { now, session } = await studio(SPACE);
    now.rights = rights;
    await wholeJob(deletion, target, session);
  });
  // AWS asks for it where an app is made with its tags; this stand-in does not.
  expect(spare).toEqual(['sagemaker:AddTags']);
});
