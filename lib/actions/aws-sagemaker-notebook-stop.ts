import {
  DescribeNotebookInstanceCommand,
  type DescribeNotebookInstanceOutput,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
} from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { NOT_FOUND, SAYS_NOT_FOUND, tagsOf } from './aws-sagemaker.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.sagemaker.notebook-stop';
const NOTEBOOKS = 'arn:*:sagemaker:*:*:notebook-instance/*';
/** `modified` is what makes it the run that was judged: every start is a change. */
const planShape = z.strictObject({ name: z.string(), created: z.string(), modified: z.string() });

/**
 * Stops a SageMaker notebook instance; undo starts it. Only what lies under /home/ec2-user/SageMaker outlives the
 * stop (SageMaker Developer Guide, "Use Amazon SageMaker notebook instances").
 */
export const sagemakerNotebookStop: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:sagemaker:notebook-instance'],
  checks: ['idle-gpu', 'idle-notebook', 'expired-experiment'],
  reversible: true,
  permissions: [
    reads('sagemaker:DescribeNotebookInstance', 'reads a notebook just before it is stopped', {
      resources: NOTEBOOKS,
      byTag: true,
    }),
    reads('sagemaker:ListTags', 'reads the tags of a notebook', { resources: NOTEBOOKS, byTag: true }),
    changes('sagemaker:StopNotebookInstance', NOTEBOOKS, 'stops an idle notebook'),
    changes('sagemaker:StartNotebookInstance', NOTEBOOKS, 'starts again what was stopped'),
  ],

  async read(target, session) {
    const name = named(target, session, 'sagemaker', 'notebook-instance/');
    const notebook = await describe(session, name);
    if (notebook === null) return null;
    const tags = await tagsOf(session, target.resourceId);
    const size = notebook.VolumeSizeInGB;
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'aws:sagemaker:notebook-instance',
        id: target.resourceId,
        name,
        state: notebook.NotebookInstanceStatus ?? 'unknown',
        created: notebook.CreationTime?.toISOString() ?? null,
        tags,
        sku: notebook.InstanceType ?? null,
        accelerators: [],
        parent: null,
        attributes: { lastModified: notebook.LastModifiedTime?.toISOString() ?? null },
      },
      // The API names no launch; every start is a change.
      fingerprint: { launch: notebook.LastModifiedTime?.toISOString() ?? null, parent: null },
      done: notebook.NotebookInstanceStatus === 'Stopped',
      protection: null,
      lost: ['What its kernels hold in memory, and every file outside /home/ec2-user/SageMaker.'],
      staysBilled: [`Its ML storage volume${size === undefined ? '' : ` (${size} GB)`}`],
      risks: [
        `A stopped ${notebook.InstanceType ?? 'notebook'} may not start again while its type is scarce.`,
      ],
    };
  },

  plan(_target, { resource, done }) {
    if (done) return { ok: false, reason: 'It is stopped already.' };
    if (resource.state !== 'InService')
      return { ok: false, reason: `It is ${resource.state}: only a notebook in service is stopped.` };
    const { created, name } = resource;
    const modified = resource.attributes['lastModified'];
    if (created === null || name === null || typeof modified !== 'string')
      return { ok: false, reason: 'SageMaker does not say which notebook it is.' };
    const plan = { name, created, modified };
    return {
      ok: true,
      plan,
      undoPlan: plan,
      summary: `Stop notebook ${plan.name} (${resource.sku ?? 'instance'}); undo starts it again.`,
    };
  },

  async apply(stored, session) {
    const { name, created, modified } = planOf(planShape, stored, ID);
    const { NotebookInstanceStatus: state, LastModifiedTime } = await mustExist(session, name, created);
    if (state === 'Stopped' || state === 'Stopping') return;
    if (state !== 'InService') throw busy(session, name, state);
    if (LastModifiedTime?.toISOString() !== modified)
      throw new BursarError(
        'conflict',
        `the notebook ${name} was changed or started again since it was judged`,
        {
          where: placeName(session),
          hint: 'Nothing was done; the next audit judges it anew.',
        },
      );
    await act(session, 'sagemaker:StopNotebookInstance', () =>
      session.sagemaker.send(new StopNotebookInstanceCommand({ NotebookInstanceName: name })),
    );
  },

  async verify(stored, session) {
    const { name, created, modified } = planOf(planShape, stored, ID);
    const notebook = await describe(session, name);
    if (notebook === null || notebook.CreationTime?.toISOString() !== created)
      return { state: 'failed', reason: `${name} was deleted meanwhile.` };
    const state = notebook.NotebookInstanceStatus;
    if (state === 'InService' && notebook.LastModifiedTime?.toISOString() !== modified)
      return { state: 'failed', reason: `${name} was started again by someone else.` };
    return state === 'Stopped'
      ? { state: 'done' }
      : { state: 'pending', reason: `${name} is ${state ?? 'unknown'}.` };
  },

  async undo(stored, session) {
    const { name, created } = planOf(planShape, stored, ID);
    const { NotebookInstanceStatus: state } = await mustExist(session, name, created);
    if (state === 'InService' || state === 'Pending') return;
    // A start that failed for want of capacity leaves it Failed, from where it can be started again.
    if (state !== 'Stopped' && state !== 'Failed') throw busy(session, name, state);
    await act(session, 'sagemaker:StartNotebookInstance', () =>
      session.sagemaker.send(new StartNotebookInstanceCommand({ NotebookInstanceName: name })),
    );
  },

  async verifyUndo(stored, session) {
    const { name, created } = planOf(planShape, stored, ID);
    const notebook = await describe(session, name);
    if (notebook === null || notebook.CreationTime?.toISOString() !== created)
      return { state: 'failed', reason: `${name} was deleted: it cannot come back.` };
    const state = notebook.NotebookInstanceStatus;
    if (state === 'InService') return { state: 'done' };
    if (state === 'Failed')
      return {
        state: 'failed',
        reason: `${name} did not start: ${notebook.FailureReason ?? 'no reason given'}`,
      };
    return { state: 'pending', reason: `${name} is ${state ?? 'unknown'}.` };
  },
};

async function describe(
  session: AwsActSession,
  name: string,
): Promise<DescribeNotebookInstanceOutput | null> {
  const found = await unless(
    NOT_FOUND,
    () =>
      act(session, 'sagemaker:DescribeNotebookInstance', () =>
        session.sagemaker.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName: name })),
      ),
    SAYS_NOT_FOUND,
  );
  return found === null || found.NotebookInstanceStatus === 'Deleting' ? null : found;
}

/** A name can be used again for another notebook: it must be the one that was judged. */
async function mustExist(
  session: AwsActSession,
  name: string,
  created: string,
): Promise<DescribeNotebookInstanceOutput> {
  const found = await describe(session, name);
  if (found !== null && found.CreationTime?.toISOString() === created) return found;
  throw new BursarError('conflict', `the notebook ${name} is gone`, {
    where: placeName(session),
    hint: 'It was deleted by someone else.',
  });
}

function busy(session: AwsActSession, name: string, state: string | undefined): BursarError {
  return new BursarError('unavailable', `the notebook ${name} is ${state ?? 'in no known state'}`, {
    where: placeName(session),
    hint: 'It is tried again when it has come to rest.',
  });
}
