import { GetFoundationModelCommand } from '@aws-sdk/client-bedrock';
import {
  type DataSource,
  GetDataSourceCommand,
  type IngestionJobSummary,
  ListDataSourcesCommand,
  ListIngestionJobsCommand,
  ListKnowledgeBaseDocumentsCommand,
} from '@aws-sdk/client-bedrock-agent';
import pLimit from 'p-limit';
import { awsCall } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import {
  type Dataset,
  type ModelLifecycle,
  type Resource,
  scopeName,
  type VectorCapacity,
  type VectorGap,
  type VectorIndex,
} from '../model.ts';
import { vectorIndex } from '../vector-index.ts';
import { BEDROCK_AT_ONCE, lowerPages, unlessNotFound } from './bedrock.ts';
import { awsBedrockKnowledgeBases } from './bedrock-knowledge-bases.ts';
import { isoTime } from './resource.ts';
import type { AwsSession } from './session.ts';

const SOURCES: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListDataSources',
  why: 'lists where the documents of a knowledge base come from',
};
const SOURCE: Permission = {
  cloud: 'aws',
  action: 'bedrock:GetDataSource',
  why: 'tells the bucket of a data source',
};
const JOBS: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListIngestionJobs',
  why: 'tells when a knowledge base was last filled, and with how many documents',
};
const DOCUMENTS: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListKnowledgeBaseDocuments',
  why: 'tells which documents of a knowledge base are indexed, and since when',
};
const MODEL: Permission = {
  cloud: 'aws',
  action: 'bedrock:GetFoundationModel',
  why: 'tells whether the embedding model of a knowledge base is being retired',
};

const ID = 'aws.bedrock.knowledge-vectors';
/** Pages of documents of one data source that are read at most. */
const MOST_PAGES = 20;
/** The last ingestion jobs of one data source that are looked at. */
const JOBS_READ = 10;

/**
 * What knowledge bases of Bedrock hold in their vector stores: embedding model and what Bedrock says of its future,
 * where the documents come from, when they were last filled. Of documents their state and time are read, never
 * their names or texts.
 *
 * It does not see: how often a knowledge base is asked; how many vectors its documents became; documents beyond
 * the first pages of a data source; those of web, Confluence, SharePoint and Salesforce sources, which Bedrock does
 * not list (DocumentIdentifier knows S3 and CUSTOM alone).
 */
export const awsBedrockKnowledgeVectors: Dataset<AwsSession> = {
  id: ID,
  needs: [awsBedrockKnowledgeBases.id],
  permissions: [SOURCES, SOURCE, JOBS, DOCUMENTS, MODEL],
  async collect(scope, session, _now, earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const bases = earlier.resources.filter(
      ({ type, attributes }) => type === 'aws:bedrock:knowledge-base' && attributes['kind'] === 'VECTOR',
    );
    const limit = pLimit(BEDROCK_AT_ONCE);
    const models = new Map<string, Promise<ModelLifecycle | null>>();
    const lifecycleOf = (arn: string) => {
      const known = models.get(arn) ?? unlessNotFound(() => lifecycle(session, arn, call));
      models.set(arn, known);
      return known;
    };
    const found = await Promise.all(
      bases.map((base) =>
        limit(() =>
          unlessNotFound(async () => {
            const arn = textOf(base, 'embeddingModelArn');
            const sources = await sourcesOf(session, textOf(base, 'knowledgeBaseId') ?? '', call);
            return describe(session, base, sources, arn === null ? null : await lifecycleOf(arn));
          }),
        ),
      ),
    );
    return { vectorIndexes: found.filter((one) => one !== null) };
  },
};

type Call = Pick<Parameters<typeof awsCall>[0], 'where' | 'meter'>;

