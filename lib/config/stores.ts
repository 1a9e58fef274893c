import { z } from 'zod';
import {
  bucketName,
  collectionArn,
  domainArn,
  ec2Id,
  elsewhere,
  endpoint,
  gcsBucketName,
  hostName,
  keyTemplate,
  manifestPath,
  pineconeProject,
  plainDuration,
  postgresTable,
  regionName,
  roleArn,
  secretRef,
  someText,
  storeAddress,
} from './values.ts';

/** How the documents of a listing are called by the vectors' metadata. */
const as = (usual: string) =>
  keyTemplate
    .default(usual)
    .describe(
      'How vectors name a document: {bucket}, {key}, {path} (the key without the prefix), {encodedKey} and {encodedPath} (percent-encoded).',
    );

const listing = z.discriminatedUnion(
  'type',
  [
    z
      .strictObject({
        type: z.literal('s3'),
        bucket: bucketName.describe('Bucket of the documents.'),
        prefix: z.string().default('').describe('What the keys of its objects begin with.'),
        region: regionName.optional().describe('Region of the bucket.'),
        roleArn: roleArn.optional().describe('Role to list it with.'),
        as: as('s3://{bucket}/{key}'),
        endpoint: elsewhere,
      })
      .meta({ title: 'Objects of an S3 bucket' }),
    z
      .strictObject({
        type: z.literal('gcs'),
        bucket: gcsBucketName.describe('Bucket of the documents.'),
        prefix: z.string().default('').describe('What the names of its objects begin with.'),
        content: z
          .enum(['md5Hash', 'crc32c', 'etag', 'generation'])
          .default('md5Hash')
          .describe('What of an object the vectors keep as content.'),
        as: as('gs://{bucket}/{key}'),
        endpoint: elsewhere,
      })
      .meta({ title: 'Objects of a Cloud Storage bucket' }),
    z
      .strictObject({
        type: z.literal('postgres'),
        url: secretRef.describe('Connection string, postgres://...'),
        table: postgresTable.describe(
          'Table or view of the documents, as TABLE or SCHEMA.TABLE; in double quotes what holds a point.',
        ),
        key: someText.describe('Column of the key.'),
        modified: someText.optional().describe('Column of the time of the last change.'),
        content: someText.optional().describe('Column of a hash of the content.'),
        as: as('{key}'),
      })
      .meta({ title: 'Rows of a PostgreSQL table' }),
    z
      .strictObject({
        type: z.literal('manifest'),
        path: manifestPath.describe(
          'File, or s3://bucket/key: .csv or .jsonl, with .gz or .zst where it is packed.',
        ),
        key: someText.default('key').describe('Field of the key.'),
        modified: someText
          .optional()
          .describe('Field of the time of the last change; else modified, where it has one.'),
        content: someText
          .optional()
          .describe('Field of a hash of the content; else content, where it has one.'),
        region: regionName.optional().describe('Region of the bucket, for s3://.'),
        roleArn: roleArn.optional().describe('Role to read it with, for s3://.'),
        as: as('{key}'),
        endpoint: elsewhere,
      })
      .meta({ title: 'A file that lists documents' }),
  ],
  { error: 'type: s3, gcs, postgres or manifest' },
);
export type ListingConfig = z.output<typeof listing>;

const field = (what: string) => someText.optional().describe(what);

const documents = z.strictObject({
  index: someText
    .default('*')
    .describe('Which indexes: a name as the store has it, in which * stands for any text.'),
  key: someText.describe('Where a vector names its document: column, field or key of its metadata.'),
  part: field('Where it names the part of the document.'),
  content: field('Where it keeps the hash (ETag) of the content that it was made of.'),
  embedded: field('Where it keeps when it was made.'),
  model: field('Where it names the embedding model.'),
  tokens: field('Where it keeps how many tokens it was made of.'),
  most: z
    .int()
    .min(100)
    .max(2_000_000)
    .default(20_000)
    .describe('Vectors to look at; an index of no more is looked at whole.'),
  skew: plainDuration.default('5m').describe('How far the clocks of store and source may differ.'),
  source: listing.optional().describe('What lists the documents; without it none is called gone.'),
});
export type DocumentsConfig = z.output<typeof documents>;

/**
 * What every store may say of itself. A function takes at most 16 subnets and 5 security groups (CloudFormation Template
 * Reference, AWS::Lambda::Function VpcConfig).
 */
