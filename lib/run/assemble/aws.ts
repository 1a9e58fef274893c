import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BatchClient } from '@aws-sdk/client-batch';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ComputeOptimizerClient } from '@aws-sdk/client-compute-optimizer';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { CostOptimizationHubClient } from '@aws-sdk/client-cost-optimization-hub';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { EKSClient } from '@aws-sdk/client-eks';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { OpenSearchClient } from '@aws-sdk/client-opensearch';
import { OpenSearchServerlessClient } from '@aws-sdk/client-opensearchserverless';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { PricingClient } from '@aws-sdk/client-pricing';
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { STSClient } from '@aws-sdk/client-sts';
import pLimit from 'p-limit';
import { AWS_ADVICE_DATASETS } from '../../estate/aws/advice-datasets.ts';
import { HUB_REGION } from '../../estate/aws/cost-optimization-hub.ts';
import {
  AWS_CREATORS,
  AWS_CREATORS_PERMISSION,
  awsCreators,
  mayTellCreator,
} from '../../estate/aws/creators.ts';
import { AWS_DATASETS, awsDatasets } from '../../estate/aws/datasets.ts';
import { AwsListPrices, LIST_PRICES_PERMISSION, PRICE_LIST_REGION } from '../../estate/aws/list-prices.ts';
import { AWS_ORGANISATION_DATASETS } from '../../estate/aws/organisation-datasets.ts';
import type { AwsPlace, AwsSession } from '../../estate/aws/session.ts';
import { collectAll, collectScope } from '../../estate/collect.ts';
import { withCreations } from '../../estate/creators.ts';
import { withListPrices } from '../../estate/list-prices.ts';
import type { Resource, Scope } from '../../estate/model.ts';
import {
  enabledRegions,
  ORGANISATION_PERMISSIONS,
  type OrganisationAccount,
  organisationAccounts,
  REGIONS_PERMISSIONS,
} from '../../platform/aws-accounts.ts';
import {
  type AssumeRole,
  type AwsAccount,
  type AwsClientConfig,
  awsConfigs,
  awsSessions,
  callerAccount,
  sessionPermissions,
} from '../../platform/aws-sessions.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { COST_EXPLORER_REGION, costExplorerSource } from '../../sources/aws-cost-explorer/source.ts';
import type { Source } from '../../sources/model.ts';
import type { Estate } from '../auditor.ts';
import { awsBase } from './aws-base.ts';

/** Region for calls that belong to none (STS, Organizations), where the environment names no region. */
const HOME_REGION = 'us-east-1';

/** Which accounts and regions of AWS to look at. */
export interface AwsEstateSettings {
  readonly accounts: 'own' | 'organisation' | readonly string[];
  readonly regions: 'enabled' | readonly string[];
  readonly assume: AssumeRole | null;
  /** Of which resources the audit log is asked who made them; left out, of none. */
  readonly creators?: ((resource: Resource) => boolean) | undefined;
  /** Are list prices asked, since no bill may tell what each resource costs? */
  readonly listPrices?: boolean | undefined;
  /** Are Compute Optimizer and Cost Optimization Hub asked what they recommend? */
  readonly advice?: boolean | undefined;
  readonly endpoint?: string | undefined;
}

/** The account of the ambient credentials, asked once. */
export async function ownAccount(endpoint: string | undefined, meter: Meter): Promise<AwsAccount> {
  return callerAccount(
    new STSClient({ ...awsBase(endpoint), region: process.env.AWS_REGION ?? HOME_REGION }),
    meter,
  );
}

/** What looking at these accounts needs. */
export function awsEstatePermissions({
  accounts,
  regions,
  assume,
  creators,
  listPrices,
  advice,
}: AwsEstateSettings): Permission[] {
  return [
    ...(regions === 'enabled' ? REGIONS_PERMISSIONS : []),
    ...(accounts === 'organisation' ? ORGANISATION_PERMISSIONS : []),
    ...(accounts === 'organisation'
      ? AWS_ORGANISATION_DATASETS.flatMap(({ permissions }) => permissions)
      : []),
    ...(creators === undefined ? [] : [AWS_CREATORS_PERMISSION]),
    ...(listPrices === true ? [LIST_PRICES_PERMISSION] : []),
    ...(accounts !== 'own' && assume !== null ? sessionPermissions(assume.roleName) : []),
    ...AWS_DATASETS.flatMap(({ permissions }) => permissions),
    ...(advice === true ? AWS_ADVICE_DATASETS.flatMap(({ permissions }) => permissions) : []),
  ];
}

/** Accounts whose regions are listed at once. */
const ACCOUNTS_AT_ONCE = 32;

/** The region of the scope in which the organisation itself is read. */
const ORGANISATION_REGION = 'global';

function clients(config: AwsClientConfig): Omit<AwsSession, keyof AwsPlace> {
  return {
    ec2: new EC2Client(config),
    cloudwatch: new CloudWatchClient(config),
    sagemaker: new SageMakerClient(config),
    rds: new RDSClient(config),
    elasticache: new ElastiCacheClient(config),
    elb: new ElasticLoadBalancingClient(config),
    elbv2: new ElasticLoadBalancingV2Client(config),
    bedrock: new BedrockClient(config),
    bedrockAgent: new BedrockAgentClient(config),
    batch: new BatchClient(config),
    opensearch: new OpenSearchClient(config),
    opensearchServerless: new OpenSearchServerlessClient(config),
    ecr: new ECRClient(config),
    lambda: new LambdaClient(config),
    cloudtrail: new CloudTrailClient(config),
    logs: new CloudWatchLogsClient(config),
    s3: new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined }),
    s3vectors: new S3VectorsClient(config),
    eks: new EKSClient(config),
    autoscaling: new AutoScalingClient(config),
    computeOptimizer: new ComputeOptimizerClient(config),
    costOptimizationHub: new CostOptimizationHubClient({ ...config, region: HUB_REGION }),
  };
}

