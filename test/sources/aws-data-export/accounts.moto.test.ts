import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { sourceOf } from '../../../lib/run/assemble/sources.ts';
import { collect } from '../../../lib/run/collect.ts';
import { type Moto, startMoto } from '../../counterparts/moto.ts';
import { auditorOf, opened } from '../../run/auditor.ts';
import { NOW } from './collect.ts';
import { charge, focusCsv, Payer } from './payer.ts';

/*
 * Bills of two payers, each in its own account, which moto lets nobody else read (its MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS):
 * the real assembly enters the role of each.
 */

const PAYERS = ['999900001111', '999900002222'] as const;
const TEST_KEYS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
} as const;
const before = { ...process.env };
let moto: Moto;

beforeAll(async () => {
  moto = await startMoto({ MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS: 'false' });
  Object.assign(process.env, TEST_KEYS);
  for (const [at, account] of PAYERS.entries()) {
    const s3 = await as(account);
    const bucket = `acme-payer-${at}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const payer = new Payer(s3, bucket);
    const half = at === 0 ? ['01', '15'] : ['15', '30'];
    await payer.deliver('2026-10', [
      focusCsv([
        // The account moved from the first payer to the second on the fifteenth.
        charge('2026-10', at === 0 ? '1.1' : '2.2', {
          BillingAccountId: account,
          ChargePeriodStart: `2026-10-${half[0]}T00:00:00Z`,
          ChargePeriodEnd: `2026-10-${half[1]}T00:00:00Z`,
        }),
      ]),
    ]);
    s3.destroy();
  }
}, 120_000);
afterAll(async () => {
  for (const name of Object.keys(TEST_KEYS)) {
    const former = before[name];
    if (former === undefined) delete process.env[name];
    else process.env[name] = former;
  }
  await moto.stop();
});

/** A client of the account itself. */
async function as(account: string): Promise<S3Client> {
  const sts = new STSClient({
    endpoint: moto.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Credentials: keys } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/Owner`, RoleSessionName: 'owner' }),
  );
  sts.destroy();
  return new S3Client({
    endpoint: moto.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    },
  });
}

/** The sources of a config, as the command line and the functions build them. */
async function sourcesOf(yaml: string) {
  const config = parseConfig(yaml, 'bursar.yaml');
  return await Promise.all(
    Object.entries(config.sources).map(([id, source]) =>
      sourceOf(id, source, process.cwd(), () => Promise.reject(new Error('nobody asks for the own account'))),
    ),
  );
}

const source = (at: number, more: string) =>
  `payer-${at}: { type: aws-focus-export, bucket: acme-payer-${at}, prefix: focus, region: us-east-1, endpoint: "${moto.url}"${more} }`;

test('two payers side by side, each entered by its own role; an account that moved counts on both bills', async () => {
  const lines = PAYERS.map((account, at) =>
    source(
      at,
      `, account: "${account}", roleArn: "arn:aws:iam::${account}:role/bills/Reader", externalId: acme-1`,
    ),
  );
  const sources = await sourcesOf(`schemaVersion: 1\nsources:\n  ${lines.join('\n  ')}\n`);
  const parts = await opened();
  const auditor = auditorOf(parts, sources);
  const warnings: string[] = [];
  for (const { id } of sources) {
    const report = await collect(auditor, { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: id }, NOW);
    expect(report.coverage).toMatchObject([{ status: 'complete' }]);
    warnings.push(...(report.ingest?.warnings ?? []));
  }
  const { rows } = await parts.lake.query(
    'SELECT "BillingAccountId" AS payer, "SubAccountId" AS account, CAST(SUM("BilledCost") AS DECIMAL(38,2))::VARCHAR AS billed FROM costs GROUP BY 1, 2 ORDER BY 1',
    null,
  );
  expect(rows).toEqual([
    { payer: '999900001111', account: '111122223333', billed: '1.10' },
    { payer: '999900002222', account: '111122223333', billed: '2.20' },
  ]);
  expect(warnings.filter((line) => line.includes('twice'))).toEqual([]);
});

test('without the role the bucket of another account is closed, and the error says what prints its opening', async () => {
  const [only] = await sourcesOf(`schemaVersion: 1\nsources:\n  ${source(0, '')}\n`);
  const auditor = auditorOf(await opened(), only === undefined ? [] : [only]);
  const report = await collect(
    auditor,
    { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'payer-0' },
    NOW,
  );
  expect(report.failure).toMatchObject({
    code: 'denied',
    told: expect.stringMatching(/s3:ListBucket was denied.*\n.*bursar source-access payer-0/),
  });
  expect(report.coverage).toMatchObject([{ scope: 'bill:payer-0', status: 'failed' }]);
});
