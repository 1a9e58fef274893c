import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { SecretRef } from '../../config/schema.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { AWS_RETRY } from '../../platform/aws-sessions.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';

/**
 * What reading these references needs. The ARN of a secret ends in six characters that Secrets Manager adds, and
 * a config may leave them out (AWS Secrets Manager User Guide, "Determine who has permissions").
 */
export function secretPermissions(references: readonly SecretRef[], why: string): Permission[] {
  return references.flatMap((reference) =>
    'secret' in reference
      ? [
          {
            cloud: 'aws',
            action: 'secretsmanager:GetSecretValue',
            resources: [reference.secret, `${reference.secret}-??????`],
            why,
          },
        ]
      : [],
  );
}

/** A secret that was replaced holds after so long at the latest; one that several parts read is asked for once. */
const FRESH_MS = 300_000;
const asked = new Map<string, { readonly at: number; readonly text: Promise<string> }>();

const read = new Set<string>();

/** Every secret that this process has read, also as parts of it may be told: for logs to hide. */
export function secretsRead(): ReadonlySet<string> {
  return read;
}

/** An address tells its password alone, encoded or not; of several secrets in one, each may be told. */
function remember(text: string): void {
  read.add(text).add(encodeURIComponent(text));
  const { password = '' } = URL.parse(text) ?? {};
  if (password !== '') read.add(password).add(decoded(password));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no encoding: it is the password as it stands.
    return text;
  }
}

/** Reads what a reference points at: an environment variable, or a secret of AWS Secrets Manager, whole or by its key. */
export async function readSecret(reference: SecretRef, what: string): Promise<string> {
  const text = await textOf(reference, what);
  remember(text);
  return text;
}

async function textOf(reference: SecretRef, what: string): Promise<string> {
  if ('env' in reference) {
    const value = process.env[reference.env];
    if (value === undefined || value === '')
      throw new BursarError('config', `the environment variable ${reference.env} is not set`, {
        where: what,
        hint: `Set it before you start Bursar.`,
      });
    return value;
  }
  const text = await cached(reference.secret, what);
  return reference.key === undefined ? text : keyed(text, reference.key, what);
}

async function cached(arn: string, what: string): Promise<string> {
  const at = performance.now();
  const held = asked.get(arn);
  if (held !== undefined && at - held.at < FRESH_MS) return await held.text;
  const text = ask(arn, what);
  asked.set(arn, { at, text });
  try {
    return await text;
  } catch (error) {
    // What failed is asked again by the next.
    if (asked.get(arn)?.text === text) asked.delete(arn);
    throw error;
  }
}

async function ask(arn: string, what: string): Promise<string> {
  const region = arn.split(':')[3] ?? 'us-east-1';
  const client = new SecretsManagerClient({ ...AWS_RETRY, region });
  try {
    const { SecretString: value } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (value === undefined || value === '')
      throw new BursarError('config', `the secret ${arn} holds no text`, { where: what });
    return value;
  } catch (error) {
    // AWS does not say which one.
    if (error instanceof ResourceNotFoundException)
      throw new BursarError('config', `there is no secret ${arn}`, {
        where: what,
        hint: 'Store it in AWS Secrets Manager under that name, or correct its ARN in the config.',
        cause: error,
      });
    throw awsError(error, { action: 'secretsmanager:GetSecretValue', where: `${what}: ${arn}` }) ?? error;
  } finally {
    client.destroy();
  }
}

/** One of several secrets that a JSON object holds. Nothing of it is told. */
function keyed(text: string, key: string, where: string): string {
  const hint = 'Store it as a JSON object of texts, or leave `key` out.';
  let held: unknown;
  try {
    held = JSON.parse(text);
  } catch {
    // The parser's own error would quote the secret.
    throw new BursarError('config', `the secret is no JSON object, and has no key ${key}`, { where, hint });
  }
  const value: unknown =
    typeof held === 'object' && held !== null && Object.hasOwn(held, key)
      ? Reflect.get(held, key)
      : undefined;
  if (typeof value !== 'string' || value === '')
    throw new BursarError('config', `the secret has no text under ${key}`, { where, hint });
  return value;
}
