import { Decimal, decimalText } from '../focus/decimal.ts';
import { ASSUMED, MEASURED } from './cost-measured.ts';
import { PRICES, PRICES_AS_OF, type Price, type PriceName } from './cost-prices.ts';

/** A month is 30 days here; AWS charges metrics and alarms by its hours. */
export const MONTH_DAYS = 30;
/** GB-months are of 2^30 bytes (AWS pricing pages of S3 and EBS). */
const GIB = new Decimal(2).pow(30);
const KIB_PER_GIB = new Decimal(2).pow(20);

export interface DeployedFunction {
  readonly name: string;
  readonly memoryMiB: number;
  /** Scratch disk beyond the 512 MB that are free, MiB. */
  readonly moreDiskMiB: number;
  /** Starts a month by its schedule; null: as often as there are messages, clicks or alarms. */
  readonly starts: number | null;
  /** Metrics of its own that it counts each time it runs, and those that it counts only when there is something. */
  readonly metrics: number;
  readonly happenings: number;
}

/** What a config deploys, as far as it costs. */
export interface Deployment {
  readonly architecture: 'arm64' | 'x86_64';
  readonly functions: readonly DeployedFunction[];
  /** Bills with rows of their own, and bills of Cost Explorer. */
  readonly rowSources: number;
  readonly costExplorerSources: number;
  readonly regions: number;
  /** Does it look at accounts of AWS at all? */
  readonly looksAtAws: boolean;
  /** How often bills and estate are collected a month. */
  readonly collections: number;
  readonly secrets: number;
  readonly ownKey: boolean;
  readonly httpApi: boolean;
  /**
   * Bills of clouds, over which rows are taken to be spread evenly; those of them that are asked where they lie, and so
   * not kept a second time: by Athena, and by an engine whose price is not in here.
   */
  readonly bills: { readonly all: number; readonly inAthena: number; readonly elsewhere: number };
  readonly alarms: number;
  readonly queues: number;
  /** Days that its logs are kept. */
  readonly logDays: number;
  readonly dashboard: boolean;
  /** Are its runs traced in X-Ray? */
  readonly tracing: boolean;
}

/** What the company is like. */
export interface Size {
  readonly accounts: number;
  readonly resources: number;
  /** Rows of all bills, of a month. */
  readonly rows: number;
}

export interface CostItem {
  readonly service: string;
  readonly item: string;
  /** Decimal text, in `unit`, of a month. */
  readonly quantity: string;
  readonly unit: string;
  /** USD for `per` units. */
  readonly price: string;
  readonly per: string;
  /** USD a month at list price, and what is left of it after what AWS gives every account for nothing. */
  readonly list: string;
  readonly afterFree: string;
  readonly source: string;
}

export interface OwnBill {
  readonly schemaVersion: 1;
  readonly size: Size;
  /** What the config leaves out of that size, one sentence each. */
  readonly notes: readonly string[];
  readonly items: readonly CostItem[];
  readonly list: string;
  readonly afterFree: string;
  readonly currency: 'USD';
  readonly pricesAsOf: string;
  readonly measuredAsOf: string;
  /** What it rests on that nobody measured. */
  readonly assumed: Readonly<Record<string, string>>;
  /** What costs money and is not in it. */
  readonly left: readonly string[];
}

type Line = readonly [service: string, item: string, price: PriceName, quantity: Decimal];

/** The monthly bill of Bursar itself, item by item. Sums are exact; quantities rest on `MEASURED` and `ASSUMED`. */
export function ownBill(
  deployment: Deployment,
  given: Size,
  other: Readonly<Partial<Record<PriceName, string>>> = {},
): OwnBill {
  // Cost Explorer gives sums: without a bill that has rows there are none.
  const size = { ...given, rows: deployment.rowSources === 0 ? 0 : given.rows };
  const lines = [
    ...lambdaLines(deployment, size),
    ...queueLines(deployment, size),
    ...tableLines(deployment, size),
    ...bucketLines(deployment, size),
    ...watchLines(deployment, size),
    ...askedLines(deployment, size),
    ...keptLines(deployment, size),
  ];
  // What is free is free once, whatever it is used for.
  const freeLeft = new Map<PriceName, Decimal>();
  const items = lines
    .filter(([, , , quantity]) => !quantity.isZero())
    .map(([service, item, name, quantity]): CostItem => {
      const price: Price = {
        ...PRICES[name],
        ...(other[name] === undefined ? {} : { usd: other[name], source: 'as given by --price' }),
      };
      const shared = FREE_WITH.get(name) ?? name;
      const free = Decimal.min(freeLeft.get(shared) ?? new Decimal(price.free ?? 0), quantity);
      freeLeft.set(shared, (freeLeft.get(shared) ?? new Decimal(price.free ?? 0)).minus(free));
      const usd = (of: Decimal) => decimalText(of.times(price.usd).div(price.per));
      return {
        service,
        item,
        quantity: decimalText(quantity),
        unit: price.unit,
        price: price.usd,
        per: price.per,
        list: usd(quantity),
        afterFree: usd(quantity.minus(free)),
        source: price.source,
      };
    });
  const sum = (of: 'list' | 'afterFree') =>
    decimalText(items.reduce((total, item) => total.plus(item[of]), new Decimal(0)));
  return {
    schemaVersion: 1,
    size,
    notes: notesOf(deployment),
    items,
    list: sum('list'),
    afterFree: sum('afterFree'),
    currency: 'USD',
    pricesAsOf: PRICES_AS_OF,
    measuredAsOf: MEASURED.asOf,
    assumed: ASSUMED,
    left: LEFT,
  };
}

