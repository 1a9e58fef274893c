import type { Dialect } from '../dialect/model.ts';

/** Usage that the same commitments could cover, from what its row says. */
export type UsageKind = 'aws-compute' | 'aws-sagemaker' | 'aws-database' | 'gcp-compute';

const TOLD = {
  provider_name: 'ProviderName',
  service_name: 'ServiceName',
  pricing_unit: 'PricingUnit',
  region_id: 'RegionId',
  resource_type: 'ResourceType',
  meter: 'SkuMeter',
  description: 'ChargeDescription',
  price_details: 'SkuPriceDetails',
};
/** How many columns `toldColumns` gives, to group by. */
export const TOLD_COLUMNS = Object.keys(TOLD).length;

/** What tells usage apart, as the first columns of the innermost SELECT: it adds up equal rows before text is read. */
export function toldColumns(d: Dialect): string {
  return Object.entries(TOLD)
    .map(([as, name]) => `${d.name(name)} AS ${as}`)
    .join(', ');
}

/** The same, one case and no NULL, for `kindSql` and `sliceSql`. */
function wordedColumns(d: Dialect): string {
  return [
    `LOWER(${d.trim('provider_name')}) AS provider`,
    `LOWER(COALESCE(service_name, '')) AS service`,
    `LOWER(COALESCE(pricing_unit, '')) AS unit`,
    `COALESCE(region_id, '') AS region`,
    `LOWER(${d.words('resource_type', 'meter', 'description')}) AS what`,
    `LOWER(COALESCE(price_details, '')) AS details`,
  ].join(', ');
}

const none = (column: string, ...words: string[]) =>
  words.map((word) => `${column} NOT LIKE '%${word}%'`).join(' AND ');
const any = (column: string, ...words: string[]) =>
  `(${words.map((word) => `${column} LIKE '%${word}%'`).join(' OR ')})`;

/** `BoxUsage:m5.large`, `Linux m5.large Instance Hour`, `"instancetype":"db.r6g.large"`, `u-6tb1.56xlarge`. */
function awsFamily(d: Dialect): string {
  const family = (text: string) =>
    d.capture(text, '([a-z][a-z0-9-]*)[.](?:nano|micro|small|medium|large|[0-9]*xlarge|metal)');
  return `COALESCE(${family('details')}, ${family('what')})`;
}

/** What AWS bills beside machines, databases and functions, under the same names, and sells no commitment for. */
const NEVER_AWS = [
  'nat gateway',
  'natgateway',
  'data transfer',
  'datatransfer',
  'volume',
  'snapshot',
  'spot',
  'elastic ip',
  'elasticip',
  'idleaddress',
  'ip address',
  'ipv4',
  'ebs optimized',
  'ebsoptimized',
  'cpu credit',
  'cpucredit',
  'load balancer',
  'loadbalancer',
  'vpn',
  'capacity block',
  'capacityblock',
  'outpost',
];

/**
 * The kind of a worded row, NULL where no programme covers it.
 *
 * - `aws-compute`: EC2 instances, Lambda and Fargate (AWS Savings Plans User Guide, "Types of Savings Plans": Compute
 *   Savings Plans; EC2 Instance Savings Plans and reservations cover the instances of one region and family). Of Lambda
 *   duration and provisioned concurrency, at the edge neither; of Fargate vCPU and memory, no storage ("Compute Savings
 *   Plans pricing"). Other services of the category Compute are covered by none: fees of clusters of EKS, Lightsail,
 *   WorkSpaces, App Runner.
 * - `aws-sagemaker`: SageMaker AI instance use (the same page): notebooks, processing, training, inference. Canvas,
 *   MLflow and RStudio are none of them.
 * - `aws-database`: hours of RDS, Aurora, ElastiCache, OpenSearch, DocumentDB, Neptune, and throughput of DynamoDB,
 *   Keyspaces and Timestream: what Database Savings Plans and the services' own reservations cover (the same page, and
 *   "Database Savings Plans pricing", December 2025). Of the first six only what names its instance, or, of RDS, Aurora,
 *   DocumentDB and Neptune, is serverless: proxies, Extended Support and insights are billed by the hour, too.
 * - `gcp-compute`: Compute Engine, Kubernetes Engine and Cloud Run (Google Cloud documentation, "Compute flexible
 *   CUDs"), and the GPUs of the machine series G2 and G4 (L4, RTX PRO 6000; Compute Engine release notes, 11 August
 *   2026); other GPUs are covered by resource-based commitments alone. Of Kubernetes Engine neither fees of clusters
 *   nor Scale-Out Pods ("Committed use discounts", Kubernetes Engine).
 *
 * What shares a service's name and is never covered (data transfer, disks, addresses, licences, NAT, requests, spot) is
 * told by its unit, type or description and left out; a bill that names none of these is taken as eligible,
 * which may overstate.
 */
