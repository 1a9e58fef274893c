import type { Dataset } from '../model.ts';
import { awsAddresses } from './addresses.ts';
import { awsBatchJobs } from './batch-jobs.ts';
import { awsBedrockCustomModels } from './bedrock-custom-models.ts';
import { awsBedrockInferenceProfiles } from './bedrock-inference-profiles.ts';
import { awsBedrockKnowledgeBases } from './bedrock-knowledge-bases.ts';
import { awsBedrockKnowledgeVectors } from './bedrock-knowledge-vectors.ts';
import { awsBedrockProvisioned } from './bedrock-provisioned.ts';
import { awsBedrockTelemetry } from './bedrock-telemetry.ts';
import { awsBedrockUsage } from './bedrock-usage.ts';
import { awsBuckets } from './buckets.ts';
import { awsCaches } from './caches.ts';
import { awsCapacityReservations } from './capacity-reservations.ts';
import { awsCapacityTelemetry } from './capacity-telemetry.ts';
import { awsClassicLoadBalancers } from './classic-load-balancers.ts';
import { awsFunctions } from './functions.ts';
import { awsGpuTelemetry, gpuTelemetryOf } from './gpu-telemetry.ts';
import { awsImages } from './images.ts';
import { awsInstances } from './instances.ts';
import { awsLoadBalancerTelemetry } from './load-balancer-telemetry.ts';
import { awsLoadBalancers } from './load-balancers.ts';
import { awsLogGroups } from './log-groups.ts';
import { awsNatGateways, awsNatGatewayTelemetry } from './nat-gateways.ts';
import { awsOpensearchCollections } from './opensearch-collections.ts';
import { awsOpensearchDomains } from './opensearch-domains.ts';
import { awsOpensearchVectors } from './opensearch-vectors.ts';
import { awsDatabaseClusters, awsDatabases, awsDatabaseTelemetry } from './rds.ts';
import { awsRepositories } from './repositories.ts';
import { awsS3Vectors } from './s3-vectors.ts';
import { awsSagemakerApps } from './sagemaker-apps.ts';
import { awsSagemakerClusterTelemetry, clusterTelemetryOf } from './sagemaker-cluster-telemetry.ts';
import { awsSagemakerClusters } from './sagemaker-clusters.ts';
import { awsSagemakerDomains } from './sagemaker-domains.ts';
import { awsSagemakerEndpoints } from './sagemaker-endpoints.ts';
import { awsProcessingJobTelemetry, awsTrainingJobTelemetry } from './sagemaker-job-telemetry.ts';
import { awsSagemakerNotebooks } from './sagemaker-notebooks.ts';
import { awsSagemakerProcessingJobs } from './sagemaker-processing-jobs.ts';
import { awsSagemakerSpaces } from './sagemaker-spaces.ts';
import { awsSagemakerTelemetry, telemetryOf } from './sagemaker-telemetry.ts';
import { awsSagemakerTrainingJobs } from './sagemaker-training-jobs.ts';
import { awsServerlessCaches } from './serverless-caches.ts';
import type { ServiceTelemetry } from './service-telemetry.ts';
import type { AwsSession } from './session.ts';
import { awsSnapshots } from './snapshots.ts';
import { awsVolumes } from './volumes.ts';

/** What tells how busy the things of a service are. */
const SERVICES: readonly ServiceTelemetry[] = [
  awsNatGatewayTelemetry,
  awsLoadBalancerTelemetry,
  awsDatabaseTelemetry,
  awsBedrockTelemetry,
  awsCapacityTelemetry,
  awsTrainingJobTelemetry,
  awsProcessingJobTelemetry,
];

/** Everything that is collected of an AWS account and region, in order: what needs another stands after it. */
export const AWS_DATASETS: readonly Dataset<AwsSession>[] = [
  awsInstances,
  awsVolumes,
  awsSagemakerEndpoints,
  awsSagemakerNotebooks,
  awsSagemakerDomains,
  awsSagemakerSpaces,
  awsSagemakerApps,
  awsSagemakerTrainingJobs,
  awsSagemakerProcessingJobs,
  awsSagemakerClusters,
  awsBedrockProvisioned,
  awsBedrockCustomModels,
  awsBedrockInferenceProfiles,
  awsBedrockKnowledgeBases,
  awsBedrockKnowledgeVectors,
  awsBatchJobs,
  awsCapacityReservations,
  awsOpensearchDomains,
  awsOpensearchCollections,
  awsOpensearchVectors,
  awsS3Vectors,
  awsGpuTelemetry,
  awsSagemakerTelemetry,
  awsSagemakerClusterTelemetry,
  awsAddresses,
  awsSnapshots,
  awsImages,
  awsNatGateways,
  awsLoadBalancers,
  awsClassicLoadBalancers,
  awsDatabases,
  awsDatabaseClusters,
  awsLogGroups,
  awsBuckets,
  awsCaches,
  awsServerlessCaches,
  awsRepositories,
  awsFunctions,
  awsBedrockUsage,
  ...SERVICES.map((service) => service.of(null)),
];

/**
 * The same for a second look at some of many: with the telemetry of these resources alone, and of the datasets those
 * that are wanted, with all that they need. Where none of these is known here, all of them, since what nobody reads
 * looks as if it were gone.
 */
export function awsDatasets(
  only: ReadonlySet<string> | undefined,
  wanted?: ReadonlySet<string>,
): readonly Dataset<AwsSession>[] {
  if (only === undefined) return AWS_DATASETS;
  const telemetry = new Map([
    [awsGpuTelemetry.id, gpuTelemetryOf(only)],
    [awsSagemakerTelemetry.id, telemetryOf(only)],
    [awsSagemakerClusterTelemetry.id, clusterTelemetryOf(only)],
    ...SERVICES.map((service) => [service.id, service.of(only)] as const),
  ]);
  const all = AWS_DATASETS.map((dataset) => telemetry.get(dataset.id) ?? dataset);
  const needed = new Set(wanted);
  // What is needed stands before what needs it.
  for (const { id, needs } of all.toReversed())
    if (needed.has(id)) for (const need of needs ?? []) needed.add(need);
  const some = all.filter(({ id }) => needed.has(id));
  return some.length === 0 ? all : some;
}
