import type { Config } from '../../config/schema.ts';
import { AWS_ADVICE_DATASETS } from '../../estate/aws/advice-datasets.ts';
import { BEDROCK_USAGE_PERMISSIONS } from '../../estate/aws/bedrock-usage.ts';
import { AWS_CREATORS_PERMISSION } from '../../estate/aws/creators.ts';
import { AWS_DATASETS } from '../../estate/aws/datasets.ts';
import { LIST_PRICES_PERMISSION } from '../../estate/aws/list-prices.ts';
import { METRIC_DATA_PERMISSION } from '../../estate/aws/metric-data.ts';
import { AWS_ORGANISATION_DATASETS } from '../../estate/aws/organisation-datasets.ts';
import { GCP_CREATORS_PERMISSION } from '../../estate/gcp/creators.ts';
import { GCP_DATASETS } from '../../estate/gcp/datasets.ts';
import { gcpRecommender } from '../../estate/gcp/recommender.ts';
import { accountTagKeys } from '../../lake/account-tags.ts';
import { answerPermissions } from '../../lake/engine/athena-permissions.ts';
import { s3StorePermissions, s3StoreReadPermissions } from '../../lake/store/s3.ts';
import { ledgerPermissions } from '../../ledger/dynamodb-table.ts';
import { slackPermissions } from '../../notices/slack.ts';
import { messengerPermissions } from '../../notices/slack-messenger.ts';
import { archivePermissions } from '../../platform/archive.ts';
import { ORGANISATION_PERMISSIONS, REGIONS_PERMISSIONS } from '../../platform/aws-accounts.ts';
import { rolePermissions, sessionPermissions } from '../../platform/aws-sessions.ts';
import { bigQueryPermissions } from '../../platform/bigquery/permissions.ts';
import { keyPermissions } from '../../platform/key-permissions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { receivePermissions, sendPermissions } from '../../platform/queue.ts';
import { reportLinkPermissions } from '../../platform/report-links.ts';
import { TRACING_PERMISSIONS } from '../../platform/tracing-permissions.ts';
import { costExplorerPermissions } from '../../sources/aws-cost-explorer/source.ts';
import { dataExportPermissions } from '../../sources/aws-data-export/permissions.ts';
import { s3Address, s3Permissions } from '../../sources/focus-file/fetch-s3.ts';
import { gcpBillingPermissions } from '../../sources/gcp-billing/source.ts';
import { csvObjectPermissions } from '../../sources/metrics/csv-file.ts';
import { enteringToAct } from './act-permissions.ts';
import { partitionOf } from './aws-base.ts';
import { ratesPermissions } from './conversion.ts';
import { collectingPermissions, enginePermissions, onlyInPlace } from './engines.ts';
import { googleActRights, projectListing } from './google-permissions.ts';
import { asksAwsListPrices } from './list-prices.ts';
import { secretPermissions } from './secrets.ts';
import { openStores, type StoreNetwork, VPC_PERMISSIONS } from './store-networks.ts';
import { storePermissions } from './store-permissions.ts';
import type { Stores } from './store-scopes.ts';
import { dailyNumbers } from './unit-numbers.ts';

/** The deployed functions, by their files under functions/. */
export type Entry = 'plan' | 'collect' | 'audit' | 'ai-usage' | 'sweep' | 'digest' | 'slack' | 'alarm';

/** Names of what is deployed; the lake and the reports are folders of the bucket and end with `/`. */
export interface DeployedNames {
  readonly bucket: string;
  readonly lakePrefix: string;
  readonly reportsPrefix: string;
  readonly table: string;
  readonly queueArn: string;
  readonly deadLettersArn: string;
  /** Folder of the bucket that answers of Athena lie in, where the deployment makes its workgroup. */
  readonly answersPrefix?: string;
  /** Queues of the functions that look at stores from a VPC, by the id of the network. */
  readonly storeQueueArns?: Readonly<Record<string, string>>;
}

/**
 * What each deployed function may do: the declarations of the adapters that it uses under this config, and
 * nothing else. What the config does not name is not granted.
 */