/** Only what Bedrock itself serves has a lifecycle there; other models are imported or reached through a profile. */
async function lifecycle(session: AwsSession, arn: string, call: Call): Promise<ModelLifecycle | null> {
  const modelIdentifier = /:foundation-model\/(.+)$/.exec(arn)?.[1];
  if (modelIdentifier === undefined) return null;
  const { modelDetails } = await awsCall({ action: MODEL.action, ...call }, () =>
    session.bedrock.send(new GetFoundationModelCommand({ modelIdentifier })),
  );
  const told = modelDetails?.modelLifecycle;
  if (told?.status === undefined) return null;
  return {
    status: told.status,
    legacySince: isoTime(told.legacyTime),
    endOfLife: isoTime(told.endOfLifeTime),
    source: MODEL.action,
  };
}

interface Source {
  readonly name: string | null;
  /** The newest job that ended well and changed something. */
  readonly filled: IngestionJobSummary | null;
  readonly documents: Documents | null;
}

/** Documents of one source by their state. */
interface Documents {
  readonly states: ReadonlyMap<string, number>;
  readonly newest: number | null;
  readonly whole: boolean;
}

async function sourcesOf(session: AwsSession, knowledgeBaseId: string, call: Call): Promise<Source[]> {
  const pages = lowerPages({ action: SOURCES.action, ...call }, (nextToken) =>
    session.bedrockAgent.send(
      new ListDataSourcesCommand({ knowledgeBaseId, ...(nextToken === undefined ? {} : { nextToken }) }),
    ),
  );
  const ids = new Set<string>();
  for await (const { dataSourceSummaries } of pages)
    for (const { dataSourceId } of dataSourceSummaries ?? []) ids.add(dataSourceId ?? '');
  const sources: Source[] = [];
  for (const dataSourceId of ids) {
    const place = { knowledgeBaseId, dataSourceId };
    const { dataSource } = await awsCall({ action: SOURCE.action, ...call }, () =>
      session.bedrockAgent.send(new GetDataSourceCommand(place)),
    );
    const { ingestionJobSummaries: jobs = [] } = await awsCall({ action: JOBS.action, ...call }, () =>
      session.bedrockAgent.send(
        new ListIngestionJobsCommand({
          ...place,
          maxResults: JOBS_READ,
          sortBy: { attribute: 'STARTED_AT', order: 'DESCENDING' },
        }),
      ),
    );
    const type = dataSource?.dataSourceConfiguration?.type;
    sources.push({
      name: nameOf(dataSource),
      filled: jobs.find(changed) ?? null,
      documents: type === 'S3' || type === 'CUSTOM' ? await documentsOf(session, place, call) : null,
    });
  }
  return sources;
}

/** A job that found nothing new writes nothing; one without statistics may have. */
function changed({ status, statistics }: IngestionJobSummary): boolean {
  if (status !== 'COMPLETE') return false;
  if (statistics === undefined) return true;
  const { numberOfNewDocumentsIndexed, numberOfModifiedDocumentsIndexed, numberOfDocumentsDeleted } =
    statistics;
  const written = [numberOfNewDocumentsIndexed, numberOfModifiedDocumentsIndexed, numberOfDocumentsDeleted];
  return written.some((count) => count === undefined || count > 0);
}

async function documentsOf(
  session: AwsSession,
  place: { knowledgeBaseId: string; dataSourceId: string },
  call: Call,
): Promise<Documents> {
  const states = new Map<string, number>();
  let newest: number | null = null;
  let read = 0;
  const pages = lowerPages({ action: DOCUMENTS.action, ...call }, (nextToken) =>
    session.bedrockAgent.send(
      new ListKnowledgeBaseDocumentsCommand({ ...place, ...(nextToken === undefined ? {} : { nextToken }) }),
    ),
  );
  for await (const { documentDetails, nextToken } of pages) {
    for (const { status, updatedAt } of documentDetails ?? []) {
      states.set(status ?? 'unknown', (states.get(status ?? 'unknown') ?? 0) + 1);
      if (status === 'INDEXED' && updatedAt !== undefined)
        newest = Math.max(newest ?? 0, updatedAt.getTime());
    }
    read += 1;
    if (read >= MOST_PAGES && nextToken !== undefined) return { states, newest, whole: false };
  }
  return { states, newest, whole: true };
}

