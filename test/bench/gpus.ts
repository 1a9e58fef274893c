import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '../../lib/platform/progress.ts';
import { assembleCli } from '../../lib/run/assemble/cli.ts';
import { audit } from '../../lib/run/audit.ts';
import { collectAll, plan } from '../../lib/run/collect.ts';
import { rememberPlan } from '../../lib/run/reports.ts';
import { startMoto } from '../counterparts/moto.ts';
import { cloudWatch, instancePages, type Published } from '../estate/aws/cloudwatch-fake.ts';
import { AMBIENT, type Answer, type Proxy, proxy, type Request, session } from '../estate/aws/emulated.ts';
import { launch } from '../estate/aws/fleet.ts';
import { type Measured, measured } from './measure.ts';

const HOUR = 3_600_000;
/** Machines that are launched at once. */
const RESERVATION = 200;
const CONFIG = `schemaVersion: 1
organisation: { name: Bench, currency: USD, timezone: UTC }
estate: { aws: { accounts: own, regions: [us-east-1] } }
owners: { tags: [owner], domains: [bench.example] }
checks: { idle-gpu: {}, untagged: { required: [owner, team] } }
`;

/**
 * A region of so many machines with a GPU, of which half are idle, and an agent on four in five. EC2 is the
 * emulator's, with pages as the service has them. The metrics are a fake's: the emulator looks at every point that it
 * holds for each hour of each metric.
 */
export async function gpuService(machines: number): Promise<Proxy> {
  const moto = await startMoto();
  try {
    const ids = await fleet(moto.url, machines);
    const [instances, metrics] = [instancePages(RESERVATION), cloudWatch(ids.flatMap(metricsOf))];
    const service = await proxy(
      moto.url,
      async (request, pass) =>
        noPrices(request) ?? (await metrics(request)) ?? (await instances(request, pass)),
    );
    const close = async () => {
      await service.close();
      await moto.stop();
    };
    return { ...service, close };
  } catch (error) {
    await moto.stop();
    throw error;
  }
}

/** Looks at that region and audits what was seen, as `bursar audit` does, with the two checks that Custodian was given. */
export async function gpuAudit({ state, service }: { state: string; service: string }): Promise<{
  look: Measured;
  judged: Measured;
  gaps: readonly string[];
  findings: number;
  amount: string;
  snapshotBytes: number;
}> {
  process.env['AWS_ENDPOINT_URL'] = service;
  process.env['AWS_ACCESS_KEY_ID'] = AMBIENT.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = AMBIENT.secretAccessKey;
  await mkdir(state, { recursive: true });
  await writeFile(join(state, 'bursar.yaml'), CONFIG);
  // Instances of the emulator start now: a look a week ahead sees machines of a week.
  const now = new Date(Date.now() + 170 * HOUR);
  await using house = await assembleCli({ config: join(state, 'bursar.yaml'), state }, now, silent);
  const { auditor } = house;
  const { value: reports, ...look } = await measured(async () => {
    const { tasks, reports: listed } = await plan(auditor, 'r-bench', now);
    await rememberPlan(auditor.ledger, tasks, true);
    return [...listed, ...(await collectAll(auditor, tasks, now))];
  });
  const { value, ...judged } = await measured(() =>
    audit(auditor, 'r-bench', reports, { sources: null, scopes: null }, now),
  );
  const { findings, ownCost, coverage } = value.result;
  return {
    look,
    judged,
    gaps: coverage.flatMap(({ status, scope, reason }) =>
      status === 'complete' ? [] : [`${scope}: ${reason ?? status}`],
    ),
    findings: findings.length,
    amount: ownCost.amount,
    snapshotBytes: await bytesUnder(join(state, 'lake', 'snapshots')),
  };
}

/** The emulator knows no list prices. */
function noPrices({ action }: Request): Answer | null {
  if (action !== 'GetProducts') return null;
  return { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify({ PriceList: [] }) };
}

async function bytesUnder(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map((name) => stat(join(folder, name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

async function fleet(url: string, machines: number): Promise<string[]> {
  const { ec2 } = session(url);
  const ids: string[] = [];
  for (let made = 0; made < machines; made += RESERVATION) {
    const tags = { team: 'ml', ...((made / RESERVATION) % 5 === 0 ? {} : { owner: 'ana@bench.example' }) };
    ids.push(...(await launch(ec2, 'g4dn.xlarge', RESERVATION, tags)).map(({ id }) => id));
  }
  return ids;
}

const metricOf = (
  namespace: string,
  metricName: string,
  dimensions: Published['dimensions'],
  value: Published['value'],
) => ({
  namespace,
  metricName,
  dimensions,
  value,
});

function metricsOf(instanceId: string, index: number): Published[] {
  const idle = index % 2 === 0;
  const value = (busy: number, rest: number) => (at: number) =>
    idle ? rest : busy + ((at / HOUR + index) % 20);
  const agent = { InstanceId: instanceId, index: '0', name: 'Tesla T4', arch: 'Turing' };
  return [
    ...(index % 5 === 0
      ? []
      : [
          metricOf('CWAgent', 'nvidia_smi_utilization_gpu', agent, value(40, 0)),
          metricOf('CWAgent', 'nvidia_smi_memory_used', agent, value(9000, 300)),
        ]),
    metricOf('AWS/EC2', 'CPUUtilization', { InstanceId: instanceId }, value(30, 1)),
    metricOf('AWS/EC2', 'NetworkIn', { InstanceId: instanceId }, value(1_000_000, 2000)),
    metricOf('AWS/EC2', 'NetworkOut', { InstanceId: instanceId }, value(1_000_000, 2000)),
  ];
}