function kindSql(d: Dialect): string {
  const aws = `provider IN ('aws', 'amazon web services')`;
  const gcp = `provider IN ('google cloud', 'google cloud platform', 'google', 'gcp')`;
  const neverAws = none('what', ...NEVER_AWS);
  const serverless = `(${any('service', 'relational database', 'rds', 'aurora', 'documentdb', 'neptune')}
      AND (${any('what', 'serverless')} OR ${any('unit', 'acu', 'ncu', 'dcu')}) AND ${none('what', 'analytics')})`;
  return `CASE
    WHEN ${aws} AND ${any('service', 'sagemaker', 'machine learning savings')}
      AND unit LIKE '%h%r%' AND ${none('unit', 'gb', 'request')}
      AND ${none('what', 'canvas', 'mlflow', 'rstudio', 'ground truth')} AND ${neverAws} THEN 'aws-sagemaker'
    WHEN ${aws} AND ${any('service', 'relational database', 'rds', 'aurora', 'elasticache', 'opensearch', 'elasticsearch', 'documentdb', 'neptune')}
      AND ${none('unit', 'gb', 'request', 'iops')} AND unit <> 'ios'
      AND ${none('what', 'storage', 'backup', 'iops', 'backtrack', 'extended support', 'extendedsupport', 'proxy', 'insights')}
      AND ${neverAws} AND (${awsFamily(d)} IS NOT NULL OR ${serverless}) THEN 'aws-database'
    WHEN ${aws} AND ${any('service', 'dynamodb', 'keyspaces', 'timestream')}
      AND ${none('unit', 'gb')} AND ${none('what', 'storage', 'backup', 'stream', 'dax', 'influx')}
      AND ${neverAws} AND ${awsFamily(d)} IS NULL THEN 'aws-database'
    WHEN ${aws} AND (${any('service', 'elastic compute cloud', 'ec2', 'lambda')} OR what LIKE '%fargate%')
      AND ${none('service', 'sagemaker', 'savings plan')} AND ${none('what', 'request')} AND unit NOT LIKE '%request%'
      AND (${any('service', 'elastic compute cloud', 'ec2')} AND unit NOT LIKE '%gb%'
        OR (service LIKE '%lambda%' OR what LIKE '%fargate%') AND ${none('what', 'storage', 'edge', 'snapstart')})
      AND ${neverAws} THEN 'aws-compute'
    WHEN ${gcp} AND ${any('service', 'compute engine', 'kubernetes engine', 'cloud run')}
      AND ${none('what', 'tpu', 'pd capacity', 'hyperdisk', 'storage image', 'snapshot', 'egress', 'data transfer', 'external ip', 'static ip', 'load balanc', 'forwarding rule', 'nat gateway', 'licensing fee', 'commitment', 'committed use', 'spot', 'preemptible', 'kubernetes cluster', 'cluster management', 'scale-out pod', 'scaleout pod')}
      AND (${none('what', 'gpu')} OR service LIKE '%compute engine%' AND ${any('what', 'nvidia l4', 'rtx pro 6000')})
      THEN 'gcp-compute' END`;
}

/** Parts of names of services that some programme covers something of: those of `kindSql`. */
const COVERED = [
  'sagemaker',
  'machine learning savings',
  'relational database',
  'rds',
  'aurora',
  'elasticache',
  'opensearch',
  'elasticsearch',
  'documentdb',
  'neptune',
  'dynamodb',
  'keyspaces',
  'timestream',
  'elastic compute cloud',
  'ec2',
  'lambda',
  'compute engine',
  'kubernetes engine',
  'cloud run',
];

/**
 * Could `kindSql` tell a kind of this charge? True of all of which it does, and of few others: most of a bill is so
 * left out before its long texts are compared. Each condition is a function of one column alone, which DuckDB works out
 * once for each different value of it; with a COALESCE it does so for each charge. NULL where all of them are.
 */
