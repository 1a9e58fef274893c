import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';

type Federation = NonNullable<Config['deploy']['google']>;

/** Google's own addresses; others only before a stand-in. */
export interface GoogleAddresses {
  readonly sts: string;
  readonly iam: string;
}
const GOOGLE: GoogleAddresses = {
  sts: 'https://sts.googleapis.com',
  iam: 'https://iamcredentials.googleapis.com',
};

/** Whom a token is asked of: the provider's full resource name (Security Token Service API v1, token, `audience`). */
export function audienceOf({ provider }: Pick<Federation, 'provider'>): string {
  return `//iam.googleapis.com/${provider}`;
}

/**
 * The credential configuration of a function: no key and no secret. It signs a call of AWS with the function's own
 * credentials, which Google takes for a token, and becomes the service account that reads. As `gcloud iam
 * workload-identity-pools create-cred-config --aws` writes it, but without the addresses of a machine's metadata,
 * which a function has not.
 */
export function credentialConfiguration(
  { provider, serviceAccount }: Federation,
  { sts, iam }: GoogleAddresses = GOOGLE,
) {
  return {
    universe_domain: 'googleapis.com',
    type: 'external_account',
    audience: audienceOf({ provider }),
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: `${sts}/v1/token`,
    service_account_impersonation_url: `${iam}/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
    credential_source: {
      environment_id: 'aws1',
      regional_cred_verification_url:
        'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    },
  } as const;
}

/** The folder of a function that it alone writes (Lambda Developer Guide, "Execution environment": `/tmp`). */
export const federationFile = (): string => join(tmpdir(), 'bursar-google.json');

/**
 * Makes it what every client of Google finds by itself (application default credentials: the file that
 * GOOGLE_APPLICATION_CREDENTIALS names). A file that is named already is left alone.
 */
export async function federate({ google }: Config['deploy'], addresses?: GoogleAddresses): Promise<void> {
  if (google === undefined || process.env['GOOGLE_APPLICATION_CREDENTIALS'] !== undefined) return;
  await writeFile(federationFile(), JSON.stringify(credentialConfiguration(google, addresses)), {
    mode: 0o600,
  });
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = federationFile();
  // Else google-auth-library asks Resource Manager for the project of the pool, and fails without a right to it.
  const [, project] = /@(.+)\.iam\.gserviceaccount\.com$/.exec(google.serviceAccount) ?? [];
  if (project !== undefined) process.env['GOOGLE_CLOUD_PROJECT'] ??= project;
}