/** The AWS part of the estate. Accounts and regions are listed in `plan`; a scope is entered when it is collected. */
export function awsEstate(settings: AwsEstateSettings): Estate {
  const base = awsBase(settings.endpoint);
  const home = { ...base, region: process.env.AWS_REGION ?? HOME_REGION };
  const enter = async (meter: Meter) => {
    const own = await callerAccount(new STSClient(home), meter);
    const options = { own, base, assume: settings.assume, sts: new STSClient(home), meter };
    const configOf = awsConfigs(options);
    return { own, configOf, sessionFor: awsSessions(options, clients, configOf) };
  };
  // A session has a client of every service, which takes longer to make than the regions to list: here is one.
  const regionsOf = async (
    accountId: string,
    configOf: Awaited<ReturnType<typeof enter>>['configOf'],
    meter: Meter,
  ) => {
    const config = await configOf({ accountId, region: home.region });
    return await enabledRegions(new EC2Client(config), meter, `aws:${accountId}`);
  };
  const prices =
    settings.listPrices === true
      ? new AwsListPrices(new PricingClient({ ...base, region: PRICE_LIST_REGION }))
      : null;
  let entered: ReturnType<typeof enter> | null = null;
  const once = (meter: Meter) =>
    (entered ??= enter(meter).catch((error: unknown) => {
      entered = null;
      throw error;
    }));
  return {
    permissions: awsEstatePermissions(settings),
    covers: ({ provider }) => provider === 'aws',
    async plan(_now, meter) {
      const { own, configOf } = await once(meter);
      const coverage: Coverage[] = [];
      const scopes: Scope[] = [];
      const { accounts, closed } = await accountsOf(settings, own, home, meter);
      for (const { accountId, name, state } of closed)
        coverage.push({
          scope: `aws:${accountId}`,
          status: 'not-covered',
          reason: `${name ?? 'the account'} is ${state} in the organisation: nothing in it can be looked at.`,
          asOf: null,
        });
      if (settings.accounts === 'organisation')
        scopes.push({ provider: 'aws', accountId: own.accountId, region: ORGANISATION_REGION });
      await pLimit(ACCOUNTS_AT_ONCE).map(accounts, async (accountId) => {
        try {
          const regions =
            settings.regions === 'enabled' ? await regionsOf(accountId, configOf, meter) : settings.regions;
          for (const region of regions) scopes.push({ provider: 'aws', accountId, region });
        } catch (error) {
          if (!(error instanceof BursarError)) throw error;
          coverage.push({ scope: `aws:${accountId}`, status: 'failed', reason: error.told, asOf: null });
        }
      });
      return {
        scopes: scopes.toSorted((a, b) =>
          `${a.accountId} ${a.region}` < `${b.accountId} ${b.region}` ? -1 : 1,
        ),
        coverage: coverage.toSorted((a, b) => (a.scope < b.scope ? -1 : 1)),
      };
    },
    async collect(scope, now, meter, only, made, datasets) {
      const { own, configOf, sessionFor } = await once(meter);
      if (scope.region === ORGANISATION_REGION && scope.accountId === own.accountId) {
        const session = {
          accountId: own.accountId,
          organizations: new OrganizationsClient(home),
          costExplorer: new CostExplorerClient({ ...base, region: COST_EXPLORER_REGION }),
          regionsOf: async (accountId: string) =>
            settings.regions === 'enabled' ? await regionsOf(accountId, configOf, meter) : settings.regions,
        };
        return await collectScope(scope, session, AWS_ORGANISATION_DATASETS, now, meter);
      }
      const looked = [
        ...awsDatasets(only, datasets),
        ...(only === undefined && settings.advice === true ? AWS_ADVICE_DATASETS : []),
      ];
      const [found] = await collectAll([scope], sessionFor, looked, now, meter);
      if (found === undefined) throw new BursarError('internal', 'a scope gave no snapshot');
      const snapshot =
        prices === null || only !== undefined ? found : await withListPrices(found, prices, now, meter);
      const { creators } = settings;
      if (made === undefined || creators === undefined) return snapshot;
      const wants = (resource: Resource) => mayTellCreator(resource) && creators(resource);
      return await withCreations(snapshot, AWS_CREATORS, made, wants, async (wanted) =>
        awsCreators(scope, await sessionFor(scope), wanted, now, meter),
      );
    },
  };
}

async function accountsOf(
  settings: AwsEstateSettings,
  own: AwsAccount,
  home: AwsClientConfig,
  meter: Meter,
): Promise<{ accounts: readonly string[]; closed: readonly OrganisationAccount[] }> {
  if (settings.accounts === 'own') return { accounts: [own.accountId], closed: [] };
  if (settings.accounts !== 'organisation') return { accounts: settings.accounts, closed: [] };
  const listed = await organisationAccounts(new OrganizationsClient(home), meter);
  const open = listed.filter(({ state }) => state === 'ACTIVE');
  return {
    accounts: open.map(({ accountId }) => accountId),
    closed: listed.filter(({ state }) => state !== 'ACTIVE'),
  };
}

/** The Cost Explorer bill of the ambient account. */
export function ambientCostExplorer(id: string, accountId: string, endpoint?: string): Source {
  const client = new CostExplorerClient({ ...awsBase(endpoint), region: COST_EXPLORER_REGION });
  return costExplorerSource({ id, client, accountId });
}
