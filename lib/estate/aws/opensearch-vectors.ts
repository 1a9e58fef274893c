import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import {
  type Dataset,
  type MeasuredQueries,
  type Resource,
  scopeName,
  type VectorGap,
  type VectorIndex,
} from '../model.ts';
import { vectorIndex } from '../vector-index.ts';
import type { Dimension } from './gpu-join.ts';
import {
  METRIC_DATA_PERMISSION,
  type MetricAnswer,
  type MetricQuery,
  type MetricWindow,
  metricData,
} from './metric-data.ts';
import { owned } from './observability.ts';
import { awsOpensearchCollections } from './opensearch-collections.ts';
import { expectedFrom } from './series.ts';
import type { AwsSession } from './session.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'cloudwatch:ListMetrics',
  why: 'finds the indexes of vector collections by the metrics that they publish',
};
const ID = 'aws.opensearchserverless.vectors';
const NAMESPACE = 'AWS/AOSS';
const HOUR_MS = 3_600_000;
/** Thirty days, by the hour: as long as a vector index must be quiet where nobody says otherwise. */
const DAYS = 30;
const PERIOD = 3600;
/** What an index holds is published every minute: the newest of the last hours is what it holds now. */
const HELD_HOURS = 6;
/** Published of each index of a collection (OpenSearch Service Developer Guide, "Monitoring OpenSearch Serverless"). */
const HELD = ['SearchableDocuments', 'StorageUsedInS3'] as const;
type Held = (typeof HELD)[number];

const GAPS: readonly VectorGap[] = [
  {
    of: 'vectors',
    why: 'OpenSearch Serverless counts documents; how many of them hold a vector it does not tell.',
  },
  { of: 'model', why: 'A collection does not know which model made its vectors.' },
  { of: 'documents', why: 'No document was read.' },
  {
    of: 'cost',
    why: 'Capacity is billed for the account: it falls with the last collection of a group or key, and above the minimum with what the others need.',
  },
];

/**
 * Vector collections of OpenSearch Serverless with what CloudWatch measured of them over 30 days: searches, and what
 * their indexes hold. Search requests are told of a whole collection, never of one index.
 *
 * It does not see: dimension, metric and mapping, which only the data plane tells; what a collection costs; searches
 * of hours of which nothing was published (they count as not received, never as none).
 */
export const awsOpensearchVectors: Dataset<AwsSession> = {
  id: ID,
  needs: [awsOpensearchCollections.id],
  permissions: [LIST, METRIC_DATA_PERMISSION],
  async collect(scope, session, now, earlier, meter) {
    const collections = earlier.resources.filter(
      ({ type, sku }) => type === 'aws:opensearchserverless:collection' && sku === 'VECTORSEARCH',
    );
    if (collections.length === 0) return { vectorIndexes: [] };
    const where = scopeName(scope);
    const end = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
    const window = (hours: number): MetricWindow => ({
      start: new Date(end - hours * HOUR_MS),
      end: new Date(end),
      period: PERIOD,
    });
    const searched = window(DAYS * 24);
    const searches = await metricData(
      session,
      collections.map((collection) => searchesOf(collection, session.accountId)),
      searched,
      where,
      meter,
    );
    const held = await heldOf(session, collections, window(HELD_HOURS), where, meter);
    const faults = new Map<string, string>();
    const vectorIndexes = collections.flatMap((collection, at) => {
      const { id } = collection;
      const answer = searches[at];
      const measured = answer?.ok === true ? measuredOf(answer.points, searched, collection.created) : null;
      const fault =
        answer?.ok === true ? held.faults.get(collectionId(collection)) : (answer?.fault ?? 'no answer');
      if (fault !== undefined) faults.set(id, fault);
      // What could not be read whole is left out: it would look less asked, or smaller, than it is.
      return measured === null || fault !== undefined
        ? []
        : [describe(session, collection, measured, held, collections)];
    });
    const [first] = faults;
    if (first === undefined) return { vectorIndexes };
    throw new IncompleteError(
      'unavailable',
      `${METRIC_DATA_PERMISSION.action} could not answer for ${faults.size} of ${collections.length} collections (${first.join(' ')})`,
      { vectorIndexes },
      { where, hint: 'Look again later: what could not be read is left out, not taken for unused.' },
    );
  },
};

function collectionId({ attributes }: Resource): string {
  const { collectionId: id } = attributes;
  return typeof id === 'string' ? id : '';
}

/** `SearchRequestRate`: search requests in a minute; their sum over an hour is the requests of that hour. */
function searchesOf(collection: Resource, accountId: string): MetricQuery {
  return {
    namespace: NAMESPACE,
    metricName: 'SearchRequestRate',
    dimensions: [
      { Name: 'ClientId', Value: accountId },
      { Name: 'CollectionId', Value: collectionId(collection) },
      { Name: 'CollectionName', Value: collection.name ?? '' },
    ],
    stat: 'Sum',
  };
}

function measuredOf(
  points: Extract<MetricAnswer, { ok: true }>['points'],
  window: MetricWindow,
  created: string | null,
): MeasuredQueries {
  const { start, expected } = expectedFrom(window, created);
  const inside = points.filter(({ at }) => at >= start && at < window.end.getTime());
  return {
    start: new Date(Math.min(start, window.end.getTime())).toISOString(),
    end: window.end.toISOString(),
    queries: inside.reduce((sum, { value }) => sum + value, 0),
    received: inside.length,
    expected,
    source: `${NAMESPACE} SearchRequestRate`,
  };
}

