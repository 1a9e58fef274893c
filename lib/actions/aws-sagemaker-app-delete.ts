import { AppInstanceType, CreateAppCommand, DeleteAppCommand } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { tagsOf } from './aws-sagemaker.ts';
import { appKeyShape, appOf, describeApp, keysOf } from './aws-sagemaker-app.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.sagemaker.app-delete';
const APPS = 'arn:*:sagemaker:*:*:app/*';

/** `created` is when the app began: another one of the same name is another run. */
const planShape = z.strictObject({ key: appKeyShape, name: z.string(), created: z.string() });
const text = z.string().exactOptional();
/** What an app is made of (SageMaker API Reference, ResourceSpec). */
const specShape = z.strictObject({
  InstanceType: z.enum(AppInstanceType),
  SageMakerImageArn: text,
  SageMakerImageVersionArn: text,
  SageMakerImageVersionAlias: text,
  LifecycleConfigArn: text,
  TrainingPlanArn: text,
});
const undoShape = z.strictObject({
  ...planShape.shape,
  spec: specShape,
  recovery: z.boolean(),
  tags: z.record(z.string(), z.string()),
});

/**
 * Types whose files outlive the app: on the volume of its space, or in the home folder of its user on the domain's file
 * system (SageMaker Developer Guide, "Amazon SageMaker Studio spaces"; "Manage Your Amazon EFS Storage Volume in Amazon
 * SageMaker Studio Classic"). JupyterServer runs on no machine that is billed; Canvas and RStudio are no notebooks.
 */
const KEEPS_FILES: ReadonlySet<string> = new Set(['JupyterLab', 'CodeEditor', 'KernelGateway']);

/**
 * Deletes a Studio app, which is how its machine is stopped; undo makes it again of the same type, image, lifecycle
 * configuration and machine, under the same name. As after the stop of any machine, its files are there again, and what
 * its kernels held in memory is not.
 *
 * Never: an app that is not in service; of a type that is no notebook; that carries its user's identity, with which
 * nobody else can start it.
 */