const anyStore = {
  documents: z
    .array(documents)
    .default([])
    .describe('What its vectors were made of; the first entry that fits an index wins.'),
  billed: z
    .array(someText)
    .default([])
    .describe('Ids of what the bill charges for it, where it cannot be told: ARNs or full resource names.'),
  network: z
    .strictObject({
      vpcId: ec2Id('vpc').describe('VPC that reaches the store.'),
      subnets: z.array(ec2Id('subnet')).min(1).max(16).describe('Private subnets in it.'),
      securityGroups: z.array(ec2Id('sg')).min(1).max(5).describe('Security groups that the store lets in.'),
    })
    .optional()
    .describe(
      'Where a function of its own runs to reach the store, in the region that Bursar is deployed to.',
    ),
} as const;

const rdsIam = z.strictObject({
  type: z.literal('rds-iam'),
  host: hostName.describe('Endpoint of the instance, cluster or proxy.'),
  port: z.int().min(1).max(65_535).default(5432).describe('Its port.'),
  database: someText.describe('Database to look at.'),
  user: someText.describe('User of the database that was granted rds_iam.'),
  region: regionName.describe('Region of the database.'),
  resourceId: someText
    .regex(/^(db|cluster|prx)-[A-Za-z0-9]+$/, {
      error: 'a resource id: db-..., cluster-... or prx-...',
    })
    .optional()
    .describe('Resource id that the right rds-db:connect is granted for; without it any of the region.'),
  roleArn: roleArn.optional().describe('Role that may connect.'),
});

/** A folder of this machine, or of a bucket. */
export const exportFolder = someText.refine(
  (value) => !value.includes('://') || /^s3:\/\/[a-z0-9][a-z0-9.-]+(\/[^\s]*)?$/.test(value),
  {
    error: 'a folder, or s3://bucket/folder',
  },
);

const LOGIN = {
  path: ['url'],
  error: 'either url, a reference { env: NAME } or { secret: ARN }, or auth: { type: rds-iam, ... }',
};

const postgresLogin = {
  url: secretRef.optional().describe('Connection string, postgres://...'),
  auth: rdsIam.optional().describe('In the place of url: login by a token of AWS IAM, without a password.'),
};

const pgvector = z
  .strictObject({
    type: z.literal('pgvector'),
    ...postgresLogin,
    act: z
      .strictObject({
        ...postgresLogin,
        exports: exportFolder
          .optional()
          .describe('Where rows are kept before they are deleted: a folder, or s3://bucket/folder.'),
      })
      .refine(({ url, auth }) => (url === undefined) !== (auth === undefined), LOGIN)
      .optional()
      .describe(
        'Another login to the same database, which may drop what nobody asks. Without it nothing is done.',
      ),
    ...anyStore,
  })
  .refine(({ url, auth }) => (url === undefined) !== (auth === undefined), LOGIN)
  .meta({ title: 'PostgreSQL with pgvector' });

const opensearch = z
  .strictObject({
    type: z.literal('opensearch'),
    url: storeAddress.describe('Address of the cluster or collection, https://...'),
    domain: domainArn
      .optional()
      .describe('ARN of the domain of OpenSearch Service: what is signed for, and what the bill charges.'),
    collection: collectionArn
      .optional()
      .describe(
        'In the place of domain: ARN of a collection of OpenSearch Serverless, to compare its documents.',
      ),
    auth: z
      .union([z.enum(['sigv4', 'none']), secretRef], {
        error: 'sigv4, none, or { env: NAME } or { secret: ARN } of user:password',
      })
      .describe(
        'sigv4: signed with the credentials of AWS, needs domain or collection; a reference to user:password; or none.',
      ),
    roleArn: roleArn.optional().describe('Role to sign with, for sigv4.'),
    models: z
      .record(someText, someText)
      .default({})
      .describe('Embedding model by index, which the store itself does not know.'),
    ...anyStore,
  })
  .refine(({ domain, collection }) => domain === undefined || collection === undefined, {
    path: ['collection'],
    error: 'either domain or collection: a store is one of them',
  })
  .refine(({ auth, domain, collection }) => auth !== 'sigv4' || (domain ?? collection) !== undefined, {
    path: ['domain'],
    error: 'auth: sigv4 needs the ARN of the domain or collection, which tells region and account',
  })
  .meta({ title: 'OpenSearch' });

