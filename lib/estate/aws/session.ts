import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { BatchClient } from '@aws-sdk/client-batch';
import type { BedrockClient } from '@aws-sdk/client-bedrock';
import type { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ComputeOptimizerClient } from '@aws-sdk/client-compute-optimizer';
import type { CostOptimizationHubClient } from '@aws-sdk/client-cost-optimization-hub';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { EKSClient } from '@aws-sdk/client-eks';
import type { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { OpenSearchClient } from '@aws-sdk/client-opensearch';
import type { OpenSearchServerlessClient } from '@aws-sdk/client-opensearchserverless';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

/** One AWS account and region. */
export interface AwsPlace {
  readonly accountId: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`: the second part of an ARN. */
  readonly partition: string;
}

/** One AWS account and region, with the clients that its datasets call. */
export interface AwsSession extends AwsPlace {
  readonly ec2: EC2Client;
  readonly cloudwatch: CloudWatchClient;
  /** The account whose metrics `cloudwatch` is asked for, where it is that of a monitoring account; else its own. */
  readonly metricsOf?: string;
  readonly sagemaker: SageMakerClient;
  readonly rds: RDSClient;
  readonly elasticache: ElastiCacheClient;
  readonly elb: ElasticLoadBalancingClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly bedrock: BedrockClient;
  readonly bedrockAgent: BedrockAgentClient;
  readonly batch: BatchClient;
  readonly opensearch: OpenSearchClient;
  readonly opensearchServerless: OpenSearchServerlessClient;
  readonly ecr: ECRClient;
  readonly lambda: LambdaClient;
  readonly cloudtrail: CloudTrailClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly s3vectors: S3VectorsClient;
  readonly eks: EKSClient;
  readonly autoscaling: AutoScalingClient;
  readonly computeOptimizer: ComputeOptimizerClient;
  readonly costOptimizationHub: CostOptimizationHubClient;
}

/** Kinds of EC2 as their ARNs name them (Service Authorization Reference, "Amazon EC2", resource types). */
export type Ec2Kind =
  | 'instance'
  | 'volume'
  | 'snapshot'
  | 'image'
  | 'elastic-ip'
  | 'natgateway'
  | 'capacity-reservation';

/** The ARN of a thing of EC2: `arn:aws:ec2:us-east-1:111122223333:instance/i-0abc`. */
export function ec2Arn(session: AwsPlace, kind: Ec2Kind, id: string): string {
  return `arn:${session.partition}:ec2:${session.region}:${session.accountId}:${kind}/${id}`;
}
