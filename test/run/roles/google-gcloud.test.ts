import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import type { Config } from '../../../lib/config/schema.ts';
import { googleGrants } from '../../../lib/run/assemble/google-permissions.ts';
import { deployedPermissions } from '../../../lib/run/assemble/permissions.ts';
import { googleSetup } from '../../../lib/run/roles/google.ts';
import { googleCommands } from '../../../lib/run/roles/google-gcloud.ts';
import { NAMES } from '../../../lib/run/roles/names.ts';

/*
 * The script is run by a real shell. In the place of gcloud and bq stands what writes down how it was called, one
 * argument a line, and says of everything that is described that it is not there.
 */
const STAND_IN = `#!/bin/sh
{ printf '%s\\0' "\${0##*/}" "$@"; printf '\\n'; } >> "$CALLS"
case " $* " in *" describe "*projectNumber*) echo 123456789012 ;; *" describe "*) exit 1 ;; esac
`;

const STOP = `policies: [{ check: "*", mode: stop }]
owners: { creators: true, domains: [acme.com] }
sources: { g: { type: gcp-bigquery, table: acme-billing.bills.t, project: acme-lab } }
estate:
  gcp: { projects: [acme-prod, acme-lab], advice: true, actAs: bursar-act@acme-ops.iam.gserviceaccount.com }
  stores:
    docs: { type: qdrant, url: "https://docs.acme.example", auth: { env: DOCS }, documents: [{ key: id, source: { type: gcs, bucket: acme-docs } }] }`;

const configOf = (text: string) => parseConfig(`schemaVersion: 1\n${text}\n`, 'bursar.yaml');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-gcloud-'));
  for (const name of ['gcloud', 'bq']) {
    await writeFile(join(folder, name), STAND_IN);
    await chmod(join(folder, name), 0o755);
  }
});
afterEach(() => rm(folder, { recursive: true }));

const arnOf = (role: string) => `arn:aws:iam::111122223333:role/Bursar-${role}-ABCDEFGHIJKL`;

