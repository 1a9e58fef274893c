import { type AuthClient, ExternalAccountClient, GoogleAuth, OAuth2Client } from 'google-auth-library';
import { GCP_READ_SCOPES } from '../../estate/gcp/session.ts';
import { BursarError } from '../../platform/errors.ts';
import { federationFile } from './google-identity.ts';

/** Application default credentials; for a stand-in on this machine, which knows no Google account, a made-up token. */
export function googleAuth(endpoint: string | undefined): GoogleAuth | AuthClient {
  return onLoopback(endpoint) ? loopbackAuth() : new GoogleAuth({ scopes: [...GCP_READ_SCOPES] });
}

/**
 * Who asks to become the service account that acts. In a deployed function it is the function itself, not the
 * account that all functions read as: only the sweep's own identity may become the other.
 */
export async function actingSource(scopes: readonly string[]): Promise<AuthClient> {
  const auth = new GoogleAuth({ scopes: [...scopes] });
  const client = await auth.getClient();
  const { jsonContent } = auth;
  if (process.env['GOOGLE_APPLICATION_CREDENTIALS'] !== federationFile()) return client;
  if (jsonContent === null || !('audience' in jsonContent))
    throw new BursarError('config', `${federationFile()} is no credential configuration`, {
      where: 'deploy.google',
    });
  const { service_account_impersonation_url: _, ...itself } = jsonContent;
  const own = ExternalAccountClient.fromJSON({ ...itself, scopes: [...scopes] });
  if (own === null)
    throw new BursarError(
      'config',
      'the credential configuration names no kind of credentials that is known',
      {
        where: 'deploy.google',
      },
    );
  return own;
}

export function loopbackAuth(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'loopback', expiry_date: Number.MAX_SAFE_INTEGER });
  return client;
}

export function onLoopback(endpoint: string | undefined): boolean {
  return endpoint !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}