/** What collections hold, by collection id; one without a published index is not in it. */
interface HeldByAll {
  readonly of: ReadonlyMap<string, Readonly<Partial<Record<Held, number>>>>;
  readonly faults: ReadonlyMap<string, string>;
}

/** ListMetrics leaves out what was silent for two weeks: an index that it does not name has no point in the window. */
async function heldOf(
  session: AwsSession,
  collections: readonly Resource[],
  window: MetricWindow,
  where: string,
  meter: Meter,
): Promise<HeldByAll> {
  const ours = new Set(collections.map(collectionId));
  const wanted: { collection: string; metric: Held; query: MetricQuery }[] = [];
  for (const metric of HELD) {
    const found: { collection: string; dimensions: Dimension[] }[] = [];
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.cloudwatch.send(
        new ListMetricsCommand({
          Namespace: NAMESPACE,
          MetricName: metric,
          ...owned(session),
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    for await (const { Metrics } of pages)
      for (const { Dimensions } of Metrics ?? []) {
        const dimensions = (Dimensions ?? []).flatMap(({ Name, Value }) =>
          Name === undefined || Value === undefined ? [] : [{ Name, Value }],
        );
        const collection = dimensions.find(({ Name }) => Name === 'CollectionId')?.Value ?? '';
        if (ours.has(collection)) found.push({ collection, dimensions });
      }
    for (const { collection, dimensions } of finest(found))
      wanted.push({
        collection,
        metric,
        query: { namespace: NAMESPACE, metricName: metric, dimensions, stat: 'Maximum' },
      });
  }
  const answers = await metricData(
    session,
    wanted.map(({ query }) => query),
    window,
    where,
    meter,
  );
  const of = new Map<string, Partial<Record<Held, number>>>();
  const faults = new Map<string, string>();
  for (const [at, { collection, metric }] of wanted.entries()) {
    const answer = answers[at];
    if (answer?.ok !== true)
      faults.set(collection, `${NAMESPACE} ${metric}: ${answer?.fault ?? 'no answer'}`);
    else {
      const newest = answer.points.at(-1);
      const known = of.get(collection);
      if (newest !== undefined)
        of.set(collection, { ...known, [metric]: (known?.[metric] ?? 0) + newest.value });
    }
  }
  return { of, faults };
}

/**
 * Each series once: those by index where there are some, else those of the collection as a whole. Never both, which
 * would count twice.
 */
function finest<T extends { collection: string; dimensions: readonly Dimension[] }>(
  found: readonly T[],
): T[] {
  const isOfIndex = ({ dimensions }: T) =>
    dimensions.some(({ Name }) => Name === 'IndexId' || Name === 'IndexName');
  const byIndex = new Set(found.filter(isOfIndex).map(({ collection }) => collection));
  const keyOf = ({ dimensions }: T) =>
    dimensions
      .map(({ Name, Value }) => JSON.stringify([Name, Value]))
      .toSorted()
      .join();
  const once = new Map(found.map((one) => [keyOf(one), one]));
  return [...once.values()].filter((one) => isOfIndex(one) || !byIndex.has(one.collection));
}

function describe(
  session: AwsSession,
  collection: Resource,
  measured: MeasuredQueries,
  held: HeldByAll,
  all: readonly Resource[],
): VectorIndex {
  const { id, name, created } = collection;
  const holds = held.of.get(collectionId(collection));
  const group = all.filter((other) => sharesWith(other) === sharesWith(collection));
  const bytes = group.map((one) => held.of.get(collectionId(one))?.StorageUsedInS3);
  return vectorIndex({
    store: name ?? id,
    storeType: 'opensearch-serverless',
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    dataset: ID,
    id,
    incarnation: collectionId(collection),
    index: name ?? id,
    vectors: holds?.SearchableDocuments ?? null,
    bytes: holds?.StorageUsedInS3 ?? null,
    created,
    measured,
    replicas: 0,
    capacity: {
      kind: 'minimum',
      // Neither bill nor API says under which id the units of a group are charged.
      billed: [],
      bytes: bytes.every((one) => one !== undefined)
        ? bytes.reduce<number>((sum, one) => sum + (one ?? 0), 0)
        : null,
      sharedBy: group.map((one) => one.id),
    },
    gaps: [
      ...GAPS,
      ...(holds?.StorageUsedInS3 === undefined
        ? [
            {
              of: 'bytes',
              why: 'No index of the collection published what it stores in the last hours.',
            } as const,
          ]
        : []),
    ],
  });
}

/**
 * What shares capacity units: the collections of a group, else those of a key. Vector collections share none with
 * those of other types (OpenSearch Service Developer Guide, "Managing capacity limits for Amazon OpenSearch
 * Serverless", Note; "Amazon OpenSearch Serverless collection groups").
 */
function sharesWith({ attributes }: Resource): string {
  const { collectionGroup, kmsKeyArn } = attributes;
  if (typeof collectionGroup === 'string') return `group ${collectionGroup}`;
  return `key ${typeof kmsKeyArn === 'string' ? kmsKeyArn : ''}`;
}
