import {
  type CollectionDetail,
  CollectionType,
  CreateCollectionCommand,
  DeletionProtection,
  ServerlessVectorAccelerationStatus,
  StandbyReplicas,
} from '@aws-sdk/client-opensearchserverless';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { collectionByName, tagsOfCollection } from './aws-aoss.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import { bulk, createIndex, deleteIndex, indexesOf } from './collection-data.ts';
import {
  type CollectionManifest,
  type KeptIndex,
  mustBeIntact,
  PATIENCE,
  readJson,
  writeJson,
} from './collection-export.ts';
import { atOneMoment } from './collection-moment.ts';
import { type Exports, readPart } from './exports.ts';
import type { Verified } from './model.ts';

/** What a collection was made as. */
export const definitionShape = z.object({
  name: z.string(),
  type: z.enum(CollectionType),
  description: z.string().optional(),
  kmsKeyArn: z.string().optional(),
  standbyReplicas: z.enum(StandbyReplicas).optional(),
  deletionProtection: z.enum(DeletionProtection).optional(),
  vectorOptions: z
    .object({ ServerlessVectorAcceleration: z.enum(ServerlessVectorAccelerationStatus) })
    .optional(),
  collectionGroupName: z.string().optional(),
  tags: z.record(z.string(), z.string()),
});
export type CollectionDefinition = z.output<typeof definitionShape>;

/** The tag by which a collection that undo makes is known as ours: its export. */
const OUR_TAG = 'bursar:plan';

/** Makes the collection of an export again and loads what was kept, one index after the other, as there is time. */
export async function restore(
  session: AwsActSession,
  exports: Exports,
  folder: string,
  kept: CollectionManifest,
): Promise<void> {
  const definition = definitionShape.parse(kept.definition);
  const found = await ours(session, folder, definition.name);
  if (found === null) return await create(session, folder, definition, kept);
  if (found.status !== 'ACTIVE') return;
  const data = session.collection(endpointOf(session, found));
  const ends = performance.now() + PATIENCE;
  for (const [at, each] of kept.indexes.entries()) {
    if ((await loadedAt(exports, folder, each)) !== null) continue;
    if (at > 0 && performance.now() > ends) return;
    // Until it is known to be loaded nobody else has been told of it: what a process left half-done goes.
    // Not before the export is known to bring it back.
    await mustBeIntact(exports, each);
    await deleteIndex(data, each.index);
    await createIndex(data, each.index, each.definition);
    for (const part of each.parts) await bulk(data, each.index, (await readPart(exports, part)).rows);
    await writeJson(exports, loadedName(folder, each), {
      schemaVersion: 1,
      loadedAt: new Date().toISOString(),
    });
  }
}

/**
 * What is written is found once the index is refreshed, which it is at its `refresh_interval` (OpenSearch
 * documentation, "Refresh Index API"): for so long nothing follows from what is not found.
 */
const FOUND_WITHIN_MS = 10 * 60_000;

