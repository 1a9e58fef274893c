import { createServer, type IncomingHttpHeaders } from 'node:http';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BatchClient } from '@aws-sdk/client-batch';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ComputeOptimizerClient } from '@aws-sdk/client-compute-optimizer';
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
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { STSClient } from '@aws-sdk/client-sts';
import { HUB_REGION } from '../../../lib/estate/aws/cost-optimization-hub.ts';
import { AWS_RETRY, type AwsClientConfig } from '../../../lib/platform/aws-sessions.ts';

/** The account that moto gives to keys of no role. */
export const OWN = '123456789012';
export const OTHER = '210987654321';

export const AMBIENT = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The clients of one account and region, as the assembly makes them. */
export function makeClients(config: AwsClientConfig) {
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

export function base(endpoint: string) {
  return { endpoint, credentials: AMBIENT, ...AWS_RETRY };
}

export function session(endpoint: string, region = 'us-east-1') {
  return { accountId: OWN, region, partition: 'aws', ...makeClients({ ...base(endpoint), region }) };
}

export function sts(endpoint: string): STSClient {
  return new STSClient({ ...base(endpoint), region: 'us-east-1' });
}

export interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `DescribeInstances`, by the query protocol's Action or the JSON protocol's target. */
  readonly action: string;
  /** `GET /inference-profiles`, which names the call of a REST protocol. */
  readonly path: string;
  /** `lifecycle=`, what follows the question mark, which names the call of S3. */
  readonly query: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

/** An answer of the EC2 query protocol that refuses (EC2 API Reference, "Error responses"). */
export function ec2Refusal(code: string, message: string, status = 400): Answer {
  const body = `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>1</RequestID></Response>`;
  return { status, type: 'text/xml', body };
}

/** The same in the query protocol of STS. */
export function stsRefusal(code: string, message: string, status = 403): Answer {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
  return { status, type: 'text/xml', body };
}

/** The same in AWS JSON 1.0, which CloudWatch speaks. */
export function jsonRefusal(code: string, message: string, status = 400): Answer {
  return { status, type: 'application/x-amz-json-1.0', body: JSON.stringify({ __type: code, message }) };
}

export interface Proxy {
  readonly url: string;
  /** Every call that came through, by action, in order. */
  readonly calls: string[];
  close(): Promise<void>;
}

/**
 * A loopback server before the emulator that passes on what `meddle` leaves alone (null) and answers the rest;
 * `pass` asks the emulator, with another body where one is given.
 */
export async function proxy(
  target: string,
  meddle: (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>,
): Promise<Proxy> {
  const calls: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      void (async () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const named = incoming.headers['x-amz-target'];
        const action =
          typeof named === 'string'
            ? (named.split('.').at(-1) ?? '')
            : (new URLSearchParams(body).get('Action') ?? '');
        const [called = '', query = ''] = (incoming.url ?? '').split('?');
        const path = `${incoming.method ?? 'POST'} ${called}`;
        calls.push(action);
        const pass = async (other = body): Promise<Answer> => {
          const headers = new Headers();
          for (const [name, value] of Object.entries(incoming.headers))
            if (
              typeof value === 'string' &&
              !['host', 'content-length', 'connection', 'expect'].includes(name)
            )
              headers.set(name, value);
          const answer = await fetch(new URL(incoming.url ?? '/', target), {
            method: incoming.method ?? 'POST',
            headers,
            // REST APIs (EKS) read by GET, which carries no body.
            body: incoming.method === 'GET' ? null : other,
          });
          return {
            status: answer.status,
            body: await answer.text(),
            type: answer.headers.get('content-type') ?? 'text/xml',
          };
        };
        const answer =
          (await meddle({ headers: incoming.headers, body, action, path, query }, pass)) ?? (await pass());
        outgoing.writeHead(answer.status, { 'content-type': answer.type });
        outgoing.end(answer.body);
      })().catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error('proxy')));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
