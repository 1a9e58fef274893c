import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretRef } from '../../config/schema.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { BursarError } from '../../platform/errors.ts';
import { awsBase } from './aws.ts';

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