/** Is everything there that was kept? */
export async function restored(
  session: AwsActSession,
  exports: Exports,
  folder: string,
  kept: CollectionManifest,
): Promise<Verified> {
  const { name } = definitionShape.parse(kept.definition);
  const found = await ours(session, folder, name);
  if (found === null) return { state: 'pending', reason: `${name} is not there yet.` };
  if (found.status === 'FAILED')
    return {
      state: 'failed',
      reason: `${name} could not be made again: ${found.failureMessage ?? 'no reason given'}`,
    };
  if (found.status !== 'ACTIVE')
    return { state: 'pending', underWay: true, reason: `${name} is ${found.status ?? 'unknown'}.` };
  const waiting: string[] = [];
  let newest = 0;
  for (const each of kept.indexes) {
    const at = await loadedAt(exports, folder, each);
    if (at === null) waiting.push(each.index);
    else newest = Math.max(newest, Date.parse(at));
  }
  if (waiting.length > 0)
    return { state: 'pending', underWay: true, reason: `These are not loaded yet: ${waiting.join(', ')}.` };
  const data = session.collection(endpointOf(session, found));
  const there = new Set((await indexesOf(data)).names);
  const more: string[] = [];
  for (const { index, documents, vectors } of kept.indexes) {
    if (!there.has(index))
      return { state: 'failed', reason: `${index} was loaded, and somebody has deleted it.` };
    const why = await atOneMoment(data, index, [], async (moment) => {
      const now = await moment.count();
      if (now > documents)
        more.push(`${index} holds ${now} documents, ${now - documents} more than were kept.`);
      if (now < documents) return `${now} of ${documents} documents of ${index} are found.`;
      for (const [field, expected] of Object.entries(vectors)) {
        const held = await moment.count(field);
        if (held < expected) return `${held} of ${expected} vectors of ${index} are found.`;
      }
      return null;
    });
    // However long the loading took: what it wrote is still on its way for a while.
    const soon = Date.now() - newest < FOUND_WITHIN_MS;
    if (why !== null) return { state: 'pending', ...(soon ? { underWay: true } : {}), reason: why };
  }
  const documents = kept.indexes.reduce((sum, each) => sum + each.documents, 0);
  return {
    state: 'done',
    note: `${name} is back with ${kept.indexes.length} indexes and ${documents} documents, as another collection: ${found.id ?? ''}, at ${endpointOf(session, found)}. Ids of documents are new. Let whatever asks it use that address.${more.map((each) => ` ${each}`).join('')}`,
  };
}

/** The collection that undo made; null where there is none of that name. @throws conflict where it is another's */
async function ours(session: AwsActSession, folder: string, name: string): Promise<CollectionDetail | null> {
  const found = await collectionByName(session, name);
  if (found === null) return null;
  const tags = await tagsOfCollection(session, found.arn ?? '');
  if (tags[OUR_TAG] === folder) return found;
  throw new BursarError('conflict', `someone made another collection of the name ${name}`, {
    where: placeName(session),
    hint: 'It is left as it is; what was kept lies in the export.',
  });
}

async function create(
  session: AwsActSession,
  folder: string,
  { tags, kmsKeyArn, ...definition }: CollectionDefinition,
  { policies }: CollectionManifest,
): Promise<void> {
  // Without a policy that encrypts it, its key was named when it was made.
  const encryptionConfig =
    kmsKeyArn === undefined || kmsKeyArn === 'auto' ? { aWSOwnedKey: true } : { kmsKeyArn };
  await act(session, 'aoss:CreateCollection', () =>
    session.openSearchServerless.send(
      new CreateCollectionCommand({
        ...definition,
        ...((policies['encryption'] ?? []).length > 0 ? {} : { encryptionConfig }),
        tags: [...Object.entries(tags), [OUR_TAG, folder] as const].map(([key, value]) => ({ key, value })),
        // Asked for twice, it is made once.
        clientToken: folder,
      }),
    ),
  );
}

function loadedName(folder: string, { index, digest }: KeptIndex): string {
  return `${folder}/loaded-${Buffer.from(index).toString('hex').slice(0, 64)}-${digest.slice(0, 16)}.json`;
}

const loaded = z.object({ schemaVersion: z.literal(1), loadedAt: z.string() });

/** When an index was loaded to its end; null where it was not. */
async function loadedAt(exports: Exports, folder: string, each: KeptIndex): Promise<string | null> {
  return (await readJson(exports, loadedName(folder, each), loaded))?.loadedAt ?? null;
}

export function endpointOf(session: AwsActSession, { collectionEndpoint, name }: CollectionDetail): string {
  if (collectionEndpoint !== undefined) return collectionEndpoint;
  throw new BursarError('unavailable', `the collection ${name ?? ''} has no endpoint yet`, {
    where: placeName(session),
  });
}