export function mayBeCovered(d: Dialect): string {
  const lower = (column: string) => `LOWER(${d.name(column)})`;
  const inAny = (column: string, words: readonly string[]) =>
    words.map((word) => `${lower(column)} LIKE '%${word}%'`);
  const tells = [
    ...inAny(TOLD.service_name, COVERED),
    ...[TOLD.resource_type, TOLD.meter, TOLD.description].flatMap((column) => inAny(column, ['fargate'])),
  ];
  return `(${tells.join(' OR ')})`;
}

/**
 * Where the programmes of one slice reach: `us-east-1 m5`, `rds us-east-1 r6g`, `us-central1 n2`; '' where no
 * programme of a part alone covers it (Lambda, Fargate, DynamoDB, an unknown machine).
 */
function sliceSql(d: Dialect): string {
  // `N2 Instance Core running in Americas`, `"instancetype":"e2-standard-4"`; `Memory-optimized Instance Core` is M1's.
  const machine = (text: string) =>
    d.capture(
      text,
      '(?:^|[^a-z0-9])([a-z][0-9][a-z]?)(?:-| (?:predefined |custom |amd |arm |memory-optimized )?instance )',
    );
  const service = `CASE WHEN service LIKE '%elasticache%' THEN 'elasticache '
      WHEN service LIKE '%opensearch%' OR service LIKE '%elasticsearch%' THEN 'opensearch '
      WHEN service LIKE '%documentdb%' THEN 'documentdb ' WHEN service LIKE '%neptune%' THEN 'neptune '
      WHEN service LIKE '%relational database%' OR service LIKE '%rds%' OR service LIKE '%aurora%' THEN 'rds ' END`;
  return `COALESCE(CASE kind
    WHEN 'aws-compute' THEN CASE WHEN service NOT LIKE '%lambda%' AND what NOT LIKE '%fargate%'
      THEN NULLIF(region, '') || ' ' || ${awsFamily(d)} END
    WHEN 'aws-database' THEN ${service} || NULLIF(region, '') || ' ' || ${awsFamily(d)}
    WHEN 'gcp-compute' THEN CASE WHEN service LIKE '%compute engine%'
      THEN NULLIF(region, '') || ' ' || COALESCE(${machine('details')}, ${machine('what')},
        CASE WHEN what LIKE '%memory-optimized%' THEN 'm1' END) END END, '')`;
}

/**
 * CTEs after `used` (the told columns and `kept` ones): the last of them, `slices`, has kind, slice and what is kept of
 * all that a programme covers. Bills have some hundred prices and a million hours: where a table may be read twice, the
 * forty patterns are tried once a price.
 */
export function slicesSql(d: Dialect, kept: readonly string[]): string {
  const told = Object.keys(TOLD);
  const kindsOf = (from: string, more: readonly string[]) => {
    const columns = more.map((column) => `, ${column}`).join('');
    return `worded AS ${d.once}(
      SELECT ${wordedColumns(d)}${columns} FROM ${from}
    ), kinds AS ${d.once}(
      SELECT ${kindSql(d)} AS kind, service, what, details, region${columns} FROM worded
    )`;
  };
  if (!d.readsTwice)
    return `${kindsOf('used', kept)}, slices AS (
      SELECT kind, ${sliceSql(d)} AS slice, ${kept.join(', ')} FROM kinds WHERE kind IS NOT NULL
    )`;
  const same = told.map((column) => `used.${column} IS NOT DISTINCT FROM prices.${column}`);
  return `distinct_prices AS (
      SELECT DISTINCT ${told.join(', ')} FROM used
    ), ${kindsOf('distinct_prices', told)}, prices AS (
      SELECT kind, ${sliceSql(d)} AS slice, ${told.join(', ')} FROM kinds WHERE kind IS NOT NULL
    ), slices AS (
      SELECT prices.kind, prices.slice, ${kept.map((column) => `used.${column}`).join(', ')}
      FROM used JOIN prices ON ${same.join(' AND ')}
    )`;
}

/** `1, 2, 3` up to a count, for GROUP BY. */
export function numbers(count: number): string {
  return Array.from({ length: count }, (_, at) => at + 1).join(', ');
}
