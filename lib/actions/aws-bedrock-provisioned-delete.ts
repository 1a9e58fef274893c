import {
  DeleteProvisionedModelThroughputCommand,
  GetProvisionedModelThroughputCommand,
  type GetProvisionedModelThroughputResponse,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock';
import { z } from 'zod';
import { numberOf, textOf } from '../checks/attributes.ts';
import { partTags } from '../estate/aws/tags.ts';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.bedrock.provisioned-throughput-delete';
const UNITS = 'arn:*:bedrock:*:*:provisioned-model/*';
/** `modified`: model and units are those that were judged. */
const planShape = z.strictObject({ arn: z.string(), name: z.string(), modified: z.string() });

/**
 * Deletes a provisioned throughput of Bedrock. Not reversible: units that are bought anew have another ARN, which every
 * caller would have to learn, and may not be had. A custom model that it served stays.
 *
 * Never: one that is committed, before its term is over; one that is not in service.
 */
export const bedrockProvisionedDelete: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:bedrock:provisioned-model-throughput'],
  checks: ['idle-provisioned-throughput'],
  reversible: false,
  permissions: [
    reads(
      'bedrock:GetProvisionedModelThroughput',
      'reads a provisioned throughput just before its deletion',
      {
        resources: UNITS,
        byTag: true,
      },
    ),
    reads('bedrock:ListTagsForResource', 'reads the tags of a provisioned throughput', {
      resources: UNITS,
      byTag: true,
    }),
    changes('bedrock:DeleteProvisionedModelThroughput', UNITS, 'deletes one that nobody calls'),
  ],

  async read(target, session) {
    named(target, session, 'bedrock', 'provisioned-model/');
    const arn = target.resourceId;
    const unit = await describe(session, arn);
    if (unit === null) return null;
    const { tags } = await act(session, 'bedrock:ListTagsForResource', () =>
      session.bedrock.send(new ListTagsForResourceCommand({ resourceARN: arn })),
    );
    const { provisionedModelName: name, modelUnits, lastModifiedTime, creationTime, status } = unit;
    const modified = lastModifiedTime?.toISOString() ?? null;
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'aws:bedrock:provisioned-model-throughput',
        id: arn,
        name: name ?? null,
        state: status ?? 'unknown',
        created: creationTime?.toISOString() ?? null,
        tags: partTags((tags ?? []).map(({ key, value }) => ({ Key: key, Value: value }))).tags,
        sku: unit.foundationModelArn?.split('/').at(-1) ?? null,
        accelerators: [],
        parent: null,
        attributes: { modified, modelUnits: modelUnits ?? null, committed: committed(unit) },
      },
      // Other units or another model are another purchase.
      fingerprint: { launch: modified, parent: null },
      done: false,
      protection: null,
      lost: ['Its ARN: whoever calls the model by it gets an error, for good.'],
      staysBilled: ['The custom model that it served, where it is one'],
      risks: ['Units of this model may not be had again.'],
    };
  },

  plan(_target, { resource }) {
    const { state, id, name, sku, attributes } = resource;
    if (state !== 'InService')
      return { ok: false, reason: `It is ${state}: only a throughput in service is deleted.` };
    const until = textOf(resource, 'committed');
    if (until !== null)
      return {
        ok: false,
        reason: `It is committed until ${until}: Bedrock does not delete it before.`,
      };
    const plan = planShape.safeParse({ arn: id, name, modified: attributes['modified'] });
    if (!plan.success) return { ok: false, reason: 'Bedrock did not describe it whole.' };
    return {
      ok: true,
      plan: plan.data,
      undoPlan: plan.data,
      summary: `Delete the provisioned throughput ${plan.data.name} (${numberOf(resource, 'modelUnits') ?? '?'} model units of ${sku ?? 'a model'}); it does not come back.`,
    };
  },

  async apply(stored, session) {
    const { arn, name, modified } = planOf(planShape, stored, ID);
    const unit = await describe(session, arn);
    if (unit === null) return;
    const until = committed(unit);
    if (unit.lastModifiedTime?.toISOString() !== modified || unit.status !== 'InService' || until !== null)
      throw new BursarError(
        'conflict',
        `the provisioned throughput ${name} was changed since it was judged`,
        {
          where: placeName(session),
          hint: 'Nothing was done; the next audit judges it anew.',
        },
      );
    await act(session, 'bedrock:DeleteProvisionedModelThroughput', () =>
      session.bedrock.send(new DeleteProvisionedModelThroughputCommand({ provisionedModelId: arn })),
    );
  },

  async verify(stored, session) {
    const { arn, name } = planOf(planShape, stored, ID);
    const unit = await describe(session, arn);
    return unit === null
      ? { state: 'done' }
      : { state: 'pending', reason: `${name} is ${unit.status ?? 'unknown'}.` };
  },

  async undo(stored, session) {
    const { arn, name } = planOf(planShape, stored, ID);
    if ((await describe(session, arn)) !== null) return;
    throw new BursarError('conflict', `the provisioned throughput ${name} cannot be brought back`, {
      where: placeName(session),
      hint: 'Buy it anew in Bedrock, and give its new ARN to whoever calls it.',
    });
  },

  async verifyUndo(stored, session) {
    const { arn, name } = planOf(planShape, stored, ID);
    return (await describe(session, arn)) === null
      ? { state: 'failed', reason: `${name} was deleted: it cannot come back.` }
      : { state: 'done' };
  },
};

async function describe(
  session: AwsActSession,
  arn: string,
): Promise<GetProvisionedModelThroughputResponse | null> {
  return await unless(['ResourceNotFoundException'], () =>
    act(session, 'bedrock:GetProvisionedModelThroughput', () =>
      session.bedrock.send(new GetProvisionedModelThroughputCommand({ provisionedModelId: arn })),
    ),
  );
}

/**
 * Until when it cannot be deleted (Bedrock User Guide, "Delete a Provisioned Throughput": not before the commitment term
 * is complete); null where it can. A term without an end is not over.
 */
function committed(unit: GetProvisionedModelThroughputResponse): string | null {
  const { commitmentDuration, commitmentExpirationTime: ends } = unit;
  if (ends !== undefined) return ends.getTime() > Date.now() ? ends.toISOString() : null;
  return commitmentDuration === undefined ? null : 'a date that Bedrock does not tell';
}
