import { randomUUID } from 'node:crypto';
import type { CollectionDetail, CollectionGroupDetail } from '@aws-sdk/client-opensearchserverless';
import { z } from 'zod';
import { isoTime } from '../estate/aws/resource.ts';
import { BursarError } from '../platform/errors.ts';
import { collectionById, groupOf, policiesOf, sharers, tagsOfCollection } from './aws-aoss.ts';
import { bringBack, broughtBack, plainOf, remove, removed, removeOnceKept } from './aws-aoss-removal.ts';
import { type CollectionDefinition, definitionShape, endpointOf } from './aws-aoss-restore.ts';
import { areLimits, OF_SCALING, scale, scalingOf, setLimits, told } from './aws-aoss-scaling.ts';
import { type AwsActSession, placeName } from './aws-session.ts';
import { definitionOf, indexesOf, vectorsIn } from './collection-data.ts';
import { MOST_DOCUMENTS } from './collection-export.ts';
import type { Action, Live } from './model.ts';
import { changes, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.opensearchserverless.scale-down-or-remove';
const COLLECTIONS = 'arn:*:aoss:*:*:collection/*';
const GROUPS = 'arn:*:aoss:*:*:collection-group/*';

const planShape = z.discriminatedUnion('what', [scale, remove]);

/** What a collection holds, as far as it matters before it goes. */
type Held = { readonly why: string } | { readonly hidden: string[]; readonly documents: number | null };

/**
 * What can be done about a vector collection of OpenSearch Serverless that nobody asks. Where it is alone in a
 * collection group that keeps more than the least capacity, the minimum of the group is lowered; undo sets it again.
 * Else it is removed, for which the owner has to ask and a second person to agree: every index is exported with
 * settings, mappings, aliases and all documents, read once more and compared, and only then the collection is deleted.
 * Undo makes another collection of the same name and loads the export: its id, its address and the ids of its documents
 * are new. Its snapshots restore into it alone, and end with it (Developer Guide, "Backing up collections using
 * snapshots").
 *
 * Never: a collection whose documents cannot all be read back, as its mapping keeps them in part, or of more than
 * 50,000 of them; one that was written to since its export; where the config names no place for exports.
 */
export const collectionDown: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['opensearch-serverless:index'],
  checks: ['stale-embeddings'],
  // One index of a collection whose documents are compared is `opensearch://HOST/INDEX`, and what else is told of a
  // collection than that nobody asks it has its kind after a `#`: neither is a reason to remove the collection.
  answers: ({ resourceId }) => /^arn:[^#]*$/.test(resourceId),
  // Of a collection that is removed it is not: Live.reversible.
  reversible: true,
  permissions: [
    reads('aoss:BatchGetCollection', 'reads a collection just before it is removed'),
    reads('aoss:ListCollections', 'tells which collections share capacity'),
    reads('aoss:BatchGetCollectionGroup', 'reads the capacity limits of a collection group'),
    reads('aoss:ListTagsForResource', 'reads the tags of a collection'),
    reads('aoss:ListSecurityPolicies', 'names the policies that a collection needs to come back'),
    reads('aoss:ListAccessPolicies', 'names the policies that a collection needs to come back'),
    changes('aoss:APIAccessAll', COLLECTIONS, 'exports what a collection holds, and loads it again'),
    changes(
      'aoss:UpdateCollectionGroup',
      GROUPS,
      'lowers the minimum capacity of a group whose one collection nobody asks',
    ),
    changes('aoss:DeleteCollection', COLLECTIONS, 'removes a collection that was exported'),
    // Neither is granted for single collections (Service Authorization Reference, OpenSearch Serverless).
    {
      cloud: 'aws',
      action: 'aoss:CreateCollection',
      why: 'makes again what was removed',
      tagConditioned: false,
    },
    {
      cloud: 'aws',
      action: 'aoss:TagResource',
      why: 'puts the tags on a collection that is made again',
      tagConditioned: true,
    },
  ],

  async read(target, session) {
    const id = named(target, session, 'aoss', 'collection/');
    const collection = await collectionById(session, id);
    if (collection === null) return null;
    const { arn, name, status } = collection;
    const created = isoTime(collection.createdDate);
    if (arn !== target.resourceId || name === undefined || created === null)
      throw new BursarError(
        'unavailable',
        `OpenSearch Serverless did not describe the collection ${id} whole`,
        {
          where: placeName(session),
        },
      );
    const tags = await tagsOfCollection(session, arn);
    const group = await groupOf(session, collection);
    const scaling = scalingOf(group);
    const held = scaling === null && status === 'ACTIVE' ? await heldBy(session, collection) : null;
    const { deletionProtection } = collection;
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'opensearch-serverless:index',
        id: arn,
        name,
        state: status ?? 'unknown',
        created,
        tags,
        sku: collection.type ?? null,
        accelerators: [],
        parent: null,
        attributes: {
          id,
          scaling: scaling === null ? null : plainOf(scaling),
          unreadable: held !== null && 'why' in held ? held.why : null,
          documents: held !== null && 'documents' in held ? held.documents : null,
          definition: held === null ? null : plainOf(definitionOfCollection(collection, tags)),
          policies: held === null ? null : await policiesOf(session, name),
          exports: session.exports?.shownAs ?? null,
          // A plan is made once a reading; it must not take the export of an earlier plan for its own.
          nonce: randomUUID(),
        },
      },
      fingerprint: {
        launch: created,
        parent: group === null ? null : `aws:opensearchserverless:group ${group.id ?? ''}`,
      },
      done: status === 'DELETING',
      protection:
        scaling === null && deletionProtection === 'ENABLED' ? 'its deletion protection is on' : null,
      ...(scaling === null ? await ofRemoval(session, collection, group, held) : OF_SCALING),
    };
  },

  plan(_target, { resource, protection }) {
    const { id, scaling, unreadable, documents, definition, policies, exports, nonce } = resource.attributes;
    const down = scale.safeParse(scaling);
    if (down.success) {
      const { name, had, to } = down.data;
      return {
        ok: true,
        plan: plainOf(down.data),
        undoPlan: plainOf(down.data),
        summary: `Lower the minimum capacity of the collection group ${name} from ${told(had)} to ${told(to)}; its only collection stays as it is.`,
      };
    }
    if (protection !== null) return { ok: false, reason: `It is not removed: ${protection}.` };
    if (resource.state !== 'ACTIVE')
      return { ok: false, reason: `It is ${resource.state}: only an active one is removed.` };
    if (typeof exports !== 'string')
      return {
        ok: false,
        reason: 'The config names no place to export it to before it is removed (estate.aws.exports).',
      };
    if (typeof unreadable === 'string')
      return { ok: false, reason: `It cannot be exported whole: ${unreadable}.` };
    if (typeof documents === 'number' && documents > MOST_DOCUMENTS)
      return {
        ok: false,
        reason: `It holds ${documents} documents: more than ${MOST_DOCUMENTS} are not exported by Bursar.`,
      };
    const plan = remove.safeParse({
      what: 'remove',
      id,
      arn: resource.id,
      created: resource.created,
      folder: nonce,
      definition,
      policies,
    });
    if (!plan.success) return { ok: false, reason: 'OpenSearch Serverless did not describe it whole.' };
    return {
      ok: true,
      plan: plainOf(plan.data),
      undoPlan: plainOf(plan.data),
      summary: `Delete collection ${resource.name ?? ''} once ${typeof documents === 'number' ? `its ${documents} documents are` : 'all that it holds is'} exported to ${exports} and read back. It comes back only as another collection, loaded from that.`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    if (plan.what === 'scale') await setLimits(session, plan, plan.had, plan.to);
    else await removeOnceKept(session, plan);
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    return plan.what === 'scale' ? await areLimits(session, plan, plan.to) : await removed(session, plan);
  },

  async undo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    if (plan.what === 'scale') await setLimits(session, plan, plan.to, plan.had);
    else await bringBack(session, plan);
  },

  async verifyUndo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    return plan.what === 'scale'
      ? await areLimits(session, plan, plan.had)
      : await broughtBack(session, plan);
  },
};

