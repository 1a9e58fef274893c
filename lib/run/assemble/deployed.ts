import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Config, configSchema } from '../../config/schema.ts';
import { dynamoLedger } from '../../ledger/dynamodb.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { jsonLog, type Log } from '../../platform/log.ts';
import { type Count, type Counts, embeddedMetrics } from '../../platform/metrics.ts';
import { awsBase } from './aws-base.ts';
import { federate } from './google-identity.ts';
import { secretsRead } from './secrets.ts';
import { ofInvocation } from './trace.ts';

/** What every deployed function works with. */
export interface Deployed {
  readonly config: Config;
  readonly ledger: LedgerStore;
  readonly log: Log;
  readonly count: Count;
}

/** Config and ledger of a deployed function, as infra/ sets its environment. */
export async function openDeployed(entry: string): Promise<Deployed> {
  const config = configSchema.parse(JSON.parse(await readFile(configFile(), 'utf8')));
  await federate(config.deploy);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(awsBase()));
  const log = jsonLog(
    (line) => process.stdout.write(`${line}\n`),
    () => new Date(),
    { base: { entry }, each: ofInvocation, secrets: secretsRead },
  );
  return {
    config,
    ledger: dynamoLedger({ client, table: setting('BURSAR_TABLE') }),
    log,
    count: embeddedMetrics(setting('BURSAR_STACK'), entry),
  };
}

/** Relative to the bundle, wherever the platform unpacks it. */
function configFile(): string {
  return resolve(import.meta.dirname, setting('BURSAR_CONFIG'));
}

/** A setting that infra/ gives to the function. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new BursarError('config', `the environment variable ${name} is not set`, {
      where: 'the function',
      hint: 'Deploy it with `cdk deploy`, which sets it.',
    });
  return value;
}

/** Opens once, for as long as the function stays warm; what failed is opened anew by the next call. */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () =>
    (opened ??= open().catch((error: unknown) => {
      opened = null;
      throw error;
    }));
}

/**
 * Runs one invocation with the time of its own, logs how it ended and counts it.
 * @param counts what else is counted of its result.
 */
export async function invocation<T extends object>(
  { log, count }: Pick<Deployed, 'log' | 'count'>,
  what: string,
  work: (now: Date) => Promise<T>,
  counts: (result: T) => Counts = () => ({}),
): Promise<T> {
  try {
    const result = await work(new Date());
    log.info(what, { ...runOf(result), result });
    count(counts(result));
    return result;
  } catch (error) {
    log.error(`${what} failed`, error);
    throw error;
  }
}

/** A line is found by its run, however deep the result holds it. */
function runOf(result: object): { runId?: string } {
  return 'runId' in result && typeof result.runId === 'string' ? { runId: result.runId } : {};
}
