import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretRef } from '../../config/schema.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { awsBase } from './aws-base.ts';

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

/** Reads what a reference points at: an environment variable, or a secret of AWS Secrets Manager. */
export async function readSecret(reference: SecretRef, what: string): Promise<string> {
  if ('env' in reference) {
    const value = process.env[reference.env];
    if (value === undefined || value === '')
      throw new BursarError('config', `the environment variable ${reference.env} is not set`, {
        where: what,
        hint: `Set it before you start Bursar.`,
      });
    return value;
  }
  const region = reference.secret.split(':')[3] ?? 'us-east-1';
  const client = new SecretsManagerClient({ ...awsBase(), region });
  try {
    const { SecretString: value } = await client.send(
      new GetSecretValueCommand({ SecretId: reference.secret }),
    );
    if (value === undefined || value === '')
      throw new BursarError('config', 'the secret holds no text', { where: what });
    return value;
  } catch (error) {
    throw awsError(error, { action: 'secretsmanager:GetSecretValue', where: what }) ?? error;
  } finally {
    client.destroy();
  }
}
