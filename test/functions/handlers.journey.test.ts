import { createHmac } from 'node:crypto';
import { RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { WebClient } from '@slack/web-api';
import type { LambdaFunctionURLEvent, SQSRecord } from 'aws-lambda';
import { beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { disturbSlack, resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { jsonRefusal, proxy } from '../estate/aws/emulated.ts';
import { started, withFunctions } from './built.ts';
import { type Cloud, cloud } from './cloud.ts';
import { recentBill } from './recent-bill.ts';

withFunctions();

const moto = inject('motoUrl');
const slack = inject('slack');
const OWN = '123456789012';

const CONFIG = `
sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
estate: { aws: { regions: [us-east-1] } }
checks: { untagged: { required: [owner] } }
digest: { period: day }
`;
const plan = async () => (await started('plan')).handler();
const audit = async () => (await started('audit')).handler();
const digest = async () => (await started('digest')).handler();

let made = 0;

beforeEach(() => resetSlack(slack.control));

/** An untagged instance and its bill. */
async function company(): Promise<Cloud & { instanceId: string; arn: string }> {
  const acme = await cloud(moto, async () => CONFIG);
  const { Instances = [] } = await acme.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12345678', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 }),
  );
  const instanceId = z.string().parse(Instances[0]?.InstanceId);
  const arn = `arn:aws:ec2:us-east-1:${OWN}:instance/${instanceId}`;
  const bill = await recentBill({ SubAccountId: OWN, ResourceId: arn, RegionId: 'us-east-1' }, new Date());
  await acme.putBill('focus/this-month.csv', bill);
  return { ...acme, instanceId, arn };
}

/** Slack by a secret, and an organisation that no other test posts for. */
async function withSlack(): Promise<string> {
  const client = new SecretsManagerClient({
    endpoint: moto,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  made += 1;
  const secret = new CreateSecretCommand({ Name: `slack-${made}`, SecretString: slack.token });
  const { ARN } = await client.send(secret);
  return `organisation: { name: Acme ${Date.now()} ${made} }
slack: { token: { secret: "${ARN}" }, channels: { digest: ${slack.channel} }, endpoint: "${slack.url}" }
`;
}

/** A message as Lambda hands it over. */
function record(messageId: string, body: string): SQSRecord {
  return {
    messageId,
    receiptHandle: 'none',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:tasks',
    awsRegion: 'us-east-1',
  };
}

const posts = async () =>
  (await slackCalls(slack.control)).filter(({ method }) => method === 'chat.postMessage');

test('plan, queue, collect, audit: findings with the bill’s price; the next day, cold, what is gone is resolved, what stays keeps its id and first date; a message that comes twice is collected once', async () => {
  const acme = await company();
  const { Instances = [] } = await acme.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12345678', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 }),
  );
  const short = z.string().parse(Instances[0]?.InstanceId);
  expect(await plan()).toMatchObject({ tasks: 2, unlisted: 0 });
  expect(await acme.drain()).toBe(2);
  expect(await acme.waiting()).toEqual({ queue: 0, dead: 0 });
  expect(await audit()).toMatchObject({ resolved: 0, gaps: [] });
  const before = await acme.findings();
  expect(
    before.find(({ check, resourceId }) => check === 'untagged' && resourceId === acme.arn),
  ).toMatchObject({
    state: 'DETECTED',
    costBasis: 'billed',
    monthlyCost: { amount: expect.stringMatching(/^7\.2/), currency: 'USD' },
  });
  // It has no owner, and is of a former generation.
  expect(
    before
      .filter(({ resourceId }) => resourceId.endsWith(short))
      .map(({ check, state }) => `${check} ${state}`)
      .toSorted(),
  ).toEqual(['previous-generation DETECTED', 'untagged DETECTED']);

  const collected = async () => (await acme.ledger.getDoc('collect/bill:invoices'))?.value;
  const { task, finishedAt } = z
    .object({ task: z.unknown(), finishedAt: z.string() })
    .parse(await collected());
  await acme.send(JSON.stringify(task));
  expect(await acme.drain()).toBe(1);
  expect(z.object({ finishedAt: z.string() }).parse(await collected()).finishedAt).toBe(finishedAt);
  expect(acme.log.at(-1)).toContain('"message":"already"');

  await acme.ec2.send(new TerminateInstancesCommand({ InstanceIds: [short] }));
  acme.cold();
  await plan();
  await acme.drain();
  expect((await audit()).resolved).toBeGreaterThan(0);
  const after = await acme.findings();
  expect(after.map(({ id, firstSeen }) => ({ id, firstSeen }))).toEqual(
    before.map(({ id, firstSeen }) => ({ id, firstSeen })),
  );
  const statesOf = (id: string) => [
    ...new Set(after.filter(({ resourceId }) => resourceId.endsWith(id)).map(({ state }) => state)),
  ];
  expect(statesOf(short)).toEqual(['RESOLVED']);
  expect(statesOf(acme.instanceId)).toEqual(['DETECTED']);
});

test('messages that are no task, of a newer version and of another kind go back, and harm no other', async () => {
  const acme = await company();
  await plan();
  const bodies = [
    'not a task',
    '{"schemaVersion":2,"runId":"r","kind":"bill","sourceId":"invoices"}',
    '{"schemaVersion":1,"runId":"r","kind":"sweep"}',
  ];
  for (const body of bodies) await acme.send(body);
  expect(await acme.drain()).toBe(2 + bodies.length);
  // Each waits for its next try; after the third it lies with the dead letters.
  expect(await acme.waiting()).toEqual({ queue: bodies.length, dead: 0 });
  expect(acme.log.filter((line) => line.includes('a message could not be collected'))).toHaveLength(
    bodies.length,
  );
  await audit();
  expect((await acme.findings()).map(({ resourceId }) => resourceId)).toContain(acme.arn);
});

test('a batch answers for each of its messages alone', async () => {
  await company();
  const { handler } = await started('collect');
  const task = { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'invoices' };
  const answer = await handler({
    Records: [
      record('good', JSON.stringify(task)),
      record('bad', '{'),
      record('gone', JSON.stringify({ ...task, sourceId: 'former' })),
    ],
  });
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] });
});

