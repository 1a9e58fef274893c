import { CreateVolumeCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { goAhead } from '../functions/ahead.ts';
import { started, withFunctions } from '../functions/built.ts';
import { type Cloud, cloud } from '../functions/cloud.ts';
import { recentBill } from '../functions/recent-bill.ts';
import { refusing } from './outage.ts';

withFunctions();

const moto = inject('motoUrl');
const slack = inject('slack');
const HOUR = 3_600_000;
const OWN = '123456789012';

beforeEach(() => resetSlack(slack.control));

const configAt = (endpoint: string) => `organisation: { name: Outage }
sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
estate: { aws: { regions: [us-east-1] } }
checks: { unattached-volume: { minAge: 1h } }
owners: { tags: [owner], domains: [example.com] }
policies: [{ check: unattached-volume, mode: stop, grace: 48h }]
guards: { canary: false }
digest: { period: day }
slack: { token: { env: SLACK_TOKEN }, teamId: T000000001, appId: A0BURSAR, channels: { digest: ${slack.channel}, team: ${slack.channel} }, endpoint: "${endpoint}" }
`;

/** To noon, UTC: whenever the test runs, the last of its digests are of one day. */
const TO_NOON = (36 - new Date().getUTCHours()) % 24;
/** Who asks a Slack that is down waits for minutes, by a clock that goes so many times as fast. */
const PACE = 20;

/** Functions that start cold so many hours from the beginning. */
function at(acme: Cloud, hours: number, pace = 1) {
  goAhead(TO_NOON + hours, pace);
  acme.cold();
}

/** Two days from now, as far as one can tell it: the sweep took its time, too. */
const inTwoDays = {
  asymmetricMatch: (dueAt: string) => Math.abs(Date.parse(dueAt) - Date.now() - 48 * HOUR) < HOUR,
};

const plan = async () => (await started('plan')).handler();
const audit = async () => (await started('audit')).handler();
const sweep = async () => (await started('sweep')).handler();
const digest = async () => (await started('digest')).handler();

async function volume({ ec2 }: Cloud): Promise<string> {
  const { VolumeId } = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: 'us-east-1a',
      Size: 8,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'owner', Value: 'owner@example.com' }] }],
    }),
  );
  return z.string().parse(VolumeId);
}

const found = async (acme: Cloud, id: string) => {
  const finding = (await acme.findings()).find(({ resourceId }) => resourceId.endsWith(id));
  return { state: finding?.state, dueAt: finding?.dueAt };
};

/** Messages that Slack took: of the digest by itself, and those with buttons of a warning. */
async function taken() {
  const posts = (await slackCalls(slack.control)).filter(
    ({ method, ok }) => method === 'chat.postMessage' && ok,
  );
  const warns = posts.filter(({ args }) => JSON.stringify(args['blocks']).includes('"acknowledge"'));
  const digests = posts.filter(
    ({ args }) => args['channel'] === slack.channel && args['thread_ts'] === undefined,
  );
  return { warnings: warns.length, digests: digests.length };
}

test('Slack down for a day: whom it took a warning for keeps the date, nobody else has one; the report is stored; afterwards each is told once', async () => {
  vi.stubEnv('SLACK_TOKEN', slack.token);
  const acme = await cloud(moto, async () => configAt(slack.url), inject('dynamodbUrl'));
  const told = await volume(acme);
  const ResourceId = `arn:aws:ec2:us-east-1:${OWN}:volume/${told}`;
  const billed = async () =>
    acme.putBill(
      'focus/bill.csv',
      await recentBill({ SubAccountId: OWN, ResourceId, RegionId: 'us-east-1' }, new Date()),
    );
  await billed();
  at(acme, 2);
  await plan();
  await acme.drain();
  await audit();
  await sweep();
  const before = await found(acme, told);
  expect(before).toEqual({ state: 'WARNED', dueAt: inTwoDays });
  expect(await taken()).toEqual({ warnings: 1, digests: 0 });

  // Down. A second volume is found meanwhile, and the time of a digest comes.
  await acme.configure(configAt(await refusing()));
  const late = await volume(acme);
  at(acme, 3);
  await plan();
  await acme.drain();
  await audit();
  for (const hours of [4, 14, 26]) {
    at(acme, hours, PACE);
    expect(await sweep()).toMatchObject({ done: { undeliverable: 1 } });
    expect(await found(acme, late)).toEqual({ state: 'NOTIFY_PENDING', dueAt: null });
    expect(await found(acme, told)).toEqual(before);
  }
  await expect(digest()).rejects.toMatchObject({ name: 'BursarError', code: 'unavailable' });
  const report = (await acme.reports()).find((key) => key.endsWith('.html')) ?? '';
  expect(await acme.report(report)).toContain(told);
  expect(await taken()).toEqual({ warnings: 1, digests: 0 });

  // Up again.
  await acme.configure(configAt(slack.url));
  at(acme, 30);
  // Bills came meanwhile: else the digest of a newer day would be due, and told as late.
  await billed();
  await plan();
  await acme.drain();
  await audit();
  expect((await digest()).posted).toBe('posted');
  await sweep();
  expect(await found(acme, late)).toEqual({
    state: 'WARNED',
    dueAt: inTwoDays,
  });
  expect(await found(acme, told)).toEqual(before);
  const once = await taken();
  expect(once).toEqual({ warnings: 2, digests: 1 });
  at(acme, 31);
  expect((await digest()).posted).toBe('already');
  await sweep();
  expect(await taken()).toEqual(once);
});