export function deployedPermissions(
  config: Config,
  names: DeployedNames,
): Readonly<Record<Entry, readonly Permission[]>> {
  const held = [...ledgerPermissions(names.table), ...everywhereRights(config)];
  // Only the sweep claims resources, and gives its claims back.
  const ledger = held.filter(({ action }) => action !== 'dynamodb:DeleteItem');
  const lake = s3StoreReadPermissions(names.bucket, names.lakePrefix);
  const failures = sendPermissions(names.deadLettersArn, 'keeps the events that it failed on');
  const answers =
    names.answersPrefix === undefined ? [] : answerPermissions(names.bucket, names.answersPrefix);
  return {
    plan: [
      ...ledger,
      ...listingPermissions(config),
      ...[names.queueArn, ...Object.values(names.storeQueueArns ?? {})].flatMap((queue) =>
        sendPermissions(queue, 'queues what is to be collected'),
      ),
      ...failures,
    ],
    collect: [
      ...ledger,
      ...s3StorePermissions(names.bucket, names.lakePrefix),
      ...receivePermissions(names.queueArn),
      ...sourcePermissions(config),
      ...collectingPermissions(config),
      ...(config.lake.engine === 'auto' ? answers : []),
      ...(config.estate.gcp === undefined ? [] : gcpBillingPermissions),
      ...estatePermissions(config.estate, openStores(config.estate.stores)),
      ...ownershipPermissions(config),
      ...advicePermissions(config),
      ...(asksAwsListPrices(config) ? [LIST_PRICES_PERMISSION] : []),
    ],
    'ai-usage': aiUsagePermissions(config, names),
    audit: [
      ...ledger,
      ...lake,
      ...enginePermissions(config),
      ...answers,
      ...unitPermissions(config),
      ...ratesPermissions(config),
      ...failures,
    ],
    sweep: [
      ...held,
      ...(looksBack(config) ? lake : []),
      ...estatePermissions(config.estate, config.estate.stores),
      ...messagePermissions(config, ['token']),
      ...watchingPermissions(config),
      ...enteringToAct(config),
      ...enteringGoogle(config),
      ...failures,
    ],
    digest: [
      ...ledger,
      ...lake,
      ...enginePermissions(config),
      ...answers,
      ...unitPermissions(config),
      ...archivePermissions(names.bucket, names.reportsPrefix),
      ...ratesPermissions(config),
      ...postingPermissions(config),
      ...failures,
    ],
    slack: [
      ...ledger,
      ...messagePermissions(config, ['token', 'signingSecret', 'formerSigningSecret']),
      ...reportLinkPermissions(names.bucket, names.reportsPrefix),
    ],
    alarm: [...ledger, ...postingPermissions(config), ...failures],
  };
}

/**
 * Does a second look read what was kept? Counters of stores, since what was counted since then tells whether anybody
 * asks; and tags of accounts, where a dimension rests on them.
 */
function looksBack({ estate, dimensions }: Config): boolean {
  return Object.keys(estate.stores).length > 0 || accountTagKeys(dimensions).length > 0;
}

/** What every function needs for what `deploy` says of all of them: the key of what is stored, and traces. */
function everywhereRights({ deploy: { kmsKeyArn, tracing } }: Config): Permission[] {
  return [
    ...(kmsKeyArn === undefined ? [] : keyPermissions(kmsKeyArn)),
    ...(tracing ? TRACING_PERMISSIONS : []),
  ];
}

/** What posting in a channel needs. */
function postingPermissions({ slack }: Config): Permission[] {
  if (slack === undefined) return [];
  return [...slackPermissions, ...secretPermissions([slack.token], 'reads the token of Slack')];
}

/** What the function that watches AI usage by the hour may do: functions/ai-usage.ts. */
export function aiUsagePermissions(config: Config, names: DeployedNames): readonly Permission[] {
  const looksAtBedrock = config.estate.aws !== undefined && config.alerts.runaway;
  return [
    // It takes no claims, so it gives none back.
    ...ledgerPermissions(names.table).filter(({ action }) => action !== 'dynamodb:DeleteItem'),
    ...everywhereRights(config),
    ...messagePermissions(config, ['token']),
    ...watchingPermissions(config),
    ...(looksAtBedrock ? [...awsListing(config), ...BEDROCK_USAGE_PERMISSIONS] : []),
    ...sendPermissions(names.deadLettersArn, 'keeps the events that it failed on'),
  ];
}

/** What a function that looks at stores from a VPC may do: those stores, and what every collector needs. */
export function storeCollectorPermissions(
  config: Config,
  names: DeployedNames,
  { id: network, stores: reached }: StoreNetwork,
): readonly Permission[] {
  return [
    ...VPC_PERMISSIONS,
    ...ledgerPermissions(names.table).filter(({ action }) => action !== 'dynamodb:DeleteItem'),
    ...everywhereRights(config),
    ...s3StorePermissions(names.bucket, names.lakePrefix),
    ...receivePermissions(names.storeQueueArns?.[network] ?? names.queueArn),
    ...Object.entries(config.estate.stores).flatMap(([id, store]) =>
      reached.includes(id) ? storePermissions(store) : [],
    ),
  ];
}

const SECRET_OF = {
  token: 'reads the token of Slack',
  signingSecret: 'reads the secret that clicks are verified with',
  formerSigningSecret: 'reads the secret of clicks that was replaced',
} as const;

/** What becoming the service account that acts needs; nothing where no policy stops anything in Google Cloud. */
function enteringGoogle(config: Config): Permission[] {
  const { actAs } = config.estate.gcp ?? {};
  if (actAs === undefined || googleActRights(config).length === 0) return [];
  return [
    {
      cloud: 'gcp',
      action: 'iam.serviceAccounts.getAccessToken',
      resources: [actAs],
      why: 'becomes the service account that stops and starts, 900 seconds at a time',
    },
  ];
}

/** What speaking with people in Slack needs. */
function messagePermissions({ slack }: Config, secrets: readonly (keyof typeof SECRET_OF)[]): Permission[] {
  if (slack === undefined) return [];
  const readable = secrets.flatMap((name) => {
    const reference = slack[name];
    return reference === undefined ? [] : secretPermissions([reference], SECRET_OF[name]);
  });
  return [...messengerPermissions, ...readable];
}

