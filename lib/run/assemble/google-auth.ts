import { type AuthClient, GoogleAuth, OAuth2Client } from 'google-auth-library';
import { GCP_READ_SCOPES } from '../../estate/gcp/session.ts';

/** Application default credentials; for a stand-in on this machine, which knows no Google account, a made-up token. */
export function googleAuth(endpoint: string | undefined): GoogleAuth | AuthClient {
  return onLoopback(endpoint) ? loopbackAuth() : new GoogleAuth({ scopes: [...GCP_READ_SCOPES] });
}

export function loopbackAuth(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'loopback', expiry_date: Number.MAX_SAFE_INTEGER });
  return client;
}

export function onLoopback(endpoint: string | undefined): boolean {
  return endpoint !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}
