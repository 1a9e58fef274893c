import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialProvider } from './aws-sessions.ts';

/**
 * Signs requests for services that speak plain HTTP instead of an API of the SDK (AWS Signature Version 4).
 * @param service as it is signed: `es` for OpenSearch Service, `aoss` for OpenSearch Serverless.
 * @returns a function that gives the headers of one request, the hash of its body among them; a signature holds for some
 *   minutes, so that every attempt is signed anew.
 */
export function sigv4Headers(
  service: string,
  region: string,
  credentials: AwsCredentialProvider,
): (url: URL, sent?: { readonly method: string; readonly body?: string }) => Promise<Record<string, string>> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  return async (url, { method, body } = { method: 'GET' }) => {
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
      ...(body === undefined ? {} : { body }),
    });
    // fetch sends the host of the address itself, which is the one that was signed.
    return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host'));
  };
}
