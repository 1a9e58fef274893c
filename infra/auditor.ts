import { readFileSync } from 'node:fs';
import { Stack, Token } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { parseConfig } from '../lib/config/load.ts';
import { type Config, defaultDeployedConfig } from '../lib/config/schema.ts';
import { BursarError } from '../lib/platform/errors.ts';
import { withRates } from '../lib/run/assemble/conversion.ts';
import { Deployment } from './deployment.ts';

export interface BursarAuditorProps {
  /**
   * Path of a config file, from the current folder, or what such a file says as an object (docs/config.md). Without
   * it the stack's own account is looked at, with its bill from Cost Explorer, and the digest is kept in the bucket.
   */
  readonly config?: string | Readonly<Record<string, unknown>>;
}

/**
 * Bursar in a stack of yours: one a stack, since alarms and dashboard have the stack's name. Where it is deployed,
 * your stack says; what `deploy` says of account and region must not contradict it.
 *
 * @throws an error named BursarError that lists everything that is wrong with the config
 */
export class BursarAuditor extends Construct {
  /** Lake and reports. */
  readonly bucket: Bucket;
  /** Findings and their trail. */
  readonly table: TableV2;
  /** Tasks and scheduled starts that failed for good. */
  readonly deadLetters: IQueue;
  /** Where alarms of Bursar itself go. */
  readonly alarmTopic: ITopic;
  /** By what they do: `plan`, `collect`, `audit`, `sweep`, `digest`, and what the config makes besides. */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** Where Slack sends clicks; null where the config does not say how they are verified. */
  readonly slackUrl: string | null;

  constructor(scope: Construct, id: string, props: BursarAuditorProps = {}) {
    super(scope, id);
    const config = read(props.config);
    refuseAnotherPlace(this, config);
    const made = new Deployment(this, 'Default', config);
    this.bucket = made.storage.bucket;
    this.table = made.storage.table;
    this.deadLetters = made.tasks.deadLetters;
    this.alarmTopic = made.alarms.topic;
    this.functions = made.functions;
    this.slackUrl = made.slackUrl;
  }
}

function read(given: BursarAuditorProps['config']): Config {
  if (given === undefined) return defaultDeployedConfig();
  refuseTokens(given, 'config');
  if (typeof given !== 'string')
    return withRates(parseConfig(JSON.stringify(given), 'config'), process.cwd());
  let text: string;
  try {
    text = readFileSync(given, 'utf8');
  } catch (cause) {
    throw new BursarError('config', cause instanceof Error ? cause.message : String(cause), {
      where: given,
      hint: 'Give BursarAuditor the path of a config file, from the folder in which the CDK runs.',
      cause,
    });
  }
  return withRates(parseConfig(text, given), process.cwd());
}

/** The functions carry the config as it stands at synthesis: of a reference of the CDK they would read its placeholder. */
function refuseTokens(value: unknown, where: string): void {
  if (Token.isUnresolved(value))
    throw new BursarError(
      'config',
      'the value is known only once it is deployed, and the config is read before',
      {
        where,
        hint: 'Write the name or the ARN itself, not a reference of the CDK.',
      },
    );
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) refuseTokens(each, `${where}.${key}`);
}

/** Where the stack does not say where it goes, nothing is known to contradict. */
function refuseAnotherPlace(scope: Construct, { deploy }: Config): void {
  const { account, region } = Stack.of(scope);
  for (const [key, here, said] of [
    ['account', account, deploy.account],
    ['region', region, deploy.region],
  ] as const)
    if (said !== undefined && !Token.isUnresolved(here) && said !== here)
      throw new BursarError('config', `the config says ${said}, and the stack goes to ${here}`, {
        where: `deploy.${key}`,
        hint: `Leave deploy.${key} out: your stack says where it goes.`,
      });
}
