import { SQSClient } from '@aws-sdk/client-sqs';
import { awsBase } from './aws-base.ts';

/** A client of SQS at the region's own address: a stand-in's queues may name another host than it has. */
export function sqsClient(region?: string): SQSClient {
  return new SQSClient({
    ...awsBase(),
    ...(region === undefined ? {} : { region }),
    useQueueUrlAsEndpoint: false,
  });
}
