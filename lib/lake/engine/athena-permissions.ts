import type { Permission } from '../../platform/permissions.ts';
import type { ExportPlace } from '../../sources/aws-data-export/permissions.ts';
import type { AthenaSettings } from './athena-model.ts';

/**
 * What asking Athena takes: its own calls on the workgroup, and what it does in the caller's name: the tables of Glue,
 * the objects of the exports, and the results (Athena User Guide, "Access to Amazon S3 from Athena" and
 * "Fine-grained access to databases and tables in the AWS Glue Data Catalog").
 */
export function athenaPermissions(settings: AthenaSettings): Permission[] {
  const { region, workgroup, database, output, exports } = settings;
  const group = [`arn:aws:athena:${region}:*:workgroup/${workgroup}`];
  const onGroup = (action: string, why: string): Permission => ({
    cloud: 'aws',
    action: `athena:${action}`,
    resources: group,
    why,
  });
  const glue = [
    `arn:aws:glue:${region}:*:catalog`,
    `arn:aws:glue:${region}:*:database/${database}`,
    `arn:aws:glue:${region}:*:table/${database}/*`,
  ];
  const results = output === undefined ? [] : [new URL(output)];
  return [
    onGroup('StartQueryExecution', 'asks the exports where they lie'),
    onGroup('GetQueryExecution', 'sees when a query has ended and what it scanned'),
    onGroup('GetQueryResults', 'reads its answer'),
    onGroup('StopQueryExecution', 'ends a query that nobody waits for'),
    onGroup('GetWorkGroup', 'sees the limit of bytes that keeps its price down'),
    {
      cloud: 'aws',
      action: 'athena:GetTableMetadata',
      resources: [`arn:aws:athena:${region}:*:datacatalog/AwsDataCatalog`],
      why: 'reads the columns of the export table',
    },
    {
      cloud: 'aws',
      action: 'glue:GetDatabase',
      resources: glue,
      why: 'Athena looks the table up in the name of the role',
    },
    {
      cloud: 'aws',
      action: 'glue:GetTable',
      resources: glue,
      why: 'Athena looks the table up in the name of the role',
    },
    {
      cloud: 'aws',
      action: 'glue:GetPartitions',
      resources: glue,
      why: 'Athena finds the folders of the table',
    },
    ...exports.flatMap(inPlacePermissions),
    ...results.flatMap(({ hostname, pathname }) =>
      answerPermissions(hostname, pathname.replace(/^\//, '').replace(/\/?$/, '/')),
    ),
  ];
}

/** What Athena does with its answers in the caller's name. `prefix` is a folder of the bucket, and ends with `/`. */
export function answerPermissions(bucket: string, prefix: string): Permission[] {
  const buckets = [`arn:aws:s3:::${bucket}`];
  const objects = [`arn:aws:s3:::${bucket}/${prefix}*`];
  return [
    ...s3('GetBucketLocation', buckets, 'Athena finds the bucket of its answers in the name of the role'),
    ...s3('ListBucket', buckets, 'Athena looks for its answers in the name of the role'),
    ...s3('GetObject', objects, 'Athena gives back its answers in the name of the role'),
    ...s3('PutObject', objects, 'Athena stores its answers in the name of the role'),
    ...s3('AbortMultipartUpload', objects, 'Athena takes back an answer that it could not store whole'),
  ];
}

/**
 * What Athena does on an export in the caller's name: it finds and lists the bucket, reads the files, and decrypts them
 * where they are encrypted with a key of the payer's own (Athena User Guide, "Access to Amazon S3 from Athena" and
 * "Encryption at rest", on data in S3 under SSE-KMS).
 */
export function inPlacePermissions(place: ExportPlace): Permission[] {
  const { bucket, prefix, kmsKeyArn, partition = 'aws' } = place;
  const arn = `arn:${partition}:s3:::${bucket}`;
  const folder = prefix.replace(/\/+$/, '');
  return [
    ...s3('GetBucketLocation', [arn], 'Athena finds the bucket of the export in the name of the role'),
    ...s3('ListBucket', [arn], 'Athena lists the objects of the export in the name of the role'),
    ...s3(
      'GetObject',
      [folder === '' ? `${arn}/*` : `${arn}/${folder}/*`],
      'Athena reads the export in the name of the role',
    ),
    ...(kmsKeyArn === undefined
      ? []
      : [
          {
            cloud: 'aws',
            action: 'kms:Decrypt',
            resources: [kmsKeyArn],
            why: 'Athena reads an export that is encrypted with this key in the name of the role',
          } as const,
        ]),
  ];
}

function s3(action: string, resources: readonly string[], why: string): Permission[] {
  return resources.length === 0 ? [] : [{ cloud: 'aws', action: `s3:${action}`, resources, why }];
}
