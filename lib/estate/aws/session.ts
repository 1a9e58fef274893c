import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
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
  readonly sagemaker: SageMakerClient;
}

/** The ARN of a thing of EC2: `arn:aws:ec2:us-east-1:111122223333:instance/i-0abc`. */
export function ec2Arn(session: AwsPlace, kind: 'instance' | 'volume', id: string): string {
  return `arn:${session.partition}:ec2:${session.region}:${session.accountId}:${kind}/${id}`;
}
