import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { ACTIONS } from '../../../lib/actions/index.ts';
import { defaultCheckSettings } from '../../../lib/checks/index.ts';
import { DEFAULT_THRESHOLDS, findingId } from '../../../lib/ledger/finding.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import { awsActSessions } from '../../../lib/platform/act-sessions.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { awsEstate } from '../../../lib/run/assemble/aws.ts';
import { openLocal } from '../../../lib/run/assemble/local.ts';
import type { Auditor } from '../../../lib/run/auditor.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import { lookAgain } from '../../../lib/run/sweep/look.ts';
import { wholeAudit } from '../../../lib/run/whole.ts';
import { actClients, arn, meddling } from '../../actions/aws.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { base, OWN, session, sts } from '../../estate/aws/emulated.ts';
import { halfHours, launch, publish } from '../../estate/aws/fleet.ts';
import { TERMS, world } from './world.ts';

const moto = inject('motoUrl');
const { behind, closeAll } = meddling(moto);
const HOUR = 3_600_000;
const folders: string[] = [];

beforeEach(async () => {
  await resetMoto(moto);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_REGION', 'us-east-1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await closeAll();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** An idle machine of the emulator, a week old, and everything that audits and sweeps it. */
async function journey() {
  const { ec2, cloudwatch } = session(moto);
  const [machine] = await launch(ec2, 'g4dn.xlarge', 1, { owner: 'ana@acme.example' });
  const id = machine?.id ?? '';
  // Instances of the emulator start now: a look a week ahead sees a machine of a week.
  const start = new Date(Date.now() + 170 * HOUR);
  const hours = halfHours(new Date(start.getTime() + 72 * HOUR), 260);
  const device = { InstanceId: id, index: '0', name: 'Tesla T4', arch: 'Turing' };
  const metric = (name: string, namespace: string, value: number, of: Record<string, string>) =>
    publish(
      cloudwatch,
      namespace,
      name,
      of,
      hours.map((at) => ({ at, value })),
    );
  await metric('nvidia_smi_utilization_gpu', 'CWAgent', 0, device);
  await metric('GPUPowerUtilization', 'AWS/EC2', 8, { InstanceId: id, GpuId: '0' });
  await metric('nvidia_smi_memory_used', 'CWAgent', 300, device);
  const time = { now: start };
  const proxy = await behind(async () => null);
  const made = world([]);
  const folder = await mkdtemp(join(tmpdir(), 'bursar-test-'));
  folders.push(folder);
  const { lake, ledger: unused } = await openLocal(folder, {});
  await unused.close();
  const estates = [awsEstate({ accounts: 'own', regions: ['us-east-1'], assume: null, endpoint: proxy.url })];
  const auditor: Auditor = {
    lake,
    ledger: made.ledger,
    sources: [],
    estates,
    checks: { ...defaultCheckSettings() },
    ownerOf: TERMS.ownerOf,
    terms: TERMS,
    thresholds: DEFAULT_THRESHOLDS,
    organisation: { name: 'Acme', timezone: 'UTC', currency: 'USD' },
    discounts: {},
    progress: silent,
    asking: new Meter(),
    concurrency: 2,
  };
  const enter = awsActSessions(
    {
      own: { accountId: OWN, partition: 'aws' },
      base: { ...base(proxy.url) },
      assume: { roleName: 'BursarAct' },
      sts: sts(proxy.url),
      meter: new Meter(),
    },
    actClients,
  );
  const parts = () =>
    made.parts({
      actions: ACTIONS,
      enter: (_action, finding) =>
        enter({ accountId: finding.accountId, region: finding.region, findingId: finding.id }),
      look: lookAgain(auditor),
      clock: () => time.now,
      calendars: (timezone) => [{ timezone, holidays: new Set(), quiet: null, weekends: true }],
    });
  const finding = findingId('idle-gpu', 'aws', arn('ec2', `instance/${id}`));
  return {
    made,
    time,
    proxy,
    parts,
    pass: (count: number) => {
      time.now = new Date(time.now.getTime() + count * HOUR);
    },
    audit: () => wholeAudit(auditor, `audit-${time.now.toISOString()}`, false, time.now),
    record: async () => {
      const found = await made.ledger.get(finding);
      if (found === null) throw new Error('it was not found');
      return found;
    },
    machine: async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      return Reservations?.[0]?.Instances?.[0]?.State?.Name;
    },
    cpu: () => metric('nvidia_smi_utilization_gpu', 'CWAgent', 90, device),
    close: () => lake[Symbol.asyncDispose](),
  };
}

test('an idle GPU is found, warned of, looked at again, stopped once by two sweeps, and brought back', async () => {
  const { made, proxy, parts, pass, audit, record, machine, time, close } = await journey();
  await audit();
  expect((await record()).finding).toMatchObject({ state: 'NOTIFY_PENDING', verdict: 'IDLE' });
  await sweep(parts(), 'act');
  const { finding, life } = await record();
  expect(finding.state).toBe('WARNED');
  expect(finding.dueAt).toBe(new Date(time.now.getTime() + 24 * HOUR).toISOString());
  expect(life?.notice?.recipient.person).toEqual({ user: 'U0ANA', team: 'T0' });
  expect(made.said[0]?.text).toContain('InsufficientInstanceCapacity');

  pass(24);
  const before = await sweep(parts(), 'dry-run');
  expect(before.lines.map(({ did }) => did)).toEqual(['would stop']);
  expect(await machine()).toBe('running');
  await Promise.all([sweep(parts(), 'act'), sweep(parts(), 'act')]);
  expect(await machine()).toBe('stopped');
  expect((await record()).finding.state).toBe('STOPPED');
  expect(proxy.calls.filter((call) => call === 'StopInstances')).toHaveLength(1);

  pass(1);
  await audit();
  const stopped = await record();
  expect(stopped.finding.state).toBe('STOPPED');
  const by = { user: 'U0ANA', team: 'T0' };
  const { write } = stepOf(stopped, { type: 'undo-requested', by }, time.now, {
    actor: 'slack:T0:U0ANA',
    runId: 'c',
  });
  if (write === null) throw new Error('the undo was not taken');
  await made.ledger.put(write.record, write.expected, write.audit);
  await sweep(parts(), 'warn');
  expect(await machine()).toBe('running');
  expect((await record()).finding.state).toBe('RESTORED');
  expect(proxy.calls.filter((call) => call === 'StartInstances')).toHaveLength(1);
  await close();
});

test('a machine that works again since the warning is left running', async () => {
  const { parts, pass, audit, record, machine, cpu, proxy, close } = await journey();
  await audit();
  await sweep(parts(), 'act');
  await cpu();
  pass(24);
  await sweep(parts(), 'act');
  expect((await record()).finding.state).toBe('RESOLVED');
  expect(await machine()).toBe('running');
  expect(proxy.calls).not.toContain('StopInstances');
  await close();
});
