import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { idleGpu, settings } from '../../../lib/checks/idle-gpu.ts';
import type { Snapshot } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { awsEstate } from '../../../lib/run/assemble/aws.ts';
import { facts } from '../../checks/facts.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { cloudWatch, type Published } from './cloudwatch-fake.ts';
import {
  AMBIENT,
  type Answer,
  OTHER,
  OWN,
  type Proxy,
  proxy,
  type Request,
  session,
  stsRefusal,
} from './emulated.ts';
import { launch } from './fleet.ts';

const moto = inject('motoUrl');
/** Instances of the emulator start now: a look a week ahead sees a machine of a week. */
const now = new Date(Date.now() + 170 * 3_600_000);
const DATASETS = new Set(['aws.ec2.gpu-telemetry']);
const open: Proxy[] = [];

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', AMBIENT.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', AMBIENT.secretAccessKey);
  await resetMoto(moto);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const Asked = z.object({
  IncludeLinkedAccounts: z.boolean().optional(),
  OwningAccount: z.string().optional(),
  MetricDataQueries: z.array(z.object({ AccountId: z.string().optional() })).default([]),
});
const Listed = z.object({ Metrics: z.array(z.unknown()), NextToken: z.string().optional() });

/** CloudWatch of the monitoring account, to which these accounts are linked; every call that came, with whose key. */
function monitoring(published: readonly Published[], linked: readonly string[]) {
  const fake = cloudWatch(published);
  const asked: { action: string; ambient: boolean; of: (string | undefined)[] }[] = [];
  const answer = async (request: Request): Promise<Answer | null> => {
    if (request.action !== 'ListMetrics' && request.action !== 'GetMetricData') return null;
    const { IncludeLinkedAccounts, OwningAccount, MetricDataQueries } = Asked.parse(JSON.parse(request.body));
    const listing = request.action === 'ListMetrics';
    const of = listing
      ? [IncludeLinkedAccounts === true ? OwningAccount : undefined]
      : MetricDataQueries.map(({ AccountId }) => AccountId);
    const ambient = String(request.headers.authorization).includes(`Credential=${AMBIENT.accessKeyId}/`);
    asked.push({ action: request.action, ambient, of });
    const told = await fake(request);
    if (told === null || !listing) return told;
    const whole = Listed.parse(JSON.parse(told.body));
    const Metrics = of.every((account) => account !== undefined && linked.includes(account))
      ? whole.Metrics
      : [];
    return { ...told, body: JSON.stringify({ ...whole, Metrics, OwningAccounts: Metrics.map(() => OWN) }) };
  };
  return { asked, answer };
}

/** What an idle machine publishes of its one device. */
function idle(id: string): Published[] {
  const dimensions = { InstanceId: id, index: '0', name: 'Tesla T4', arch: 'Turing' };
  return [
    ['nvidia_smi_utilization_gpu', 1],
    ['nvidia_smi_memory_used', 300],
    ['GPUPowerUtilization', 9],
  ].map(([metricName, value]) => ({
    namespace: 'CWAgent',
    metricName: String(metricName),
    dimensions,
    value: () => Number(value),
  }));
}

async function look(meddle: (request: Request) => Promise<Answer | null>): Promise<Snapshot> {
  const before = await proxy(moto, meddle);
  open.push(before);
  const estate = awsEstate({
    accounts: 'own',
    regions: ['us-east-1'],
    assume: { roleName: 'BursarRead' },
    endpoint: before.url,
    telemetryFrom: OTHER,
  });
  const scope = { provider: 'aws' as const, accountId: OWN, region: 'us-east-1' };
  return await estate.collect(scope, now, new Meter(), undefined, undefined, DATASETS);
}

function verdicts({ resources, telemetry, coverage }: Snapshot): string[] {
  const all = facts({ resources, telemetry, coverage });
  return idleGpu.judge(all, settings.parse({}), now).map(({ verdict }) => verdict);
}

async function machine(): Promise<string> {
  const [made] = await launch(session(moto).ec2, 'g4dn.xlarge');
  if (made === undefined) throw new Error('nothing was launched');
  return made.id;
}

test('metrics of an account are read from the monitoring account, by its role and by the account of each', async () => {
  const { asked, answer } = monitoring(idle(await machine()), [OWN]);
  const snapshot = await look(answer);
  expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
  expect(new Set(snapshot.telemetry.map(({ metric }) => metric))).toEqual(
    new Set([
      'gpu-utilization',
      'gpu-memory-used',
      'gpu-power',
      'cpu-utilization',
      'network-in',
      'network-out',
    ]),
  );
  expect(asked.length).toBeGreaterThan(2);
  expect(asked.flatMap(({ of }) => of).filter((account) => account !== OWN)).toEqual([]);
  expect(asked.filter(({ ambient }) => ambient)).toEqual([]);
  expect(verdicts(snapshot)).toEqual(['IDLE']);
});

test('an account that is not linked is told so, and nothing of it is judged', async () => {
  const { asked, answer } = monitoring(idle(await machine()), []);
  const snapshot = await look(answer);
  expect(snapshot.resources.map(({ type }) => type)).toContain('aws:ec2:instance');
  expect(snapshot.telemetry).toEqual([]);
  expect(snapshot.coverage).toMatchObject([{ status: 'partial', incomplete: ['aws.ec2.gpu-telemetry'] }]);
  expect(snapshot.coverage[0]?.reason).toContain(`names no metric of account ${OWN}`);
  expect(new Set(asked.map(({ action }) => action))).toEqual(new Set(['ListMetrics']));
  // No model is named, which says nothing of an account that may not be linked.
  expect(snapshot.modelCalls).toBeUndefined();
  expect(verdicts(snapshot)).toEqual([]);
});

test('a monitoring account that cannot be entered takes the metrics alone', async () => {
  await machine();
  const snapshot = await look(async ({ action }) =>
    action === 'AssumeRole' ? stsRefusal('AccessDenied', 'not authorized to perform sts:AssumeRole') : null,
  );
  expect(snapshot.resources.map(({ type }) => type)).toContain('aws:ec2:instance');
  expect(snapshot.coverage).toMatchObject([
    { status: 'partial', incomplete: ['aws.ec2.gpu-telemetry', 'aws.bedrock.usage'] },
  ]);
  expect(snapshot.coverage[0]?.reason).toContain(`arn:aws:iam::${OTHER}:role/BursarRead`);
  expect(verdicts(snapshot)).toEqual([]);
});
