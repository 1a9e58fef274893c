import { RegionInfo } from 'aws-cdk-lib/region-info';
import { scheduleExpression } from '../lib/config/schedule.ts';
import { lastDue, rateOf } from '../lib/config/schedule-times.ts';
import type { Config } from '../lib/config/schema.ts';
import { tableName } from '../lib/platform/bigquery/name.ts';
import { BursarError } from '../lib/platform/errors.ts';
import { takesClicks } from '../lib/run/assemble/slack-scopes.ts';

/**
 * Regions whose functions have no URL (AWS Lambda Developer Guide, "Creating and managing Lambda function URLs"; of
 * China "AWS Lambda, Feature Availability and Implementation Differences"; AWS GovCloud (US) User Guide, "AWS Lambda":
 * "AWS Lambda Function URLs is not available"; read in November 2026).
 */
const WITHOUT_FUNCTION_URL =
  /^(ap-east-2|ap-south-2|ap-southeast-[4567]|ca-west-1|eu-central-2|eu-south-2|il-central-1|me-central-1|(cn|us-gov)-.*)$/;
/** A schedule that is not due within so many years is told to be none: as far back as `lastDue` looks. */
const NEXT_YEARS = 8;

/** Where a stack goes: by the config, the stack that holds it, or the credentials; null: only the deployment knows. */
export interface Place {
  readonly account: string | null;
  readonly region: string | null;
}

/** What cannot be deployed there is refused before anything is. */
export function refuseWhatCannotBe(config: Config, place: Place): void {
  refuseHalfASlack(config);
  refuseOtherPartition(config, place);
  refuseStrangeKey(config, place);
  refuseStrangeBoundary(config, place);
  refuseFunctionUrl(config, place);
  refuseStrangeTables(config);
  refuseNever(config, new Date());
}

/** Clicks are verified by secret, workspace and app; with the first alone the function would only fail. */
function refuseHalfASlack({ slack, policies }: Config): void {
  if (slack === undefined) return;
  const told = policies.some(({ mode }) => mode === 'warn' || mode === 'stop');
  const clicks = takesClicks({ slack });
  const missing = [
    ...((clicks || told) && slack.teamId === undefined ? ['slack.teamId'] : []),
    ...(clicks && slack.appId === undefined ? ['slack.appId'] : []),
  ];
  if (missing.length > 0)
    throw new BursarError('config', `${missing.join(' and ')} must be set to warn people and take clicks`, {
      where: 'slack',
      hint: 'The page "Basic Information" of the app names the App ID; the id of a workspace begins with T.',
    });
}

/**
 * "You cannot use IAM credentials from one partition to interact with resources in a different partition" (AWS Fault
 * Isolation Boundaries, "Partitions"): no function could use a secret, key, policy or domain that is named there.
 */
function refuseOtherPartition(config: Config, { region }: Place): void {
  const partition = region === null ? undefined : RegionInfo.get(region).partition;
  if (partition === undefined) return;
  for (const { where, partition: other } of arnsIn(config, ''))
    if (other !== partition)
      throw new BursarError(
        'config',
        `the ARN is of the partition ${other}, and the stack in ${region} of ${partition}`,
        { where, hint: `Name what lies in ${partition}: arn:${partition}:...` },
      );
  const { sources, estate, lake, units } = config;
  for (const { where, named } of regionsIn({ sources, estate, lake, units }, '')) {
    // A region that the CDK does not know, or one of another cloud, has none.
    const other = RegionInfo.get(named).partition;
    if (other !== undefined && other !== partition)
      throw new BursarError(
        'config',
        `${named} is a region of the partition ${other}, and the stack in ${region} of ${partition}`,
        { where, hint: `Leave it out: functions reach nothing outside of ${partition}.` },
      );
  }
}

function* regionsIn(value: unknown, where: string): Generator<{ where: string; named: string }> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    const place = where === '' ? key : `${where}.${key}`;
    if (key !== 'region' && key !== 'regions') yield* regionsIn(each, place);
    else for (const named of [each].flat()) if (typeof named === 'string') yield { where: place, named };
  }
}

