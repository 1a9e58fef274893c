import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { awsBase } from '../../lib/run/assemble/aws-base.ts';

const ANSWER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

/** Answers each request after this time, and counts how many it has at once. */
async function slow(ms: number) {
  let now = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, ++now);
    request.resume();
    setTimeout(() => {
      now--;
      response.setHeader('content-type', 'text/xml').end(ANSWER);
    }, ms);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port }: AddressInfo = Object(server.address());
  return { url: `http://127.0.0.1:${port}`, most: () => most };
}

test('requests that wait for their turn longer than a connection may take to stand are answered', async () => {
  const server = await slow(100);
  const client = new STSClient({
    ...awsBase(server.url),
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    // Eight rounds of them take longer than this, and no connection does.
    requestHandler: { connectionTimeout: 400, socketTimeout: 60_000 },
  });
  const answers = await Promise.all(
    Array.from({ length: 320 }, async () => (await client.send(new GetCallerIdentityCommand({}))).Account),
  );
  expect(new Set(answers)).toEqual(new Set(['111122223333']));
  expect(server.most()).toBe(40);
  client.destroy();
});
