/**
 * What AWS charges for what Bursar runs on: list prices of US East (N. Virginia), USD, decimal text, and what is free each
 * month for every account, without end (for an organisation: once). Some regions cost more.
 *
 * The pages of AWS show their figures only to a browser. Those marked so were read where others cite page or price list.
 */
export interface Price {
  readonly usd: string;
  /** Of how many units the price is: a million requests, ten thousand calls. */
  readonly per: string;
  readonly unit: string;
  /** Units that are free each month; left out: none. */
  readonly free?: string;
  readonly source: string;
}

/** When the prices were read. */
export const PRICES_AS_OF = '2026-11';

const lambda = (what: string) =>
  `AWS Lambda pricing, "${what}"; figure as cited from the price list AWSLambda of 2026-08 to 2026-09`;
const cloudWatch = (what: string) =>
  `Amazon CloudWatch pricing, "${what}" and "Free tier"; figures as cited in 2026`;
const dynamoDb = 'Amazon DynamoDB pricing for on-demand capacity; figures as cited in 2026';
const s3 = (what: string) => `Amazon S3 pricing, "${what}"`;

export const PRICES = {
  lambdaRequest: {
    usd: '0.20',
    per: '1000000',
    unit: 'requests',
    free: '1000000',
    source: lambda('Requests'),
  },
  lambdaArm: {
    usd: '0.0000133334',
    per: '1',
    unit: 'GB-s',
    free: '400000',
    source: lambda('Duration, Arm'),
  },
  lambdaX86: {
    usd: '0.0000166667',
    per: '1',
    unit: 'GB-s',
    free: '400000',
    source: lambda('Duration, x86'),
  },
  lambdaDisk: {
    usd: '0.0000000309',
    per: '1',
    unit: 'GB-s of disk beyond 512 MB',
    source: lambda('Ephemeral storage'),
  },
  sqs: {
    usd: '0.40',
    per: '1000000',
    unit: 'requests',
    free: '1000000',
    source: 'Amazon SQS pricing, standard queues; figure as cited from the price list of 2026-09',
  },
  scheduler: {
    usd: '1.00',
    per: '1000000',
    unit: 'starts',
    free: '14000000',
    source: 'Amazon EventBridge pricing, "Scheduler"; figures as cited in March 2026',
  },
  dynamoWrite: { usd: '0.625', per: '1000000', unit: 'write request units', source: dynamoDb },
  dynamoRead: { usd: '0.125', per: '1000000', unit: 'read request units', source: dynamoDb },
  dynamoStored: { usd: '0.25', per: '1', unit: 'GB-month', free: '25', source: `${dynamoDb}, data storage` },
  dynamoRestore: { usd: '0.20', per: '1', unit: 'GB-month', source: `${dynamoDb}, backups` },
  s3Write: {
    usd: '0.005',
    per: '1000',
    unit: 'PUT and LIST requests',
    source: s3('Requests & data retrievals, S3 Standard'),
  },
  s3Read: {
    usd: '0.0004',
    per: '1000',
    unit: 'GET requests',
    source: s3('Requests & data retrievals, S3 Standard'),
  },
  s3Stored: { usd: '0.023', per: '1', unit: 'GB-month', source: s3('Storage, S3 Standard, first 50 TB') },
  logsIngested: { usd: '0.50', per: '1', unit: 'GB', free: '5', source: cloudWatch('Logs') },
  logsStored: { usd: '0.03', per: '1', unit: 'GB-month', source: cloudWatch('Logs') },
  metric: { usd: '0.30', per: '1', unit: 'metrics', free: '10', source: cloudWatch('Metrics') },
  alarm: { usd: '0.10', per: '1', unit: 'alarms', free: '10', source: cloudWatch('Alarms') },
  dashboard: { usd: '3.00', per: '1', unit: 'dashboards', free: '3', source: cloudWatch('Dashboards') },
  trace: {
    usd: '5.00',
    per: '1000000',
    unit: 'traces',
    free: '100000',
    source: 'AWS X-Ray pricing, "Free tier" and "Additional charges", read November 2026',
  },
  metricData: {
    usd: '0.01',
    per: '1000',
    unit: 'metrics asked',
    source: 'Amazon CloudWatch User Guide, "Retrieve metric data", Pricing, read November 2026',
  },
  costExplorer: {
    usd: '0.01',
    per: '1',
    unit: 'requests',
    source: 'AWS Cost Explorer pricing; price list AWSCostExplorer USE1-APIRequest, effective 2019-11-01',
  },
  secret: { usd: '0.40', per: '1', unit: 'secrets', source: 'AWS Secrets Manager pricing, November 2026' },
  secretCall: {
    usd: '0.05',
    per: '10000',
    unit: 'calls',
    source: 'AWS Secrets Manager pricing; figure as cited in 2026',
  },
  kmsKey: { usd: '1.00', per: '1', unit: 'keys', source: 'AWS KMS pricing; figure as cited in 2026' },
  kmsCall: {
    usd: '0.03',
    per: '10000',
    unit: 'requests',
    free: '20000',
    source: 'AWS KMS pricing; figure as cited in 2026',
  },
  httpApi: {
    usd: '1.00',
    per: '1000000',
    unit: 'requests',
    source: 'Amazon API Gateway pricing, HTTP APIs, first 300 million',
  },
  athena: {
    usd: '5',
    per: '1',
    unit: 'TB scanned',
    source: 'Amazon Athena pricing, "SQL queries with per-query billing", US regions, November 2026',
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
