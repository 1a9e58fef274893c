import type { Permission } from '../../platform/permissions.ts';
import type { AthenaSettings } from './athena-model.ts';

/**
 * What asking Athena takes: its own calls on the workgroup, and what it does in the caller's name: the tables of Glue,
 * the objects of the exports, and the results (Athena User Guide, "Access to Amazon S3 from Athena" and
 * "Fine-grained access to databases and tables in the AWS Glue Data Catalog").
 */
export function athenaPermissions(settings: AthenaSettings): Permission[] {
  const { region, workgroup, database, output, buckets } = settings;
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
  const bucketArns = [...buckets, ...results.map(({ hostname }) => hostname)].map(
    (name) => `arn:aws:s3:::${name}`,
  );
  const resultObjects = results.map(
    ({ hostname, pathname }) => `arn:aws:s3:::${hostname}${pathname.replace(/\/?$/, '/')}*`,
  );
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
    ...s3('GetBucketLocation', bucketArns, 'Athena finds the buckets in the name of the role'),
    ...s3('ListBucket', bucketArns, 'Athena lists the objects of the export in the name of the role'),
    ...s3(
      'GetObject',
      [...buckets.map((name) => `arn:aws:s3:::${name}/*`), ...resultObjects],
      'Athena reads the export in the name of the role',
    ),
    ...s3('PutObject', resultObjects, 'Athena stores its answers in the name of the role'),
    ...s3('AbortMultipartUpload', resultObjects, 'Athena takes back an answer that it could not store whole'),
  ];
}

function s3(action: string, resources: readonly string[], why: string): Permission[] {
  return resources.length === 0 ? [] : [{ cloud: 'aws', action: `s3:${action}`, resources, why }];
}