export const sagemakerAppDelete: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:sagemaker:app'],
  checks: ['idle-gpu', 'idle-notebook', 'expired-experiment'],
  reversible: true,
  permissions: [
    reads('sagemaker:DescribeApp', 'reads a Studio app just before it is deleted', {
      resources: APPS,
      byTag: true,
    }),
    reads('sagemaker:ListTags', 'reads the tags of a Studio app', { resources: APPS, byTag: true }),
    changes('sagemaker:DeleteApp', APPS, 'stops a Studio app that nobody works in'),
    changes('sagemaker:CreateApp', APPS, 'starts again what was stopped'),
    changes('sagemaker:AddTags', APPS, 'puts the tags on a Studio app that is made again'),
  ],

  async read(target, session) {
    const part = named(target, session, 'sagemaker', 'app/');
    const found = await appOf(session, keysOf(part, target.resourceId), target.resourceId);
    if (found === null) return null;
    const { key, app } = found;
    const space = 'SpaceName' in key ? key.SpaceName : null;
    const owner = 'SpaceName' in key ? key.SpaceName : key.UserProfileName;
    const tags = await tagsOf(session, target.resourceId);
    const created = app.CreationTime?.toISOString() ?? null;
    const type = app.ResourceSpec?.InstanceType ?? null;
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'aws:sagemaker:app',
        id: target.resourceId,
        name: `${owner}/${key.AppName}`,
        state: app.Status ?? 'unknown',
        created,
        tags,
        sku: type,
        accelerators: [],
        parent: null,
        attributes: {
          key,
          spec: Object.fromEntries(
            Object.entries(app.ResourceSpec ?? {}).filter(([, one]) => one !== undefined),
          ),
          recovery: app.RecoveryMode ?? false,
          withIdentity: app.EffectiveTrustedIdentityPropagationStatus === 'ENABLED',
        },
      },
      fingerprint: { launch: created, parent: null },
      done: false,
      protection: null,
      lost: [
        'What its kernels hold in memory, every process and every file that was not saved.',
        space === null
          ? "Everything outside of its user's home folder."
          : 'Everything outside of the volume of its space.',
      ],
      staysBilled: [space === null ? 'The file system of its domain' : `The volume of its space ${space}`],
      risks: [`A ${type ?? 'machine'} for it may not be had again while its type is scarce.`],
    };
  },

  plan(_target, { resource }) {
    const { state, name, created, attributes, tags, sku } = resource;
    if (state !== 'InService')
      return { ok: false, reason: `It is ${state}: only an app in service is deleted.` };
    if (attributes['withIdentity'] === true)
      return { ok: false, reason: 'It carries the identity of its user: nobody else can start it again so.' };
    const undo = undoShape.safeParse({
      key: attributes['key'],
      name,
      created,
      spec: attributes['spec'],
      recovery: attributes['recovery'],
      tags,
    });
    if (!undo.success)
      return { ok: false, reason: 'SageMaker did not describe it whole: it could not be made again.' };
    const { key } = undo.data;
    if (!KEEPS_FILES.has(key.AppType))
      return { ok: false, reason: `It is of type ${key.AppType}: only notebooks and editors are deleted.` };
    return {
      ok: true,
      plan: { key, name: undo.data.name, created: undo.data.created },
      undoPlan: undo.data,
      summary: `Delete the ${key.AppType} app ${undo.data.name} (${sku ?? 'machine'}) and keep its files; undo makes it again.`,
    };
  },

  async apply(stored, session) {
    const { key, name, created } = planOf(planShape, stored, ID);
    const app = await describeApp(session, key);
    if (app === null || app.Status === 'Deleting') return;
    if (app.CreationTime?.toISOString() !== created || app.Status !== 'InService')
      throw new BursarError('conflict', `the app ${name} was made again or changed since it was judged`, {
        where: placeName(session),
        hint: 'Nothing was done; the next audit judges it anew.',
      });
    await act(session, 'sagemaker:DeleteApp', () => session.sagemaker.send(new DeleteAppCommand(key)));
  },

  async verify(stored, session) {
    const { key, name, created } = planOf(planShape, stored, ID);
    const app = await describeApp(session, key);
    if (app === null) return { state: 'done' };
    return app.CreationTime?.toISOString() === created
      ? { state: 'pending', reason: `${name} is ${app.Status ?? 'unknown'}.` }
      : { state: 'failed', reason: `${name} was made again by someone else.` };
  },

  async undo(stored, session) {
    const { key, name, spec, recovery, tags } = planOf(undoShape, stored, ID);
    const app = await describeApp(session, key);
    // Still there, or begun by someone else: it runs, which is what was asked for.
    if (app?.Status === 'InService' || app?.Status === 'Pending') return;
    if (app?.Status === 'Deleting')
      throw new BursarError('unavailable', `the app ${name} is still being deleted`, {
        where: placeName(session),
        hint: 'It is made again when it is gone.',
      });
    await act(session, 'sagemaker:CreateApp', () =>
      session.sagemaker.send(
        new CreateAppCommand({
          ...key,
          ResourceSpec: spec,
          ...(recovery ? { RecoveryMode: true } : {}),
          ...(Object.keys(tags).length === 0
            ? {}
            : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
        }),
      ),
    );
  },

  async verifyUndo(stored, session) {
    const { key, name } = planOf(undoShape, stored, ID);
    const app = await describeApp(session, key);
    if (app === null) return { state: 'pending', reason: `${name} is not there yet.` };
    if (app.Status === 'InService') return { state: 'done' };
    return app.Status === 'Failed'
      ? { state: 'failed', reason: `${name} did not start: ${app.FailureReason ?? 'no reason given'}` }
      : { state: 'pending', reason: `${name} is ${app.Status ?? 'unknown'}.` };
  },
};
