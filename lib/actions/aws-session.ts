import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { BedrockClient } from '@aws-sdk/client-bedrock';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { EKSClient } from '@aws-sdk/client-eks';
import type { OpenSearchServerlessClient } from '@aws-sdk/client-opensearchserverless';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { AwsPlace } from '../estate/aws/session.ts';
import { scopeName } from '../estate/model.ts';
import { awsError } from '../platform/aws-errors.ts';
import { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { CollectionData } from './collection-data.ts';
import type { Exports } from './exports.ts';

/** The clients that actions call. */
export interface AwsActClients {
  readonly ec2: EC2Client;
  /** With `maxAttempts: 1`: for calls that have no idempotency token, where a retry could do the thing twice. */
  readonly ec2Once: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly applicationAutoScaling: ApplicationAutoScalingClient;
  readonly eks: EKSClient;
  readonly sagemaker: SageMakerClient;
  readonly logs: CloudWatchLogsClient;
  readonly rds: RDSClient;
  readonly bedrock: BedrockClient;
  readonly openSearchServerless: OpenSearchServerlessClient;
  /** The data of a collection at its endpoint, by the same credentials. */
  readonly collection: (endpoint: string) => CollectionData;
  /** Where data is kept before it is deleted; null where the config names nothing. */
  readonly exports: Exports | null;
}

/** One account and region, entered with the rights to act, for one finding. */
export interface AwsActSession extends AwsPlace, AwsActClients {
  readonly meter: Meter;
}

/** `aws:111122223333:us-east-1` */
export function placeName(session: AwsPlace): string {
  return scopeName({ provider: 'aws', accountId: session.accountId, region: session.region });
}

/**
 * Refusals of HTTP 4xx that waiting can end: the thing is on its way to another state, or someone else is
 * changing it (error lists of the EC2, EC2 Auto Scaling, EKS, SageMaker, CloudWatch Logs, RDS and Bedrock API references).
 */
const PASSES = new Set([
  'ConcurrentUpdateException',
  'ConflictException',
  'IncorrectInstanceState',
  'IncorrectState',
  'InsufficientAddressCapacity',
  'InsufficientDBInstanceCapacityFault',
  'InvalidDBClusterStateFault',
  'InvalidDBInstanceStateFault',
  'OperationAbortedException',
  'ResourceContentionFault',
  'ResourceInUse',
  'ResourceInUseException',
  'ScalingActivityInProgressFault',
  'SnapshotCreationPerVolumeRateExceeded',
]);

/**
 * One call that reads for an action or carries it out, counted, with what it throws put into words: `throttled`
 * and `unavailable` may pass; `conflict` is an answer that will be the same again.
 * @param action the IAM action
 */
export async function act<T>(session: AwsActSession, action: string, send: () => Promise<T>): Promise<T> {
  session.meter.count(action);
  try {
    return await send();
  } catch (error) {
    const where = placeName(session);
    const told = awsError(error, { action, where });
    if (told === null) throw error;
    const status = statusOf(error);
    if (told.code === 'denied')
      throw new BursarError('denied', told.message, {
        where,
        hint: `Allow ${action} to the role that acts in this account; a protected tag denies it on purpose.`,
        cause: error,
      });
    const final = told.code === 'unavailable' && status !== null && status >= 400 && status < 500;
    if (!final || PASSES.has(errorName(told))) throw told;
    throw new BursarError('conflict', told.message, { where, hint: 'See the message of AWS.', cause: error });
  }
}

/** What AWS called the error: `InvalidInstanceID.NotFound`; empty where it is none of AWS. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof BursarError) return errorName(error.cause);
  return error.name;
}

/** `send`, or null where AWS says by one of these names that the thing does not exist. */
export async function unless<T>(
  gone: readonly string[],
  send: () => Promise<T>,
  says: RegExp = /^/,
): Promise<T | null> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof BursarError && gone.includes(errorName(error)) && says.test(error.message))
      return null;
    throw error;
  }
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return null;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}