test('a crash between plan and collect is told as not collected, and made good by the next run', async () => {
  const acme = await company();
  await plan();
  // The collector never ran.
  const early = await audit();
  expect(early.gaps.map(({ scope, reason }) => `${scope} ${reason}`)).toEqual([
    `aws:${OWN}:us-east-1 planned, but not collected yet`,
    'bill:invoices planned, but not collected yet',
  ]);
  expect(await acme.findings()).toEqual([]);
  // The auditor is warm, and sees what came since.
  await plan();
  // Four messages by now, two of the run that was cut off: each is collected, none harms.
  expect(await acme.drain()).toBe(4);
  expect((await audit()).gaps).toEqual([]);
  const untagged = (await acme.findings()).find(
    ({ check, resourceId }) => check === 'untagged' && resourceId === acme.arn,
  );
  expect(untagged).toMatchObject({ costBasis: 'billed' });
});

test('a file that is no bill is told and not tried again, and the estate goes on', async () => {
  const acme = await company();
  await acme.putBill('focus/this-month.csv', Buffer.from('not,a,bill\n'));
  await plan();
  await acme.drain();
  const { gaps } = await audit();
  expect(gaps).toEqual([
    expect.objectContaining({
      scope: 'bill:invoices',
      status: 'failed',
      reason: expect.stringContaining('FOCUS'),
    }),
  ]);
  // A wrong file does not become right by another try.
  expect(await acme.waiting()).toEqual({ queue: 0, dead: 0 });
});

test('accounts that cannot be listed are told in the audit, and the bill goes on', async () => {
  const acme = await cloud(
    moto,
    async () => `sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
estate: { aws: { accounts: organisation } }
checks: { untagged: { required: [owner] } }
`,
  );
  const arn = `arn:aws:ec2:us-east-1:${OWN}:instance/i-0abc`;
  const bill = await recentBill({ SubAccountId: OWN, ResourceId: arn, RegionId: 'us-east-1' }, new Date());
  await acme.putBill('focus/this-month.csv', bill);
  const organisations = await proxy(moto, async ({ action }) =>
    action === 'ListAccounts' ? jsonRefusal('AccessDeniedException', 'not for you') : null,
  );
  onTestFinished(() => organisations.close());
  vi.stubEnv('AWS_ENDPOINT_URL_ORGANIZATIONS', organisations.url);
  expect(await plan()).toMatchObject({ tasks: 1, unlisted: 1 });
  expect(await acme.drain()).toBe(1);
  expect((await audit()).gaps).toEqual([
    expect.objectContaining({
      status: 'failed',
      reason: expect.stringContaining('organizations:ListAccounts'),
    }),
  ]);
  expect((await acme.findings()).map(({ resourceId }) => resourceId)).toContain(arn);
});

test('before the first audit there is no digest to write', async () => {
  await company();
  expect(await digest()).toEqual({ id: null, report: null, posted: 'no audit yet' });
});

