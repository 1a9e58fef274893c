import { CloudBillingClient } from '@google-cloud/billing';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { gcpBillingSource } from '../../../lib/sources/gcp-billing/source.ts';
import { signedIn } from '../../estate/gcp/loopback.ts';

/** Runs the source once over Google's own client against the server at this address. */
export async function deliver(url: string, exported: readonly string[] = []) {
  const options = {
    apiEndpoint: '127.0.0.1',
    port: Number(new URL(url).port),
    protocol: 'http',
    fallback: true as const,
  };
  // google-gax types its clients by a google-auth-library of its own; at run time any will do.
  Object.assign(options, { authClient: signedIn() });
  const client = new CloudBillingClient(options);
  const delivered = await read(client, exported);
  await client.close();
  return delivered;
}

/** Runs the source once over this client. */
export async function read(client: CloudBillingClient, exported: readonly string[] = []) {
  const meter = new Meter();
  const source = gcpBillingSource({ id: 'gcp-billing', client, exported });
  const now = new Date('2026-11-22T12:00:00Z');
  const delivery = await source.deliver({ workDir: '/nonexistent', now, meter, progress: silent });
  return { ...delivery, calls: meter.total().calls };
}