function* arnsIn(value: unknown, where: string): Generator<{ where: string; partition: string }> {
  if (typeof value === 'string') {
    const [, partition] = /^arn:(aws[a-z-]*):[a-z0-9-]+:/.exec(value) ?? [];
    if (partition !== undefined) yield { where, partition };
  } else if (Array.isArray(value))
    for (const [at, each] of value.entries()) yield* arnsIn(each, `${where}[${at}]`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value))
      yield* arnsIn(each, where === '' ? key : `${where}.${key}`);
}

/** What is never due again, like February 31 or a year that is past, would be deployed and silent. */
function refuseNever({ deploy, digest, organisation }: Config, now: Date): void {
  const { schedules } = deploy;
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + NEXT_YEARS);
  for (const [where, text] of [
    ...Object.entries(schedules).map(([name, schedule]) => [`deploy.schedules.${name}`, schedule] as const),
    ['digest.schedule', digest.schedule] as const,
    ...Object.entries(digest.also).map(
      ([id, { schedule }]) => [`digest.also.${id}.schedule`, schedule] as const,
    ),
  ]) {
    const expression = scheduleExpression(text);
    if (rateOf(expression) !== null) continue;
    const last = lastDue(expression, organisation.timezone, end);
    if (last === null || last <= now)
      throw new BursarError('config', `${text} is not due within the next ${NEXT_YEARS} years`, {
        where,
        hint: 'Look at day, month and year: the fields are minutes, hours, day of month, month, day of week, year.',
      });
  }
}

/**
 * A key encrypts what lies in its own region alone, and the table's part of the template names the region (AWS
 * CloudFormation Template Reference, "AWS::DynamoDB::GlobalTable ReplicaSpecification").
 */
function refuseStrangeKey({ deploy: { kmsKeyArn } }: Config, { region }: Place): void {
  const keyRegion = kmsKeyArn?.split(':')[3];
  if (keyRegion === undefined || keyRegion === region) return;
  throw region === null
    ? new BursarError('config', 'the key has a region, and nothing says that the stack goes there', {
        where: 'deploy.kmsKeyArn',
        hint: `Write deploy: { region: ${keyRegion} }, or give your stack that region.`,
      })
    : new BursarError('config', `the key is in ${keyRegion}, and encrypts nothing of a stack in ${region}`, {
        where: 'deploy.kmsKeyArn',
        hint: `Name a key of ${region}, or set deploy.region to ${keyRegion}.`,
      });
}

/** IAM takes a boundary of AWS or of the role's own account (IAM User Guide, "Permissions boundaries for IAM entities"). */
function refuseStrangeBoundary({ deploy: { permissionsBoundary } }: Config, { account }: Place): void {
  const owner = permissionsBoundary?.split(':')[4];
  if (owner === undefined || owner === 'aws' || account === null || owner === account) return;
  throw new BursarError('config', `the policy is of account ${owner}, and the stack goes to ${account}`, {
    where: 'deploy.permissionsBoundary',
    hint: `Name a policy of account ${account}.`,
  });
}

function refuseFunctionUrl({ deploy, slack }: Config, { region }: Place): void {
  if (region === null || deploy.slackEndpoint !== 'function-url' || !takesClicks({ slack })) return;
  if (!WITHOUT_FUNCTION_URL.test(region)) return;
  throw new BursarError('config', `functions have no URL in ${region}`, {
    where: 'deploy.slackEndpoint',
    hint: 'Write deploy: { slackEndpoint: http-api }.',
  });
}

/** Of a table that has no name of BigQuery no function that collects would even start. */
function refuseStrangeTables({ sources }: Config): void {
  for (const [id, source] of Object.entries(sources)) {
    if (source.type !== 'gcp-bigquery') continue;
    try {
      tableName(source.table);
    } catch (cause) {
      if (!(cause instanceof BursarError)) throw cause;
      const { code, message, hint } = cause;
      const where = `sources.${id}.table`;
      throw new BursarError(code, message, { where, cause, ...(hint === null ? {} : { hint }) });
    }
  }
}