function notesOf({ rowSources, costExplorerSources, looksAtAws, bills }: Deployment): string[] {
  const { all, inAthena, elsewhere } = bills;
  return [
    ...(inAthena + elsewhere === 0
      ? []
      : [
          `Of ${all} bills, over which the rows are spread evenly here, ${inAthena} are asked in Athena and ${elsewhere} by another engine (lake), whose price is not in it.`,
        ]),
    ...(rowSources > 0
      ? []
      : [
          costExplorerSources > 0
            ? 'The config names no bill with rows, only sums of Cost Explorer: the rows that were asked for count for nothing.'
            : 'The config names no bill under sources: none is read, and the rows that were asked for count for nothing.',
        ]),
    ...(looksAtAws
      ? []
      : [
          'The config names no accounts of AWS under estate.aws: none is looked at, and what looking at them costs is not in it.',
        ]),
  ];
}

/** The free GB-seconds of Lambda are one allowance for both processors. */
const FREE_WITH: ReadonlyMap<PriceName, PriceName> = new Map([['lambdaX86', 'lambdaArm']]);

const LEFT = [
  'transfer out of AWS (Slack, Google Cloud, vendors): a few megabytes a month',
  'requests about buckets of the accounts that are looked at, $0.005 a thousand',
  'queries of BigQuery and reads of Cloud Monitoring, which Google charges',
  'bills in another region than Bursar, whose reading AWS charges as transfer',
  'NAT gateways or endpoints of a VPC that a store is reached from',
] as const;

const scopesOf = ({ looksAtAws, regions }: Deployment, { accounts }: Size) =>
  looksAtAws ? accounts * regions : 0;
const tasksOf = (deployment: Deployment, size: Size) =>
  scopesOf(deployment, size) + deployment.rowSources + deployment.costExplorerSources;
const runsOf = (deployment: Deployment, name: string) =>
  deployment.functions
    .filter((each) => each.name === name)
    .reduce((sum, { starts }) => sum + (starts ?? 0), 0);
/** Rows a month of so many of the bills. */
const rowsOf = (bills: number, { bills: { all } }: Deployment, { rows }: Size) =>
  bills === 0 ? new Decimal(0) : new Decimal(rows).times(bills).div(all);
/** Of bills that are collected; where there are none of clouds, all. */
const rowsHere = (deployment: Deployment, size: Size) => {
  const { inAthena, elsewhere } = deployment.bills;
  return new Decimal(size.rows).minus(rowsOf(inAthena + elsewhere, deployment, size));
};
const millions = (rows: number) => new Decimal(rows).div(1_000_000);

/** Seconds that the function runs in a month, as Lambda charges them: cold starts with their loading. */
function secondsOf(deployment: Deployment, size: Size, { name, starts }: DeployedFunction): Decimal {
  const scopes = scopesOf(deployment, size);
  const cold = new Decimal(ASSUMED.coldSeconds);
  const each = (seconds: Decimal) => seconds.plus(cold).times(starts ?? 0);
  const waiting = new Decimal(MEASURED.callsPerScope).times(ASSUMED.callSeconds).div(ASSUMED.callsAtOnce);
  switch (name) {
    case 'plan':
      // One call of STS and one of EC2 an account, 32 accounts at once.
      return each(new Decimal(size.accounts).times(2).times(ASSUMED.callSeconds).div(32).plus(1));
    case 'collect': {
      const bills = rowsHere(deployment, size).div(1_000_000).times(MEASURED.ingestSecondsPerMillionRows);
      const looks = waiting.plus(MEASURED.scopeSeconds).times(scopes);
      return bills.plus(looks).plus(cold.times(5)).times(deployment.collections);
    }
    case 'audit':
      return each(
        millions(size.rows)
          .times(MEASURED.auditSecondsPerMillionRows)
          .plus(MEASURED.auditSeconds)
          .plus(new Decimal(ASSUMED.callSeconds).times(2).times(scopes).div(16)),
      );
    case 'digest':
      return each(
        millions(size.rows).times(MEASURED.digestSecondsPerMillionRows).plus(MEASURED.digestSeconds),
      );
    case 'ai-usage':
      return each(new Decimal(ASSUMED.usageSecondsPerScope).times(scopes));
    case 'sweep':
      return each(new Decimal(ASSUMED.sweepSeconds));
    case 'slack':
      return cold.plus('0.2').times(ASSUMED.clicks);
    default:
      return new Decimal(0);
  }
}