test('units are read where it is deployed, too: by query and from a bucket, in each digest and its page', async () => {
  const acme = await cloud(
    moto,
    async () => `sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
digest: { period: week, also: { leads: { for: executive, period: week, schedule: "Mon 10:00" } } }
units:
  - name: shop
    per: order
    metric: { type: query, sql: "SELECT CAST(ChargePeriodStart AS DATE) AS day, 100 AS value FROM costs GROUP BY 1" }
  - name: support
    per: answer
    metric: { type: csv, path: "s3://acme-billing/answers.csv", region: us-east-1 }
  - name: lost
    per: parcel
    metric: { type: csv, path: "s3://acme-billing/nowhere.csv", region: us-east-1 }
`,
  );
  const now = new Date();
  const days = Array.from({ length: 21 }, (_, ago) =>
    new Date(now.getTime() - (ago + 1) * 86_400_000).toISOString().slice(0, 10),
  );
  await acme.putBill('focus/this-month.csv', await recentBill({ SubAccountId: OWN }, now, days.length));
  await acme.putBill(
    'answers.csv',
    Buffer.from(['date,value', ...days.map((day) => `${day},10`)].join('\n')),
  );
  await plan();
  await acme.drain();
  await audit();
  const { handler } = await started('digest');
  const pages: string[] = [];
  for (const event of [undefined, { digest: 'leads' }]) {
    const { report } = await handler(event);
    pages.push(await acme.report(z.string().parse(report).replace('s3://bursar-state/reports/', '')));
  }
  // 2.40 USD a day for a hundred orders and for ten answers, whatever weekday it is.
  for (const page of pages) {
    expect(page).toContain('$0.024 per order');
    expect(page).toContain('$0.24 per answer');
    expect(page).toContain('cost per parcel is unknown; missing: metric (s3://acme-billing/nowhere.csv)');
    expect(page).not.toContain('units are not read');
  }
  const [, leads] = pages;
  expect(leads).toContain('Cost per order');
});

test('the digest is kept as a report without Slack, too; what Slack refuses is posted by the next try, once a period, also by a function that starts cold; a member of the channel opens the report with its button', async () => {
  const acme = await company();
  await plan();
  await acme.drain();
  await audit();
  const { posted, report } = await digest();
  expect(posted).toBe('no Slack configured');
  const key = z.string().parse(report).replace('s3://bursar-state/reports/', '');
  expect(key).toMatch(/^day\/\d{4}-\d{2}-\d{2}\.html$/);
  expect(await acme.report(key)).toContain(acme.instanceId);
  expect(await posts()).toEqual([]);

  const { team, appId } = { team: 'T000000001', appId: 'A000000001' };
  vi.stubEnv('SIGNING_SECRET', 'of the tests');
  const client = new WebClient(`${slack.token}-arranges`, { slackApiUrl: slack.url });
  const { user } = await client.users.lookupByEmail({ email: 'owner@example.com' });
  const opening = await client.conversations.create({ name: `digest-${Date.now()}` });
  const channel = z.string().parse(opening.channel?.id);
  await client.conversations.invite({ channel, users: z.string().parse(user?.id) });
  const config = (await withSlack())
    .replace(`digest: ${slack.channel}`, `digest: ${channel}`)
    .replace(
      /^slack: \{/m,
      `slack: { signingSecret: { env: SIGNING_SECRET }, teamId: ${team}, appId: ${appId},`,
    );
  await acme.configure(`${CONFIG}${config}`);
  acme.cold();
  await disturbSlack(slack.control, 'chat.postMessage', { kind: 'error', error: 'channel_not_found' });
  await expect(digest()).rejects.toMatchObject({ name: 'BursarError' });
  expect(acme.log.at(-1)).toContain('published failed');
  expect(await digest()).toMatchObject({ posted: 'posted', report });
  expect((await digest()).posted).toBe('already');
  acme.cold();
  expect((await digest()).posted).toBe('already');
  expect((await posts()).filter(({ ok, args }) => ok && args['thread_ts'] === undefined)).toHaveLength(1);

  const root = (await posts()).find(({ ok, args }) => ok && args['thread_ts'] === undefined);
  const blocks = z
    .array(z.looseObject({ type: z.string(), block_id: z.string().optional() }))
    .parse(root?.args['blocks']);
  const button = blocks.findLast(({ type }) => type === 'actions');
  const payload = {
    type: 'block_actions',
    api_app_id: appId,
    team: { id: team },
    user: { id: user?.id, team_id: team },
    container: { type: 'message', channel_id: channel, message_ts: '1.000001' },
    actions: [{ action_id: 'open-report', block_id: button?.block_id }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const hash = createHmac('sha256', 'of the tests').update(`v0:${timestamp}:${body}`).digest('hex');
  const { handler } = await started('slack');
  const http = {
    method: 'POST',
    path: '/',
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.1',
    userAgent: 'Slackbot',
  };
  const event: LambdaFunctionURLEvent = {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    requestContext: {
      accountId: 'anonymous',
      apiId: 'none',
      domainName: 'none',
      domainPrefix: 'none',
      http,
      requestId: 'none',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${hash}`,
    },
    body,
    isBase64Encoded: false,
  };
  expect(await handler(event)).toMatchObject({ statusCode: 200 });
  expect(acme.log.at(-1)).toContain('"outcome":"opened"');
  const told = (await slackCalls(slack.control)).findLast(({ method }) => method === 'chat.postEphemeral');
  const [, url = ''] = /"url":"(https:[^"]+)"/.exec(JSON.stringify(told?.args['blocks'])) ?? [];
  const { host, pathname, search } = new URL(url);
  expect(host).toBe('bursar-state.s3.us-east-1.amazonaws.com');
  expect(`s3://bursar-state${pathname}`).toBe(report);
  const opened = await fetch(`${moto}/bursar-state${pathname}${search}`);
  expect(await opened.text()).toContain(acme.instanceId);
});
