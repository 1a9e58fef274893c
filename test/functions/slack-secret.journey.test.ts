import { createHmac } from 'node:crypto';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { started, withFunctions } from './built.ts';
import { cloud } from './cloud.ts';

withFunctions();

const moto = inject('motoUrl');
const slack = inject('slack');
const secrets = new SecretsManagerClient({
  endpoint: moto,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
/** An address that Slack verifies is answered where the signature is right. */
const BODY = JSON.stringify({ type: 'url_verification', challenge: 'told', token: 'x' });

afterEach(() => vi.useRealTimers());

async function statusOf(secret: string): Promise<number | undefined> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${BODY}`).digest('hex');
  const http = { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
  const event: LambdaFunctionURLEvent = {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'a',
      domainName: 'a.example.com',
      domainPrefix: 'a',
      http,
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    body: BODY,
    isBase64Encoded: false,
  };
  const { handler } = await started('slack');
  const answer = await handler(event);
  return typeof answer === 'string' ? undefined : answer.statusCode;
}

const held = (sign: string) => JSON.stringify({ token: slack.token, sign });

test('a signing secret that was replaced holds in a warm function, too, a quarter of an hour later', async () => {
  let arn = '';
  await cloud(moto, async () => {
    const made = new CreateSecretCommand({ Name: `clicks-${Date.now()}`, SecretString: held('the first') });
    arn = z.string().parse((await secrets.send(made)).ARN);
    return `slack:
  token: { secret: "${arn}", key: token }
  signingSecret: { secret: "${arn}", key: sign }
  teamId: T000000001
  appId: A0BURSAR
  endpoint: "${slack.url}"
`;
  });
  vi.stubEnv('BURSAR_BUCKET_DOMAIN', 'bursar-state.s3.us-east-1.amazonaws.com');
  vi.useFakeTimers({ toFake: ['performance'] });
  expect(await statusOf('the first')).toBe(200);
  await secrets.send(new PutSecretValueCommand({ SecretId: arn, SecretString: held('the second') }));
  expect(await statusOf('the second')).toBe(401);
  vi.advanceTimersByTime(15 * 60_000);
  expect(await statusOf('the second')).toBe(200);
  expect(await statusOf('the first')).toBe(401);
});
