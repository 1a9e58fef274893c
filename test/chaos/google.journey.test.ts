import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import { resetGcp } from '../counterparts/gcp.control.ts';
import { hurry } from '../functions/ahead.ts';
import { started, withFunctions } from '../functions/built.ts';
import { cloud } from '../functions/cloud.ts';
import { recentBill } from '../functions/recent-bill.ts';
import { refusing } from './outage.ts';

withFunctions();

const moto = inject('motoUrl');
const google = inject('gcpUrl');
const OWN = '123456789012';

const configAt = (endpoint: string) => `organisation: { name: Outage }
sources:
  invoices: { type: focus-file, path: "s3://acme-billing/focus" }
  google: { type: gcp-bigquery, table: acme-billing.billing.gcp_billing_export_resource_v1_012345_6789AB_CDEF01, endpoint: "${endpoint}" }
estate: { aws: { regions: [us-east-1] }, gcp: { projects: [ml-prod], endpoint: "${endpoint}" } }
checks: { untagged: { required: [owner] } }
digest: { period: day }
`;

test('Google down: its bill and its project are gaps with what failed, what was found there stays; AWS is collected, judged and told', async () => {
  await resetGcp(google);
  const acme = await cloud(moto, async () => configAt(google), inject('dynamodbUrl'));
  const { Instances = [] } = await acme.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12345678', InstanceType: 'm7i.large', MinCount: 1, MaxCount: 1 }),
  );
  const instanceId = z.string().parse(Instances[0]?.InstanceId);
  const ResourceId = `arn:aws:ec2:us-east-1:${OWN}:instance/${instanceId}`;
  await acme.putBill('focus/bill.csv', await recentBill({ SubAccountId: OWN, ResourceId }, new Date()));
  const run = async () => {
    acme.cold();
    await (await started('plan')).handler();
    await acme.drain();
    return await (await started('audit')).handler();
  };
  const inGoogle = async () =>
    (await acme.findings())
      .filter(({ provider }) => provider === 'gcp')
      .map(({ id, state }) => `${id} ${state}`)
      .toSorted();
  const ofProject = ({ gaps }: Awaited<ReturnType<typeof run>>) =>
    gaps.filter(({ scope }) => scope === 'gcp:ml-prod').map(({ status, reason }) => ({ status, reason }));
  const usual = ofProject(await run());
  const before = await inGoogle();
  expect(before.length).toBeGreaterThan(0);

  await acme.configure(configAt(await refusing()));
  hurry(20);
  const down = await run();
  const { gaps } = down;
  const told = new Map(gaps.map(({ scope, reason }) => [scope, reason]));
  expect(told.get('bill:google')).toMatch(/bigquery.* got no answer/);
  expect(ofProject(down)).not.toEqual(usual);
  expect(told.get('gcp:ml-prod')).toMatch(/got no answer/);
  expect([...told.keys()].filter((scope) => scope.startsWith('aws:') || scope === 'bill:invoices')).toEqual(
    [],
  );
  expect(await inGoogle()).toEqual(before);
  expect((await acme.findings()).map(({ resourceId }) => resourceId)).toContain(ResourceId);
  // Both tasks of Google wait for their next try; after the third they lie with the dead letters.
  expect(await acme.waiting()).toEqual({ queue: 2, dead: 0 });
  const { report } = await (await started('digest')).handler();
  const page = await acme.report(z.string().parse(report).replace('s3://bursar-state/reports/', ''));
  expect(page).toContain(instanceId);
  expect(page).toContain('gcp:ml-prod');

  await acme.configure(configAt(google));
  expect(ofProject(await run())).toEqual(usual);
  expect(await inGoogle()).toEqual(before);
});
