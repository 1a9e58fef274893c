import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { silent } from '../../lib/platform/progress.ts';
import { assembleCli } from '../../lib/run/assemble/cli.ts';
import { plan } from '../../lib/run/collect.ts';
import { estimate } from '../../lib/run/estimate.ts';
import { rememberReport } from '../../lib/run/reports.ts';
import { startMoto } from '../counterparts/moto.ts';
import { AMBIENT, base, type Proxy, proxy } from '../estate/aws/emulated.ts';
import { type Measured, measured } from './measure.ts';

const CONFIG = `schemaVersion: 1
organisation: { name: Bench, currency: USD, timezone: UTC }
estate: { aws: { accounts: organisation, regions: enabled, readRole: BursarRead } }
`;

/** An organisation of so many accounts, that of the emulator's own keys among them. */
export async function organisation(accounts: number): Promise<Proxy> {
  const moto = await startMoto();
  try {
    const client = new OrganizationsClient({ ...base(moto.url), region: 'us-east-1' });
    await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    for (let made = 1; made < accounts; made += 1)
      await client.send(
        new CreateAccountCommand({ AccountName: `team-${made}`, Email: `team-${made}@root.example` }),
      );
    const service = await proxy(moto.url, async () => null);
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

/** `bursar audit --plan` over that organisation, each scope of which was collected before. */
export async function auditPlan({
  state,
  service,
}: {
  state: string;
  service: string;
}): Promise<Measured & { scopes: number; remembered: number }> {
  process.env['AWS_ENDPOINT_URL'] = service;
  process.env['AWS_ACCESS_KEY_ID'] = AMBIENT.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = AMBIENT.secretAccessKey;
  await mkdir(state, { recursive: true });
  await writeFile(join(state, 'bursar.yaml'), CONFIG);
  const now = new Date();
  const named = { config: join(state, 'bursar.yaml'), state };
  {
    await using before = await assembleCli(named, now, silent);
    const { ledger } = before.auditor;
    const { tasks } = await plan(before.auditor, 'r-bench', now);
    const calls = [{ api: 'ec2:DescribeInstances', count: 1 }];
    for (const task of tasks)
      await rememberReport(ledger, {
        schemaVersion: 1,
        task,
        finishedAt: now.toISOString(),
        coverage: [],
        ownCost: { amount: '0.01', currency: 'USD', calls },
        ingest: null,
        failure: null,
      });
  }
  // Another assembly: nobody has entered an account yet.
  await using house = await assembleCli(named, now, silent);
  const { value, ...figures } = await measured(() => estimate(house.auditor, now));
  return {
    ...figures,
    scopes: value.tasks.length,
    remembered: value.tasks.filter(({ basis }) => basis === 'last look').length,
  };
}