function startsOf(deployment: Deployment, size: Size, { name, starts }: DeployedFunction): Decimal {
  if (name === 'collect') return new Decimal(tasksOf(deployment, size)).times(deployment.collections);
  return new Decimal(starts ?? (name === 'slack' ? ASSUMED.clicks : 0));
}

function lambdaLines(deployment: Deployment, size: Size): Line[] {
  const duration = deployment.architecture === 'arm64' ? 'lambdaArm' : 'lambdaX86';
  return deployment.functions.flatMap((one): Line[] => {
    const seconds = secondsOf(deployment, size, one);
    return [
      ['Lambda', `${one.name}: requests`, 'lambdaRequest', startsOf(deployment, size, one)],
      ['Lambda', `${one.name}: duration`, duration, seconds.times(one.memoryMiB).div(1024)],
      ['Lambda', `${one.name}: disk`, 'lambdaDisk', seconds.times(one.moreDiskMiB).div(1024)],
    ];
  });
}

/**
 * Lambda looks into a queue with five pollers that wait up to 20 seconds each, whether something is in it or not (AWS
 * Lambda Developer Guide, "Using Lambda with Amazon SQS"; Amazon SQS Developer Guide, "Long polling").
 */
function queueLines(deployment: Deployment, size: Size): Line[] {
  const messages = new Decimal(tasksOf(deployment, size)).times(deployment.collections);
  const polls = new Decimal(MONTH_DAYS).times(86_400).div(20).times(5).times(deployment.queues);
  const scheduled = deployment.functions.reduce((sum, { starts }) => sum + (starts ?? 0), 0);
  return [
    // Sent by tens, received and deleted one by one.
    ['SQS', 'tasks sent, received, deleted', 'sqs', messages.times('2.1')],
    ['SQS', 'looking for tasks', 'sqs', polls],
    ['EventBridge Scheduler', 'starts', 'scheduler', new Decimal(scheduled)],
  ];
}

function tableLines(deployment: Deployment, size: Size): Line[] {
  const tasks = new Decimal(tasksOf(deployment, size)).times(deployment.collections);
  const findings = new Decimal(size.resources).times(ASSUMED.findingShare);
  const audits = runsOf(deployment, 'audit');
  const stored = findings.times(ASSUMED.kilobytesPerFinding).div(KIB_PER_GIB);
  return [
    [
      'DynamoDB',
      'findings seen again',
      'dynamoWrite',
      findings.times(ASSUMED.writesPerFinding).times(audits),
    ],
    ['DynamoDB', 'reports of tasks', 'dynamoWrite', tasks.times(MEASURED.tableWritesPerTask)],
    // A finding is read by an audit and a digest; a sweep reads what is due, and a few documents.
    [
      'DynamoDB',
      'reads',
      'dynamoRead',
      findings
        .times(audits + runsOf(deployment, 'digest'))
        .plus(tasks.times(MEASURED.tableReadsPerTask))
        .plus(new Decimal(50).times(runsOf(deployment, 'sweep'))),
    ],
    ['DynamoDB', 'stored', 'dynamoStored', stored],
    ['DynamoDB', 'point-in-time recovery', 'dynamoRestore', stored],
  ];
}