/** Every call of the script, as its words; and what it told. */
async function ran(config: Config, env: Record<string, string> = {}) {
  const setup = googleSetup(config);
  if (setup === null) throw new Error('the config asks Google nothing');
  const script = join(folder, 'google.sh');
  await writeFile(script, googleCommands(setup));
  const { stdout } = await promisify(execFile)('bash', [script], {
    env: {
      PATH: [folder, process.env['PATH'] ?? ''].join(delimiter),
      CALLS: join(folder, 'calls'),
      PLAN_ROLE_ARN: arnOf('PlanRole'),
      COLLECT_ROLE_ARN: arnOf('CollectRole'),
      SWEEP_ROLE_ARN: arnOf('SweepRole'),
      ORGANIZATION: '998877665544',
      OPS_PROJECT: 'acme-ops',
      ...env,
    },
  });
  const calls = (await readFile(join(folder, 'calls'), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\0').slice(0, -1));
  return { stdout, calls };
}

const flag = (call: readonly string[], name: string) =>
  call.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const named = (calls: readonly string[][], ...words: string[]) =>
  calls.filter((call) => words.every((word, at) => call[at + 1] === word));

const POOL = 'projects/123456789012/locations/global/workloadIdentityPools/bursar';
const principal = (role: string) =>
  `principalSet://iam.googleapis.com/${POOL}/attribute.aws_role/Bursar-${role}-ABCDEFGHIJKL`;

describe('the script', () => {
  test('makes a pool that knows functions by their roles, and lets nobody else of the account in', async () => {
    const { calls } = await ran(configOf(STOP));
    const [provider] = named(calls, 'iam', 'workload-identity-pools', 'providers', 'create-aws');
    expect(provider?.[5]).toMatch(/^[a-z0-9-]{4,32}$/);
    expect(flag(provider ?? [], 'account-id')).toBe('111122223333');
    // The subject has at most 127 bytes: the name of a role has 64.
    expect(flag(provider ?? [], 'attribute-mapping')).toBe(
      "google.subject=assertion.arn.extract('assumed-role/{role}/'),attribute.aws_role=assertion.arn.extract('assumed-role/{role}/')",
    );
    expect(flag(provider ?? [], 'attribute-condition')).toBe(
      "attribute.aws_role in ['Bursar-CollectRole-ABCDEFGHIJKL', 'Bursar-SweepRole-ABCDEFGHIJKL']",
    );
  });

  test('lets who reads become one service account, and the sweep alone the one that acts', async () => {
    const { calls } = await ran(configOf(STOP));
    const bound = named(calls, 'iam', 'service-accounts', 'add-iam-policy-binding').map((call) => [
      call[4],
      flag(call, 'role'),
      flag(call, 'member'),
    ]);
    const user = 'roles/iam.workloadIdentityUser';
    expect(bound).toEqual([
      ['bursar-read@acme-ops.iam.gserviceaccount.com', user, principal('CollectRole')],
      ['bursar-read@acme-ops.iam.gserviceaccount.com', user, principal('SweepRole')],
      ['bursar-act@acme-ops.iam.gserviceaccount.com', user, principal('SweepRole')],
    ]);
  });

  test('makes each custom role with exactly the declared permissions, and gives it where it is needed', async () => {
    const config = configOf(STOP);
    const { calls } = await ran(config);
    const made = named(calls, 'iam', 'roles', 'create').map((call) => [
      call[4],
      flag(call, 'project') ?? flag(call, 'organization'),
      flag(call, 'permissions')?.split(','),
    ]);
    const of = new Map(
      googleGrants(config).map(({ roleId, permissions }) => [
        roleId,
        permissions.map(({ action }) => action),
      ]),
    );
    expect(made).toEqual([
      ['bursarRead', 'acme-prod', of.get('bursarRead')],
      ['bursarRead', 'acme-lab', of.get('bursarRead')],
      ['bursarBilling', '998877665544', of.get('bursarBilling')],
      ['bursarQueries', 'acme-lab', ['bigquery.jobs.create']],
      ['bursarBills', 'acme-billing', ['bigquery.tables.get', 'bigquery.tables.getData']],
      ['bursarDocuments', '998877665544', ['storage.objects.list']],
      ['bursarAct', 'acme-prod', of.get('bursarAct')],
      ['bursarAct', 'acme-lab', of.get('bursarAct')],
    ]);
    const projects = named(calls, 'projects', 'add-iam-policy-binding').map(
      (call) => `${call[3]} ${flag(call, 'role')} ${flag(call, 'member')}`,
    );
    expect(projects).toContain(
      'acme-lab projects/acme-lab/roles/bursarAct serviceAccount:bursar-act@acme-ops.iam.gserviceaccount.com',
    );
    expect(projects).toHaveLength(5);
    expect(calls.find(([name]) => name === 'bq')?.at(-1)).toBe(
      "GRANT `projects/acme-billing/roles/bursarBills` ON SCHEMA `acme-billing`.`bills` TO 'serviceAccount:bursar-read@acme-ops.iam.gserviceaccount.com'",
    );
  });

  test('tells what to write into the config, and the config takes it', async () => {
    const { stdout } = await ran(configOf(STOP));
    const [, told = ''] = stdout.split('Write into the config:\n');
    expect(configOf(told).deploy.google).toEqual({
      provider: `${POOL}/providers/bursar-aws`,
      serviceAccount: 'bursar-read@acme-ops.iam.gserviceaccount.com',
    });
  });

  test('says which variable is missing before it makes anything', async () => {
    await expect(ran(configOf(STOP), { SWEEP_ROLE_ARN: '' })).rejects.toThrow(
      'output SweepRoleArn of the stack',
    );
    await expect(readFile(join(folder, 'calls'), 'utf8')).rejects.toThrow('ENOENT');
  });

  test('gives nothing that acts where no policy says stop, and looks at the organisation where no project is named', async () => {
    const { calls } = await ran(configOf('estate: { gcp: { projects: linked } }'));
    expect(calls.flat().join(' ')).not.toMatch(/bursarAct|bursar-act|\.stop/);
    expect(named(calls, 'projects', 'add-iam-policy-binding')).toEqual([]);
    expect(named(calls, 'organizations', 'add-iam-policy-binding').map((call) => flag(call, 'role'))).toEqual(
      ['organizations/998877665544/roles/bursarRead', 'organizations/998877665544/roles/bursarBilling'],
    );
    // Who lists the projects is one of those who read.
    expect(
      named(calls, 'iam', 'service-accounts', 'add-iam-policy-binding').map((call) => flag(call, 'member')),
    ).toEqual(['PlanRole', 'CollectRole', 'SweepRole'].map(principal));
  });
});

test.each([
  STOP,
  'estate: { gcp: { projects: organisation, advice: true } }',
  'sources: { g: { type: gcp-bigquery, table: acme-billing.bills.t } }',
])('the roles hold what the functions declare, no more and no less: %s', (text) => {
  const config = configOf(text);
  const declared = Object.values(deployedPermissions(config, NAMES))
    .flat()
    // On one service account, which the script binds by itself.
    .filter(({ cloud, resources }) => cloud === 'gcp' && resources === undefined);
  const held = googleGrants(config)
    .filter(({ identity }) => identity === 'read')
    .flatMap(({ permissions }) => permissions);
  expect(new Set(held.map(({ action }) => action))).toEqual(new Set(declared.map(({ action }) => action)));
});

test('a config that asks Google nothing has no set-up', () => {
  expect(googleSetup(configOf('estate: { aws: {} }'))).toBeNull();
});
