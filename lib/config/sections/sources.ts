import { z } from 'zod';
import {
  accountId,
  amount,
  bucketName,
  byteSize,
  elsewhere,
  entryId,
  externalId,
  kmsKeyArn,
  projectId,
  regionName,
  roleArn,
  secretRef,
  someText,
  tagKey,
} from '../values.ts';

/** An export of AWS Billing in an S3 bucket, found by its manifests. */
const dataExport = {
  bucket: bucketName.describe('Bucket of the data export.'),
  prefix: z.string().default('').describe('Folder of the export in the bucket.'),
  export: someText.optional().describe('Name of the export, where several lie in the folder.'),
  region: regionName.optional().describe('Region of the bucket.'),
  account: accountId.optional().describe('Account that owns the bucket; any other is refused.'),
  roleArn: roleArn.optional().describe('Role to read it with.'),
  externalId: externalId.optional().describe('External id that the role wants.'),
  kmsKeyArn: kmsKeyArn.optional().describe('Key that the export is encrypted with.'),
  endpoint: elsewhere,
} as const;

/** The organisation of an AI vendor, asked over its API. */
const aiVendor = {
  key: secretRef.describe('Admin key of the organisation.'),
  months: z.int().min(1).max(12).default(3).describe('Whole months to read besides the current one.'),
  organisation: someText.optional().describe('Billing account id; without it what the vendor says.'),
  endpoint: elsewhere,
} as const;

const source = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('aws-focus-export'), ...dataExport })
    .meta({ title: 'AWS Data Exports, FOCUS table, in S3' }),
  z
    .strictObject({ type: z.literal('aws-cur'), ...dataExport })
    .meta({ title: 'AWS Cost and Usage Report in S3: CUR 2.0 or legacy' }),
  z
    .strictObject({
      type: z.literal('aws-cost-explorer'),
      account: accountId.optional().describe('Payer account; without it the account of the credentials.'),
      roleArn: roleArn.optional().describe('Role to ask Cost Explorer with.'),
      months: z.int().min(1).max(12).default(3).describe('Whole months to read besides the current one.'),
      ceiling: amount
        .default('1.00')
        .describe('What one run may pay for requests, USD; Cost Explorer charges 0.01 a page.'),
      tags: z
        .array(tagKey)
        .default([])
        .describe('Tag keys to tell cost by, beside the bill; one more request each.'),
      hourly: z
        .boolean()
        .default(false)
        .describe(
          'The last 14 days by the hour, beside the bill; the payer opts in, and AWS charges for it.',
        ),
      resources: z
        .boolean()
        .default(false)
        .describe('The last 14 days by EC2 instance, beside the bill; the payer opts in.'),
      commitments: z
        .boolean()
        .default(true)
        .describe(
          'Use and coverage of Savings Plans and reservations, and when plans end, once a week, beside the bill.',
        ),
      commitmentAdvice: z
        .boolean()
        .default(false)
        .describe('What AWS itself recommends to commit, once a week; eight more requests.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'AWS Cost Explorer: account x service x day' }),
  z
    .strictObject({
      type: z.literal('gcp-bigquery'),
      table: z
        .string()
        .regex(/^[a-z0-9.:-]+\.\w+\.\w+$/, { error: 'a table as PROJECT.DATASET.TABLE' })
        .describe('Table of the billing export: detailed, standard or FOCUS.'),
      project: projectId
        .optional()
        .describe('Project that runs and pays for the queries; without it that of the table.'),
      commitments: z
        .string()
        .regex(/^[a-z0-9.:-]+\.\w+\.\w+$/, { error: 'a table as PROJECT.DATASET.TABLE' })
        .optional()
        .describe(
          'Table of the export of commitments (cud_subscriptions_export): what spend-based commitments are worth an hour, and when they end.',
        ),
      commitmentAdvice: z
        .boolean()
        .default(false)
        .describe(
          "What Google's Recommender would commit to for the billing account, spend-based, once a week; it is free.",
        ),
      location: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: 'a location of BigQuery, like US or europe-west3' })
        .optional()
        .describe('Where the queries run; without it where the table lies.'),
      months: z.int().min(0).max(24).default(3).describe('Invoice months to read besides the current one.'),
      grain: z
        .enum(['day', 'hour'])
        .default('day')
        .describe('day: the hours of a day that differ in nothing else are one row; hour: every row.'),
      maximumBytesBilled: byteSize
        .default('200 GiB')
        .describe('Ceiling of what one run may bill in BigQuery; 200 GiB are $1.23 at list price.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'Google Cloud billing export in BigQuery' }),
  z
    .strictObject({
      type: z.literal('openai'),
      ...aiVendor,
      projects: z
        .array(someText)
        .min(1)
        .optional()
        .describe('Ids of the only projects to read (proj_...); without it all of them.'),
    })
    .meta({ title: 'OpenAI usage and costs' }),
  z.strictObject({ type: z.literal('anthropic'), ...aiVendor }).meta({ title: 'Anthropic usage and costs' }),
  z
    .strictObject({
      type: z.literal('focus-file'),
      path: z
        .union([someText, z.array(someText).min(1)], { error: 'a path, or a list of paths' })
        .describe('FOCUS files: a file, a folder, a glob, or s3://bucket/prefix; CSV or Parquet.'),
      region: regionName.optional().describe('Region of the bucket, for s3://.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'FOCUS files' }),
]);
export type SourceConfig = z.output<typeof source>;

export const sources = z.record(entryId, source);