function bucketLines(deployment: Deployment, size: Size): Line[] {
  const scopes = new Decimal(scopesOf(deployment, size));
  const looks = scopes.times(deployment.collections);
  const audits = runsOf(deployment, 'audit');
  const month = rowsHere(deployment, size).times(MEASURED.bytesPerRow).div(GIB);
  const snapshots = new Decimal(size.resources)
    .times(ASSUMED.kilobytesPerResource)
    .times(ASSUMED.snapshotsKept)
    .div(KIB_PER_GIB);
  return [
    [
      'S3',
      'requests: snapshots and lists',
      's3Write',
      looks
        .times(MEASURED.s3WritesPerScope)
        .plus(scopes.times(MEASURED.s3ListsPerScopeOfAudit).times(audits)),
    ],
    ['S3', 'requests: reads', 's3Read', scopes.times(MEASURED.s3ReadsPerScopeOfAudit).times(audits)],
    ['S3', 'bills of 13 months', 's3Stored', month.times(ASSUMED.months)],
    // The running month is replaced by each delivery, on the average by half of it, and stays for 30 days.
    ['S3', 'replaced bills, kept 30 days', 's3Stored', month.times(deployment.collections).div(2)],
    ['S3', 'snapshots of the estate', 's3Stored', snapshots],
  ];
}

/** A metric is charged by the hour in which it is sent (Amazon CloudWatch pricing, "Metrics": prorated by the hour). */
function watchLines(deployment: Deployment, size: Size): Line[] {
  const hours = MONTH_DAYS * 24;
  const tasks = new Decimal(tasksOf(deployment, size)).times(deployment.collections);
  const scheduled = deployment.functions.reduce((sum, { starts }) => sum + (starts ?? 0), 0);
  const logged = tasks.times(MEASURED.logBytesPerTask).plus(new Decimal(scheduled).times(1500)).div(GIB);
  const metrics = deployment.functions.reduce((sum, { name, starts, metrics: own, happenings }) => {
    // What comes from the queue comes within an hour of its plan.
    const runs = name === 'collect' ? deployment.collections : (starts ?? 0);
    const counted = new Decimal(ASSUMED.happeningShare).times(happenings).plus(own);
    return sum.plus(new Decimal(Math.min(runs, hours)).div(hours).times(counted));
  }, new Decimal(0));
  // X-Ray takes the first run of each second and 5 of 100 others (AWS X-Ray Developer Guide, "Configuring sampling
  // rules"): of what seldom runs twice a second that is all.
  const traces = deployment.functions.reduce(
    (sum, one) => sum.plus(startsOf(deployment, size, one)),
    new Decimal(0),
  );
  return [
    ['CloudWatch', 'logs written', 'logsIngested', logged],
    [
      'CloudWatch',
      `logs kept ${deployment.logDays} days`,
      'logsStored',
      logged.times(deployment.logDays).div(MONTH_DAYS),
    ],
    ['CloudWatch', 'metrics of its own', 'metric', metrics],
    ['CloudWatch', 'alarms', 'alarm', new Decimal(deployment.alarms)],
    ['CloudWatch', 'dashboard', 'dashboard', new Decimal(deployment.dashboard ? 1 : 0)],
    ['X-Ray', 'traces of runs', 'trace', deployment.tracing ? traces : new Decimal(0)],
  ];
}

function askedLines(deployment: Deployment, size: Size): Line[] {
  const metered = deployment.looksAtAws
    ? new Decimal(size.resources).times(ASSUMED.meteredShare).times(ASSUMED.metricsPerMetered)
    : new Decimal(0);
  const scanned = rowsOf(deployment.bills.inAthena, deployment, size)
    .times(MEASURED.bytesPerRow)
    .div(new Decimal(2).pow(40))
    .times(3)
    .times(runsOf(deployment, 'audit') + runsOf(deployment, 'digest'));
  return [
    ['CloudWatch', 'metrics of what is looked at', 'metricData', metered.times(deployment.collections)],
    [
      'Cost Explorer',
      'requests',
      'costExplorer',
      new Decimal(ASSUMED.costExplorerRequests)
        .times(deployment.costExplorerSources)
        .times(deployment.collections),
    ],
    ['Athena', 'bills, where they lie', 'athena', scanned],
  ];
}

function keptLines(deployment: Deployment, size: Size): Line[] {
  const starts = deployment.functions.reduce((sum, { starts: each }) => sum + (each ?? 0), 0);
  const encrypted = deployment.ownKey
    ? new Decimal(tasksOf(deployment, size))
        .times(deployment.collections)
        .times(2)
        .plus(starts * 4)
    : new Decimal(0);
  return [
    ['Secrets Manager', 'secrets', 'secret', new Decimal(deployment.secrets)],
    ['Secrets Manager', 'calls', 'secretCall', new Decimal(deployment.secrets).times(starts)],
    ['KMS', 'your key', 'kmsKey', new Decimal(deployment.ownKey ? 1 : 0)],
    ['KMS', 'requests', 'kmsCall', encrypted],
    ['API Gateway', 'clicks', 'httpApi', new Decimal(deployment.httpApi ? ASSUMED.clicks : 0)],
  ];
}
