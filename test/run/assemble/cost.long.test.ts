import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Size } from 'aws-cdk-lib';
import { expect, onTestFinished, test } from 'vitest';
import { DISK_MIB, SIZES } from '../../../infra/sizes.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import { assembleCost, deploymentOf, FUNCTION_COSTS } from '../../../lib/run/assemble/cost.ts';
import { made } from '../../infra/configs.ts';

const CONFIGS = {
  least: `schemaVersion: 1
sources: { aws-api: { type: aws-cost-explorer } }
estate: { aws: {} }
`,
  most: `schemaVersion: 1
sources:
  bills: { type: focus-file, path: "s3://acme-billing/focus" }
  openai: { type: openai, key: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ai", key: openai } }
estate: { aws: { accounts: ["111122223333", "222233334444"], regions: [eu-central-1, us-east-1] } }
slack:
  token: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack", key: token }
  signingSecret: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack", key: signing }
  teamId: T000000001
  appId: A0BURSAR
  channels: { digest: C000000001, team: C000000001 }
digest: { also: { leads: { schedule: "Mon 08:00", channel: C000000002 } } }
deploy: { region: eu-central-1, slackEndpoint: http-api, kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555" }
`,
} as const;

test('memory and disk are those of the stack', () => {
  for (const [name, { memoryMiB, duckdb }] of Object.entries(SIZES)) {
    const cost = new Map(Object.entries(FUNCTION_COSTS)).get(name);
    expect(cost).toMatchObject({
      memoryMiB,
      moreDiskMiB: duckdb ? DISK_MIB - Size.mebibytes(512).toMebibytes() : 0,
    });
  }
});

test.for(['least', 'most'] as const)('what a deployment has is what the stack has: %s', async (name) => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-cost-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = parseConfig(CONFIGS[name], 'bursar.yaml');
  const { template } = made(folder, name, config);
  const count = (type: string) => Object.keys(template.findResources(type)).length;

  const deployment = deploymentOf(config);
  expect(deployment.alarms).toBe(count('AWS::CloudWatch::Alarm'));
  expect(count('AWS::CloudWatch::Dashboard')).toBe(1);
  // One queue holds the dead letters, which nobody polls.
  expect(deployment.queues).toBe(count('AWS::SQS::Queue') - 1);
  expect(deployment.httpApi).toBe(count('AWS::ApiGatewayV2::Api') === 1);
  const own = Object.values(template.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties?.Environment?.Variables?.BURSAR_TABLE !== undefined,
  );
  expect(deployment.functions).toHaveLength(own.length);
});

test.for([
  ['cron(0 9 1 * ? *)', 0.99],
  ['cron(0 9 31 * ? *)', 0.58],
  ['cron(0 9 1,15 * ? *)', 1.97],
  ['rate(60 days)', 0.5],
  ['cron(0 8-17 ? * MON-FRI *)', 200],
  // A year that is still to come, or that is over, costs what it costs while it lasts.
  ['cron(0 9 * * ? 2027)', 30],
  ['cron(0 8-17 ? * MON-FRI 2025)', 220],
] as const)('the schedule %s starts %d times a month, wherever in it they are', ([schedule, expected]) => {
  const config = parseConfig(`${CONFIGS.least}digest: { schedule: "${schedule}" }\n`, 'bursar.yaml');
  expect(deploymentOf(config).functions.find(({ name }) => name === 'digest')?.starts).toBe(expected);
});

test('schedules are counted in 30 days, secrets once for all their keys, regions as the config names them', () => {
  const deployment = deploymentOf(parseConfig(CONFIGS.most, 'bursar.yaml'));
  const starts = Object.fromEntries(deployment.functions.map(({ name, starts: each }) => [name, each]));
  expect(starts).toMatchObject({
    plan: 30,
    audit: 30,
    sweep: 2880,
    'ai-usage': 720,
    collect: null,
    slack: null,
  });
  // Two digests, each on 52 Mondays of 365 days.
  expect(starts['digest']).toBe(8.54);
  expect(deployment).toMatchObject({
    secrets: 2,
    ownKey: true,
    regions: 2,
    rowSources: 2,
    costExplorerSources: 0,
  });
  expect(deploymentOf(parseConfig(CONFIGS.least, 'bursar.yaml'))).toMatchObject({
    secrets: 0,
    ownKey: false,
    regions: 17,
    rowSources: 0,
    costExplorerSources: 1,
  });
});

const BILLS = `schemaVersion: 1
sources:
  payer: { type: aws-focus-export, bucket: acme-billing, prefix: focus, export: daily, region: eu-central-1 }
  other: { type: focus-file, path: "s3://acme-billing/other" }
  openai: { type: openai, key: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ai" } }
lake: { engine: ENGINE, athena: { region: eu-central-1, workgroup: bursar, database: billing, tables: { payer: focus } } }
`;

test.for([
  // Who asks DuckDB alone keeps all, whatever else is named.
  ['duckdb', 30_000_000, 0],
  ['athena', 30_000_000, 1],
  // Two bills of 15 million rows, 1.4 GB a month each: below the 8 GiB up to which they are kept; of 9.2 GB they are not.
  ['auto', 30_000_000, 0],
  ['auto', 200_000_000, 1],
] as const)('%s with %d rows: bills that are asked in Athena are %d', ([engine, rows, inAthena]) => {
  const config = parseConfig(BILLS.replace('ENGINE', engine), 'bursar.yaml');
  expect(deploymentOf(config, rows).bills).toEqual({ all: 2, inAthena, elsewhere: 0 });
});

test('a bill that another engine is asked for is not kept, and that its price is missing is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-cost-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'bursar.yaml');
  await writeFile(
    file,
    BILLS.replace(
      /lake:.*/,
      'lake: { engine: trino, trino: { server: "https://trino.acme.com", catalog: hive, user: bursar, tables: { payer: focus } } }',
    ),
  );
  const size = { accounts: 1, resources: 1, rows: 20_000_000 };
  const bill = await assembleCost(file, size, []);
  expect(bill.items.some(({ service }) => service === 'Athena')).toBe(false);
  expect(bill.notes.join(' ')).toContain('0 are asked in Athena and 1 by another engine');
  // Half of the rows, 92 bytes each, 13 months.
  const kept = bill.items.find(({ item }) => item === 'bills of 13 months');
  expect(Number(kept?.quantity)).toBeCloseTo((10_000_000 * 92 * 13) / 2 ** 30, 9);
});

test('a price that is none is refused with the names that there are', async () => {
  const size = { accounts: 1, resources: 1, rows: 1 };
  for (const price of [
    'lambdaArm',
    'lambdaArm=',
    'nothing=1',
    'lambdaArm=-1',
    'lambdaArm=1e3',
    'constructor=1',
  ])
    await expect(assembleCost(null, size, [price])).rejects.toMatchObject({
      code: 'input',
      hint: expect.stringContaining('lambdaArm'),
    });
  const dear = await assembleCost(null, size, ['secret=9', 'sqs=4']);
  expect(dear.items.find(({ service }) => service === 'SQS')).toMatchObject({ price: '4' });
});