/** `s3://bucket/prefix`, one where a source reads several prefixes of a bucket. */
function nameOf(source: DataSource | undefined): string | null {
  const s3 = source?.dataSourceConfiguration?.s3Configuration;
  const bucket = s3?.bucketArn?.split(':').at(-1);
  if (bucket === undefined) return source?.name ?? null;
  const prefixes = s3?.inclusionPrefixes ?? [];
  return `s3://${bucket}/${prefixes.length === 1 ? (prefixes[0] ?? '') : ''}`;
}

function describe(
  session: AwsSession,
  base: Resource,
  sources: readonly Source[],
  modelLifecycle: ModelLifecycle | null,
): VectorIndex {
  const written = sources
    .flatMap(({ filled, documents }) => [filled?.updatedAt?.getTime() ?? null, documents?.newest ?? null])
    .filter((at) => at !== null);
  return vectorIndex({
    store: base.name ?? base.id,
    storeType: 'bedrock-knowledge-base',
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    dataset: ID,
    id: base.id,
    incarnation: textOf(base, 'knowledgeBaseId'),
    table: textOf(base, 'storageType') ?? '',
    index: textOf(base, 'indexName') ?? base.name ?? base.id,
    model: textOf(base, 'embeddingModelArn')?.split('/').at(-1)?.toLowerCase() ?? null,
    modelLifecycle,
    created: base.created,
    lastWrite: written.length === 0 ? null : new Date(Math.max(...written)).toISOString(),
    source: sources.length === 1 ? (sources[0]?.name ?? null) : null,
    capacity: capacityOf(base),
    gaps: gapsOf(sources),
  });
}

/** The store behind it is what the bill charges: the knowledge base itself costs nothing while it is not filled. */
function capacityOf(base: Resource): VectorCapacity | null {
  const kind = {
    S3_VECTORS: 'by-bytes',
    OPENSEARCH_SERVERLESS: 'minimum',
    OPENSEARCH_MANAGED_CLUSTER: 'shared-cluster',
    RDS: 'shared-cluster',
  } as const satisfies Record<string, VectorCapacity['kind']>;
  const type = textOf(base, 'storageType');
  const store = textOf(base, 'storeArn');
  if (type === null || !isKey(kind, type)) return null;
  return { kind: kind[type], billed: store === null ? [] : [store], bytes: null, sharedBy: null };
}

function isKey<T extends object>(of: T, key: string): key is string & keyof T {
  return Object.hasOwn(of, key);
}

function gapsOf(sources: readonly Source[]): VectorGap[] {
  return [
    { of: 'queries', why: 'Bedrock does not tell how often a knowledge base is asked.' },
    { of: 'vectors', why: 'Bedrock counts documents, not the vectors that they became.' },
    { of: 'bytes', why: 'What its vectors take up only the store behind the knowledge base tells.' },
    { of: 'documents', why: documentsTold(sources) },
  ];
}

function documentsTold(sources: readonly Source[]): string {
  const listed = sources.flatMap(({ documents }) => documents ?? []);
  const states = new Map<string, number>();
  for (const documents of listed)
    for (const [state, count] of documents.states) states.set(state, (states.get(state) ?? 0) + count);
  const all = [...states.values()].reduce((sum, count) => sum + count, 0);
  const others = [...states]
    .filter(([state]) => state !== 'INDEXED')
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const told = others.map(([state, count]) => `${count} ${state}`).join(', ');
  return [
    `Of ${all} documents that Bedrock lists ${states.get('INDEXED') ?? 0} are indexed${told === '' ? '' : ` (${told})`}; they were not compared with their sources.`,
    ...(listed.every(({ whole }) => whole)
      ? []
      : ['Of some data sources the first documents alone were read.']),
    ...(listed.length === sources.length ? [] : ['Of some data sources Bedrock lists no documents.']),
  ].join(' ');
}

function textOf({ attributes }: Resource, key: string): string | null {
  const value = attributes[key];
  return typeof value === 'string' ? value : null;
}