/** What a removal comes to, in sentences. */
async function ofRemoval(
  session: AwsActSession,
  collection: CollectionDetail,
  group: CollectionGroupDetail | null,
  held: Held | null,
): Promise<Pick<Live, 'lost' | 'staysBilled' | 'risks' | 'reversible'>> {
  const others = group === null ? await sharers(session, collection) : (group.numberOfCollections ?? 1) - 1;
  const hidden =
    held !== null && 'hidden' in held && held.hidden.length > 0
      ? [`These indexes: ${held.hidden.join(', ')}.`]
      : [];
  return {
    lost: [
      'Its id and address: whatever asks it must be told others once it is back.',
      'Ids of its documents: a vector collection gives new ones.',
      'Its snapshots, index templates and pipelines.',
      'What is written to it just before it is deleted and is not found by a search yet.',
      ...hidden,
    ],
    staysBilled: [
      'The export, at the price of its bucket',
      ...(others === 0
        ? []
        : [
            others === null
              ? 'Its capacity, as far as other collections share it'
              : `The capacity that ${others} other collections share with it`,
          ]),
    ],
    risks: [
      'The export reads all documents twice, by searches that are counted as queries of the collection. It goes on over some sweeps.',
      'Its settings come back as far as a collection takes them: k-NN, analysis, mapping, similarity and refresh.',
    ],
    reversible: false,
  };
}

/** Without a search: that would be counted as a query of what nobody asks. */
async function heldBy(session: AwsActSession, collection: CollectionDetail): Promise<Held> {
  const data = session.collection(endpointOf(session, collection));
  try {
    const { names, hidden, documents } = await indexesOf(data);
    for (const index of names) {
      const fields = vectorsIn((await definitionOf(data, index)).mappings);
      if ('why' in fields) return { why: `${index}: ${fields.why}` };
    }
    return { hidden, documents };
  } catch (error) {
    // What passes is tried again; what is refused is told to its owner.
    if (!(error instanceof BursarError) || error.code === 'unavailable' || error.code === 'throttled')
      throw error;
    return { why: error.message };
  }
}

function definitionOfCollection(
  collection: CollectionDetail,
  tags: Record<string, string>,
): CollectionDefinition {
  return definitionShape.parse({ ...collection, tags });
}
