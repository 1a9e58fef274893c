import { z } from 'zod';
import {
  byteSize,
  elsewhere,
  endpoint,
  entryId,
  regionName,
  remoteTable,
  s3Folder,
  secretRef,
  someText,
  workgroup,
} from '../values.ts';

const tables = (what: string) =>
  z
    .record(entryId, remoteTable)
    .default({})
    .describe(`Sources that it asks where they lie: ${what} over the files of an AWS FOCUS export.`);

const athena = z.strictObject({
  region: regionName.describe('Region of the workgroup and its database.'),
  workgroup: workgroup.default('primary').describe('Workgroup; it must limit the bytes that a query scans.'),
  database: someText.describe('Database of the Glue Data Catalog.'),
  output: s3Folder.optional().describe('Where answers are stored; without it that of the workgroup.'),
  bytesLimit: byteSize.default('1 TiB').describe('What a query may scan at most; 1 TiB is $5 at list price.'),
  tables: tables('TABLE or DATABASE.TABLE'),
  endpoint: elsewhere,
});

const trino = z.strictObject({
  server: endpoint.describe('Address of the cluster.'),
  catalog: someText.describe('Catalog of the tables.'),
  schema: someText.default('default').describe('Schema of the tables.'),
  user: someText.describe('User that asks.'),
  password: secretRef.optional().describe('Their password; sent over https alone.'),
  tables: tables('TABLE, SCHEMA.TABLE or CATALOG.SCHEMA.TABLE'),
});

export const lake = z.strictObject({
  engine: z
    .enum(['auto', 'duckdb', 'athena', 'trino', 'bigquery'])
    .default('auto')
    .describe('Which engine is asked about a bill; auto chooses by bytes.'),
  mostLocal: byteSize
    .default('8 GiB')
    .describe('Parquet of one bill up to which auto asks DuckDB, where another engine could be asked.'),
  athena: athena.optional().describe('Amazon Athena, over exports in S3.'),
  trino: trino.optional().describe('A Trino cluster of your own.'),
  bigquery: z
    .strictObject({
      sources: z.array(entryId).min(1).describe('Sources of type gcp-bigquery; each must name its location.'),
    })
    .optional()
    .describe('BigQuery, over billing exports where they lie.'),
});
