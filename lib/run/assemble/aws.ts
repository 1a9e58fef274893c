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
import { ORGANISATION_PERMISSIONS, REGIONS_PERMISSIONS } from '../../platform/aws-accounts.ts';
import { type AwsClientConfig, awsSessions, sessionPermissions } from '../../platform/aws-sessions.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { costExplorerSource } from '../../sources/aws-cost-explorer/source.ts';
import type { Source } from '../../sources/model.ts';
import type { Estate } from '../auditor.ts';
import { awsBase, costExplorerRegion } from './aws-base.ts';
import { type AwsScopeSettings, awsScopes, ORGANISATION_REGION } from './aws-scopes.ts';

/** Which accounts and regions of AWS to look at, and what besides is asked there. */
export interface AwsEstateSettings extends AwsScopeSettings {
  /** Of which resources the audit log is asked who made them; left out, of none. */
  readonly creators?: ((resource: Resource) => boolean) | undefined;
  /** Are list prices asked, since no bill may tell what each resource costs? */
  readonly listPrices?: boolean | undefined;
  /** Are Compute Optimizer and Cost Optimization Hub asked what they recommend? */
  readonly advice?: boolean | undefined;
}

/** What looking at these accounts needs. */
export function awsEstatePermissions({
  accounts,
  regions,
  assume,
  creators,
  listPrices,
  advice,
  telemetryFrom,
}: AwsEstateSettings): Permission[] {
  return [
    ...(regions === 'enabled' ? REGIONS_PERMISSIONS : []),
    ...(accounts === 'organisation' ? ORGANISATION_PERMISSIONS : []),
    ...(accounts === 'organisation'
      ? AWS_ORGANISATION_DATASETS.flatMap(({ permissions }) => permissions)
      : []),
    ...(creators === undefined ? [] : [AWS_CREATORS_PERMISSION]),
    ...(listPrices === true ? [LIST_PRICES_PERMISSION] : []),
    ...((accounts !== 'own' || telemetryFrom !== undefined) && assume !== null
      ? sessionPermissions(assume.roleName)
      : []),
    ...AWS_DATASETS.flatMap(({ permissions }) => permissions),
    ...(advice === true ? AWS_ADVICE_DATASETS.flatMap(({ permissions }) => permissions) : []),
  ];
}

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

type SessionFor = (scope: Pick<Scope, 'accountId' | 'region'>) => Promise<AwsSession>;

/**
 * Sessions whose metrics come from a monitoring account, in the region of each. Where that account cannot be entered,
 * what is read of metrics fails with the reason, and the rest of a scope is read all the same.
 */
function withTelemetryFrom(
  monitoring: string | undefined,
  sessionFor: SessionFor,
  configOf: (scope: { accountId: string; region: string }) => Promise<AwsClientConfig>,
  base: Omit<AwsClientConfig, 'region'>,
): SessionFor {
  if (monitoring === undefined) return sessionFor;
  return async (scope) => {
    const session = await sessionFor(scope);
    const { accountId, region } = session;
    if (accountId === monitoring) return session;
    const config = await configOf({ accountId: monitoring, region }).catch((error: unknown) => {
      if (!(error instanceof BursarError)) throw error;
      return { ...base, region, credentials: () => Promise.reject(error) };
    });
    return { ...session, cloudwatch: new CloudWatchClient(config), metricsOf: accountId };
  };
}

/** The AWS part of the estate. Accounts and regions are listed in `plan`; a scope is entered when it is collected. */
export function awsEstate(settings: AwsEstateSettings): Estate {
  const scopes = awsScopes(settings);
  const { home, base } = scopes;
  const prices =
    settings.listPrices === true
      ? new AwsListPrices(new PricingClient({ ...base, region: PRICE_LIST_REGION }))
      : null;
  return {
    permissions: awsEstatePermissions(settings),
    covers: ({ provider }) => provider === 'aws',
    plan: (now, meter) => scopes.plan(now, meter),
    async collect(scope, now, meter, only, made, datasets) {
      const { own, options, configOf } = await scopes.enter(meter);
      const sessionFor = withTelemetryFrom(
        settings.telemetryFrom,
        awsSessions(options, clients, configOf),
        configOf,
        base,
      );
      if (scope.region === ORGANISATION_REGION && scope.accountId === own.accountId) {
        const session = {
          accountId: own.accountId,
          organizations: new OrganizationsClient(home),
          costExplorer: new CostExplorerClient({ ...base, region: costExplorerRegion(own.partition) }),
          regionsOf: (accountId: string) => scopes.regionsOf(accountId, meter),
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

/** The Cost Explorer bill of the ambient account. */
export function ambientCostExplorer(id: string, accountId: string, endpoint?: string): Source {
  const client = new CostExplorerClient({ ...awsBase(endpoint), region: costExplorerRegion() });
  return costExplorerSource({ id, client, accountId });
}
