import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { SNSEvent } from 'aws-lambda';
import { beforeEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { disturbSlack, resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { started, withFunctions } from './built.ts';
import { type Cloud, cloud } from './cloud.ts';

withFunctions();

const moto = inject('motoUrl');
const slack = inject('slack');
const secrets = new SecretsManagerClient({
  endpoint: moto,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

let secretArn = '';
beforeEach(() => resetSlack(slack.control));

/** A deployment whose token is one of several secrets in one. */
async function deployment(held: unknown = { token: slack.token, other: 'x' }): Promise<Cloud> {
  return await cloud(moto, async () => {
    const SecretString = typeof held === 'string' ? held : JSON.stringify(held);
    const { ARN } = await secrets.send(
      new CreateSecretCommand({ Name: `bursar-${Date.now()}`, SecretString }),
    );
    secretArn = z.string().parse(ARN);
    return `organisation: { name: Alarms }
slack: { token: { secret: "${secretArn}", key: token }, channels: { digest: ${slack.channel} }, endpoint: "${slack.url}" }
`;
  });
}

/** As SNS hands it over; the time makes it an alarm of its own. */
function event(at: string): SNSEvent {
  const Message = JSON.stringify({
    AlarmName: 'Bursar-sweep-late',
    AlarmDescription: 'Bursar: no sweep ended well for an hour.',
    NewStateValue: 'ALARM',
    NewStateReason: 'no datapoints were received',
    StateChangeTime: at,
    Region: 'US East (N. Virginia)',
    AWSAccountId: '111122223333',
  });
  const Sns: SNSEvent['Records'][number]['Sns'] = {
    Message,
    MessageAttributes: {},
    MessageId: 'm',
    Signature: '',
    SignatureVersion: '1',
    SigningCertUrl: '',
    Subject: '',
    Timestamp: at,
    TopicArn: '',
    Type: 'Notification',
    UnsubscribeUrl: '',
  };
  return { Records: [{ EventSource: 'aws:sns', EventSubscriptionArn: '', EventVersion: '1.0', Sns }] };
}

const tell = async (given: SNSEvent) => (await started('alarm')).handler(given);
const posts = async () =>
  (await slackCalls(slack.control)).filter(({ method }) => method === 'chat.postMessage');

test('an alarm is told in the channel of the digest, and once, however often SNS delivers it', async () => {
  const acme = await deployment();
  const once = event(`${new Date().toISOString()}-once`);
  expect(await tell(once)).toEqual({ posted: 1 });
  expect(await tell(once)).toEqual({ posted: 0 });
  acme.cold();
  expect(await tell(once)).toEqual({ posted: 0 });
  expect(await posts()).toHaveLength(1);
  expect((await posts())[0]).toMatchObject({
    ok: true,
    args: { channel: slack.channel, text: 'Alarm: Bursar: no sweep ended well for an hour.' },
  });
  expect(JSON.parse(acme.log.at(-1) ?? '')).toMatchObject({
    message: 'alarms told',
    entry: 'alarm',
    result: { posted: 0 },
  });
});

test('is Slack down, it fails, so that Lambda tries again and then keeps it; nothing is told twice', async () => {
  const acme = await deployment();
  const given = event(`${new Date().toISOString()}-down`);
  await disturbSlack(slack.control, 'chat.postMessage', { kind: 'error', error: 'channel_not_found' });
  await expect(tell(given)).rejects.toMatchObject({ name: 'BursarError' });
  expect(acme.log.join('')).toContain('alarms told failed');
  expect(await tell(given)).toEqual({ posted: 1 });
});

test.for<[what: string, held: string | object, why: string]>([
  ['no JSON', 'xoxb-a-token-alone', 'is no JSON object'],
  ['another key', { tokens: 'xoxb-a-token-alone' }, 'has no text under token'],
  ['a number', { token: 12 }, 'has no text under token'],
  ['an inherited name', '{"__proto__":{"token":"xoxb-a-token-alone"}}', 'has no text under token'],
])('a secret that holds %s is refused, and nothing of it is told', async ([, held, why]) => {
  const acme = await deployment(held);
  await expect(tell(event(`${new Date().toISOString()}-${why}`))).rejects.toThrow(why);
  expect(acme.log.join('')).not.toContain('xoxb');
  expect(await posts()).toEqual([]);
});

test('a secret that was replaced holds for a function that starts anew', async () => {
  const acme = await deployment({ none: 'x' });
  const given = event(`${new Date().toISOString()}-mended`);
  await expect(tell(given)).rejects.toThrow('has no text under token');
  const SecretString = JSON.stringify({ token: slack.token });
  await secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString }));
  acme.cold();
  expect(await tell(given)).toEqual({ posted: 1 });
});

test('a secret that is not there is told with where the config names it', async () => {
  await cloud(
    moto,
    async () =>
      `slack: { token: { secret: "arn:aws:secretsmanager:us-east-1:123456789012:secret:gone" }, channels: { digest: ${slack.channel} }, endpoint: "${slack.url}" }\n`,
  );
  await expect(tell(event(new Date().toISOString()))).rejects.toMatchObject({
    name: 'BursarError',
    where: expect.stringContaining('slack.token'),
  });
});