/** Storage options that are secrets (LanceDB documentation, "Storage options"), also where they are named otherwise. */
const SECRET_OPTION = /secret|token|password|sas|(?:account|access|service_account|customer)_key(?!_id)/i;

/** Where the embedded library finds a database: it opens no other scheme that Bursar could tell the cost of. */
const lancePath = someText.refine(
  (value) => !value.includes('://') || /^(s3|gs|az):\/\/[^/\s]+(\/[^\s]*)?$/.test(value),
  { error: 'a folder, s3://bucket/folder, gs://bucket/folder or az://container/folder' },
);

const lancedb = z
  .strictObject({
    type: z.literal('lancedb'),
    path: lancePath.describe('Folder of the database: s3://bucket/folder, gs://, az://, or on this machine.'),
    region: regionName.optional().describe('Region of the bucket, for s3://.'),
    roleArn: roleArn.optional().describe('Role to read the bucket with, for s3://.'),
    options: z
      .record(
        someText.refine((name) => !SECRET_OPTION.test(name), {
          error: 'one that is no secret: name it under secrets, as { env: NAME } or { secret: ARN }',
        }),
        someText,
      )
      .default({})
      .describe('Storage options as LanceDB names them, which are no secrets.'),
    secrets: z.record(someText, secretRef).default({}).describe('Storage options that are secrets.'),
    models: z
      .record(someText, someText)
      .default({})
      .describe('Embedding model by table, or by TABLE.COLUMN where it has several of vectors.'),
    ...anyStore,
  })
  .refine(({ path, roleArn: role, region }) => path.startsWith('s3://') || (role ?? region) === undefined, {
    path: ['path'],
    error: 'region and roleArn are those of a bucket: s3://bucket/folder',
  })
  .meta({ title: 'LanceDB' });

const models = z
  .record(someText, someText)
  .default({})
  .describe('Embedding model by index, which the store itself does not know.');

const apiKey = z
  .union([z.literal('none'), secretRef], { error: 'none, or { env: NAME } or { secret: ARN } of an API key' })
  .describe('A reference to an API key that may read; or none.');

const qdrant = z
  .strictObject({
    type: z.literal('qdrant'),
    url: storeAddress.describe('Address of a node, https://...'),
    peers: z
      .array(storeAddress)
      .default([])
      .describe('Addresses of all other nodes: each counts the queries that it was asked.'),
    auth: apiKey,
    models,
    ...anyStore,
  })
  .meta({ title: 'Qdrant' });

const weaviate = z
  .strictObject({
    type: z.literal('weaviate'),
    url: storeAddress.describe('Address of the server, https://...'),
    auth: apiKey,
    models,
    ...anyStore,
  })
  .meta({ title: 'Weaviate' });

const pinecone = z
  .strictObject({
    type: z.literal('pinecone'),
    auth: secretRef.describe('A reference to an API key that may read, of one project.'),
    project: pineconeProject
      .optional()
      .describe('Id of the project: its metrics tell queries, where the plan has them.'),
    models,
    ...anyStore,
  })
  .meta({ title: 'Pinecone' });

const milvus = z
  .strictObject({
    type: z.literal('milvus'),
    url: storeAddress.describe('Address of Milvus or of a cluster of Zilliz Cloud, https://...'),
    auth: z
      .union([z.literal('none'), secretRef], {
        error: 'none, or { env: NAME } or { secret: ARN } of user:password or of a token',
      })
      .describe('A reference to user:password or to a token (API key); or none.'),
    databases: z
      .array(someText)
      .min(1)
      .optional()
      .describe('Databases to look at; all that the login may list, where it is left out.'),
    metrics: z
      .array(endpoint)
      .default([])
      .describe('Addresses whose /metrics tell searches: of every proxy, or of the one server.'),
    models: z
      .record(someText, someText)
      .default({})
      .describe('Embedding model by collection: COLLECTION, or DATABASE.COLLECTION of other databases.'),
    ...anyStore,
  })
  .meta({ title: 'Milvus and Zilliz Cloud' });

export const store = z.discriminatedUnion(
  'type',
  [pgvector, opensearch, lancedb, milvus, qdrant, weaviate, pinecone],
  {
    error: 'type: pgvector or opensearch, or lancedb, milvus, qdrant, weaviate, pinecone',
  },
);
export type StoreConfig = z.output<typeof store>;
