import { isAbsolute, resolve } from 'node:path';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { STSClient } from '@aws-sdk/client-sts';
import type { SourceConfig } from '../../config/schema.ts';
import { assumedRole } from '../../platform/aws-sessions.ts';
import { Meter } from '../../platform/meter.ts';
import { costExplorerSource } from '../../sources/aws-cost-explorer/source.ts';
import { dataExportSource } from '../../sources/aws-data-export/source.ts';
import { focusFileSource } from '../../sources/focus-file/source.ts';
import type { Source } from '../../sources/model.ts';
import { anthropic, openAi } from './ai-vendors.ts';
import { awsBase, costExplorerRegion, partitionOf, roleOf, s3Client } from './aws-base.ts';
import { gcpBigQuery } from './gcp-bigquery.ts';

/** Files by the paths given, relative ones to `base`; S3 is reached only where a path lies there. */
export function fileSource(
  id: string,
  paths: readonly string[],
  base: string,
  where: { region?: string | undefined; endpoint?: string | undefined } = {},
): Source {
  const meant = paths.map((path) =>
    path.startsWith('s3://') || isAbsolute(path) ? path : resolve(base, path),
  );
  const remote = paths.some((path) => path.startsWith('s3://'));
  return focusFileSource({
    id,
    paths: meant,
    ...(remote ? { s3: s3Client(where.region, where.endpoint) } : {}),
  });
}

/**
 * A source as the config names it. `ownAccount` is asked only where it is needed.
 * @param mostBytes of a period's files up to which it is read here; undefined: it can be asked nowhere else.
 */
export async function sourceOf(
  id: string,
  config: SourceConfig,
  base: string,
  ownAccount: () => Promise<string>,
  mostBytes?: bigint,
): Promise<Source> {
  switch (config.type) {
    case 'focus-file':
      return fileSource(id, typeof config.path === 'string' ? [config.path] : config.path, base, config);
    case 'aws-cost-explorer':
      return costExplorer(id, config, ownAccount);
    case 'aws-focus-export':
    case 'aws-cur':
      return dataExport(id, config, mostBytes);
    case 'openai':
      return openAi(id, config);
    case 'anthropic':
      return anthropic(id, config);
    case 'gcp-bigquery':
      return gcpBigQuery(id, config, mostBytes);
  }
}

async function costExplorer(
  id: string,
  config: SourceConfig & { type: 'aws-cost-explorer' },
  ownAccount: () => Promise<string>,
): Promise<Source> {
  const base = awsBase(config.endpoint);
  const [, partition = 'aws', , , roleAccount = '', role = ''] = config.roleArn?.split(':') ?? [];
  const region = costExplorerRegion(config.roleArn === undefined ? undefined : partition);
  const credentials =
    config.roleArn === undefined
      ? {}
      : {
          credentials: assumedRole(
            new STSClient({ ...base, region }),
            { accountId: roleAccount, partition, roleName: role.replace(/^role\//, '') },
            new Meter(),
          ),
        };
  const accountId = config.account ?? (roleAccount === '' ? await ownAccount() : roleAccount);
  // The current month and `months` before it.
  return costExplorerSource({
    id,
    accountId,
    months: config.months + 1,
    ceiling: config.ceiling,
    beside: config,
    client: new CostExplorerClient({ ...base, ...credentials, region }),
  });
}

function dataExport(
  id: string,
  config: SourceConfig & { type: 'aws-focus-export' | 'aws-cur' },
  mostBytes: bigint | undefined,
): Source {
  const { type, bucket, prefix, account, kmsKeyArn, region, endpoint } = config;
  const role = roleOf(config.roleArn);
  const credentials =
    role === null
      ? undefined
      : assumedRole(
          // Without a region the SDK's own; a role can be entered through any.
          new STSClient({ ...awsBase(endpoint), ...(region === undefined ? {} : { region }) }),
          {
            ...role,
            sessionName: `bursar-${id}`,
            ...(config.externalId === undefined ? {} : { externalId: config.externalId }),
          },
          new Meter(),
        );
  return dataExportSource({
    id,
    type,
    bucket,
    prefix,
    export: config.export,
    account,
    kmsKeyArn,
    partition: partitionOf(config),
    ...(mostBytes === undefined ? {} : { mostBytes }),
    client: s3Client(region, endpoint, credentials),
  });
}