/** What watching AI usage by the hour needs: the keys of the vendors. */
function watchingPermissions({ alerts, sources }: Config): Permission[] {
  if (!alerts.runaway) return [];
  return Object.values(sources).flatMap((source) =>
    source.type === 'openai' || source.type === 'anthropic'
      ? secretPermissions(
          [source.key],
          'reads the admin key of an AI vendor, whose usage is watched by the hour',
        )
      : [],
  );
}

/** What listing accounts, regions and projects needs. */
function listingPermissions(config: Config): Permission[] {
  return [...projectListing(config.estate), ...awsListing(config)];
}

function awsListing({ estate: { aws } }: Config): Permission[] {
  if (aws === undefined) return [];
  return [
    ...(aws.regions === 'enabled' ? REGIONS_PERMISSIONS : []),
    ...(aws.accounts === 'organisation' ? ORGANISATION_PERMISSIONS : []),
    ...enteringPermissions(aws),
  ];
}

/** What the read role of another account needs. */
export function readRights(
  { regions, advice }: Pick<NonNullable<Config['estate']['aws']>, 'regions' | 'advice'>,
  { creators }: Pick<Config['owners'], 'creators'>,
): Permission[] {
  return [
    ...(creators ? [AWS_CREATORS_PERMISSION] : []),
    ...(regions === 'enabled' ? REGIONS_PERMISSIONS : []),
    ...AWS_DATASETS.flatMap(({ permissions }) => permissions),
    ...(advice ? AWS_ADVICE_DATASETS.flatMap(({ permissions }) => permissions) : []),
  ];
}

/** What reading the advice of the clouds needs: only collecting asks for it, a second look does not. */
function advicePermissions({ estate: { aws, gcp } }: Config): Permission[] {
  return [
    ...(aws?.advice === true ? AWS_ADVICE_DATASETS.flatMap(({ permissions }) => permissions) : []),
    ...(gcp?.advice === true ? gcpRecommender.permissions : []),
  ];
}

/** What knowing accounts and creators needs: only collecting asks for them, a second look does not. */
function ownershipPermissions({ estate: { aws, gcp }, owners }: Config): Permission[] {
  return [
    ...(aws?.accounts === 'organisation'
      ? AWS_ORGANISATION_DATASETS.flatMap(({ permissions }) => permissions)
      : []),
    ...(aws !== undefined && owners.creators ? [AWS_CREATORS_PERMISSION] : []),
    ...(gcp !== undefined && owners.creators ? [GCP_CREATORS_PERMISSION] : []),
  ];
}

function enteringPermissions({ accounts, readRole, telemetryFrom }: NonNullable<Config['estate']['aws']>) {
  return accounts === 'own' && telemetryFrom === undefined ? [] : sessionPermissions(readRole);
}

function estatePermissions({ aws, gcp }: Config['estate'], stores: Stores): Permission[] {
  return [
    ...(aws === undefined
      ? []
      : [...AWS_DATASETS.flatMap(({ permissions }) => permissions), ...enteringPermissions(aws)]),
    ...(gcp === undefined ? [] : GCP_DATASETS.flatMap(({ permissions }) => permissions)),
    ...Object.values(stores).flatMap(storePermissions),
  ];
}

/** What reading the numbers of units needs; files of this machine are in no function. */
function unitPermissions(config: Config): Permission[] {
  return dailyNumbers(config).flatMap(({ number }) => {
    switch (number.type) {
      case 'csv': {
        const address = s3Address(number.path);
        return address === null ? [] : csvObjectPermissions({ bucket: address.bucket, key: address.prefix });
      }
      case 'query':
        return [];
      case 'cloudwatch':
        return number.roleArn === undefined
          ? [METRIC_DATA_PERMISSION]
          : rolePermissions([number.roleArn], 'enters the role that may read the metric of a unit');
    }
  });
}

function sourcePermissions(config: Config): Permission[] {
  return Object.entries(config.sources).flatMap(([id, source]) => {
    if (onlyInPlace(config, id)) return [];
    switch (source.type) {
      case 'focus-file':
        return [source.path]
          .flat()
          .map(s3Address)
          .filter((address) => address !== null)
          .flatMap(s3Permissions);
      case 'aws-cost-explorer':
        return source.roleArn === undefined
          ? costExplorerPermissions(source)
          : rolePermissions([source.roleArn], 'enters the role that may ask Cost Explorer');
      case 'aws-focus-export':
      case 'aws-cur':
        return source.roleArn === undefined
          ? dataExportPermissions({ ...source, partition: partitionOf(source) })
          : rolePermissions([source.roleArn], 'enters the role that may read a data export');
      case 'openai':
        return secretPermissions([source.key], 'reads the admin key of OpenAI');
      case 'anthropic':
        return secretPermissions([source.key], 'reads the admin key of Anthropic');
      case 'gcp-bigquery':
        return bigQueryPermissions;
    }
  });
}
