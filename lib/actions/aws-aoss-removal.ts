import { type CollectionDetail, DeleteCollectionCommand } from '@aws-sdk/client-opensearchserverless';
import { z } from 'zod';
import { isoTime } from '../estate/aws/resource.ts';
import { BursarError } from '../platform/errors.ts';
import { collectionById } from './aws-aoss.ts';
import { definitionShape, endpointOf, restore, restored } from './aws-aoss-restore.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';
import {
  type CollectionManifest,
  differenceOf,
  keepCollection,
  mustBeIntact,
  readWhole,
} from './collection-export.ts';
import type { Exports } from './exports.ts';
import type { Verified } from './model.ts';

/** The removal of a collection, and where it is kept. */
export const remove = z.strictObject({
  what: z.literal('remove'),
  id: z.string(),
  arn: z.string(),
  created: z.string(),
  /** Folder of the export. */
  folder: z.string(),
  definition: definitionShape,
  policies: z.record(z.string(), z.array(z.string())),
});
type Removal = z.output<typeof remove>;

/**
 * One step towards the removal: exports what is not exported yet; or, once that is whole, reads it back, compares it
 * with the collection, and deletes it.
 * @throws BursarError (conflict) where the export or the collection is not what it was: nothing is deleted then
 */
export async function removeOnceKept(session: AwsActSession, plan: Removal): Promise<void> {
  const collection = await collectionById(session, plan.id);
  if (collection === null || collection.status === 'DELETING') return;
  mustBe(plan, collection, session);
  const exports = exportsOf(session);
  const data = session.collection(endpointOf(session, collection));
  const kept = await readWhole(exports, plan.folder);
  if (kept === null) {
    const { arn, definition, policies } = plan;
    await keepCollection(exports, plan.folder, data, {
      collection: arn,
      definition: plainOf(definition),
      policies,
    });
    return;
  }
  // Sweeps may lie between, and a bucket has rules and people of its own.
  for (const each of kept.indexes) await mustBeIntact(exports, each);
  const other = await differenceOf(data, kept);
  if (other !== null)
    throw new BursarError('conflict', `the collection is not what was exported any more: ${other}`, {
      where: placeName(session),
      hint: 'Nothing was deleted; the next audit judges it anew.',
    });
  // Reading took its time.
  const now = await collectionById(session, plan.id);
  if (now === null || now.status === 'DELETING') return;
  mustBe(plan, now, session);
  // Another sweep may have been first.
  await unless(['ResourceNotFoundException'], () =>
    act(session, 'aoss:DeleteCollection', () =>
      session.openSearchServerless.send(
        new DeleteCollectionCommand({ id: plan.id, clientToken: plan.folder }),
      ),
    ),
  );
}

export async function removed(session: AwsActSession, plan: Removal): Promise<Verified> {
  const { name } = plan.definition;
  const exports = exportsOf(session);
  const collection = await collectionById(session, plan.id);
  const kept = await readWhole(exports, plan.folder);
  const where = `${exports.shownAs}/${plan.folder}`;
  if (collection === null)
    return kept === null
      ? { state: 'failed', reason: `${name} was deleted by someone else before it was exported.` }
      : { state: 'done', note: `${name} is deleted; what it held is kept in ${where}.` };
  if (collection.status === 'DELETING')
    return { state: 'pending', underWay: true, reason: `${name} is being deleted.` };
  return {
    state: 'pending',
    reason:
      kept === null
        ? `${name} is not exported whole yet.`
        : `${name} is exported to ${where}, and still there.`,
  };
}

/** One step towards another collection that holds what was exported; none while the former is there. */
export async function bringBack(session: AwsActSession, plan: Removal): Promise<void> {
  const former = await collectionById(session, plan.id);
  if (former !== null) return;
  const exports = exportsOf(session);
  await restore(session, exports, plan.folder, await mustBeKept(exports, plan));
}

export async function broughtBack(session: AwsActSession, plan: Removal): Promise<Verified> {
  const { name } = plan.definition;
  const former = await collectionById(session, plan.id);
  if (former?.status === 'DELETING')
    return { state: 'pending', underWay: true, reason: `${name} is still being deleted.` };
  if (former !== null) return { state: 'done', note: `${name} was not deleted.` };
  const exports = exportsOf(session);
  return await restored(session, exports, plan.folder, await mustBeKept(exports, plan));
}

function mustBe(plan: Removal, collection: CollectionDetail, session: AwsActSession): void {
  const { status, deletionProtection } = collection;
  const why =
    isoTime(collection.createdDate) !== plan.created
      ? 'is another one'
      : status !== 'ACTIVE'
        ? `is ${status ?? 'unknown'}`
        : deletionProtection === 'ENABLED'
          ? 'was protected from deletion'
          : null;
  if (why !== null)
    throw new BursarError('conflict', `the collection ${plan.definition.name} ${why} since it was judged`, {
      where: placeName(session),
      hint: 'Nothing was deleted; the next audit judges it anew.',
    });
}

async function mustBeKept(exports: Exports, { folder, definition }: Removal): Promise<CollectionManifest> {
  const kept = await readWhole(exports, folder);
  if (kept !== null) return kept;
  throw new BursarError('conflict', `there is no whole export of ${definition.name}`, {
    where: `${exports.shownAs}/${folder}`,
    hint: 'It cannot come back from what is there.',
  });
}

function exportsOf(session: AwsActSession): Exports {
  if (session.exports !== null) return session.exports;
  throw new BursarError('config', 'the config names no place of exports any more', {
    where: 'estate.aws.exports',
    hint: 'Name the one that the collection was kept in.',
  });
}

/** Without what is not there: a plan is stored as JSON. */
export function plainOf(value: unknown) {
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(value)));
}
