import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoLedger } from '../../ledger/dynamodb.ts';
import { BursarError } from '../../platform/errors.ts';
import { jsonLog } from '../../platform/log.ts';
import { reportLinks } from '../../platform/report-links.ts';
import type { RespondParts } from '../respond/model.ts';
import { secretsRead } from './secrets.ts';
import { assembleRespond, type ClickConfig } from './slack-function.ts';
import { ofInvocation } from './trace.ts';

/**
 * The deployed click handler. It reads the config as the deployment has validated it and imports no schema: a cold
 * start has to fit into the three seconds of a click.
 */
export async function assembleSlack(): Promise<RespondParts> {
  const config: unknown = JSON.parse(await readFile(configFile(), 'utf8'));
  if (!isConfig(config))
    throw new BursarError('config', 'the config that the function carries has another form', {
      where: 'BURSAR_CONFIG',
      hint: 'Deploy it with `cdk deploy`, which writes it.',
    });
  const dynamo = new DynamoDBClient({ maxAttempts: 3 });
  const client = DynamoDBDocumentClient.from(dynamo);
  const log = jsonLog(
    (line) => process.stdout.write(`${line}\n`),
    () => new Date(),
    { base: { entry: 'slack' }, each: ofInvocation, secrets: secretsRead },
  );
  const link = reportLinks({
    domain: setting('BURSAR_BUCKET_DOMAIN'),
    region: await dynamo.config.region(),
    prefix: setting('BURSAR_REPORTS'),
    credentials: dynamo.config.credentials,
    clock: () => new Date(),
  });
  const ledger = dynamoLedger({ client, table: setting('BURSAR_TABLE') });
  return await assembleRespond(config, ledger, log, link);
}

/** Relative to the bundle, wherever the platform unpacks it. */
function configFile(): string {
  return resolve(import.meta.dirname, setting('BURSAR_CONFIG'));
}

/** Written by the deployment from the validated config: its shape is known from schemaVersion. */
function isConfig(value: unknown): value is ClickConfig {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new BursarError('config', `the environment variable ${name} is not set`, {
      where: 'the function',
      hint: 'Deploy it with `cdk deploy`, which sets it.',
    });
  return value;
}
