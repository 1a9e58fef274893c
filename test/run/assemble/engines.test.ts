import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import type { Config } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { whenAsked } from '../../../lib/run/assemble/clouds.ts';
import { enginePermissions, lakeEngines, onlyInPlace } from '../../../lib/run/assemble/engines.ts';
import { fromConfig } from '../../../lib/run/assemble/parts.ts';
import { deployedPermissions } from '../../../lib/run/assemble/permissions.ts';

const SOURCES = `
sources:
  payer: { type: aws-focus-export, bucket: acme-billing, prefix: focus, region: eu-central-1 }
  other: { type: aws-focus-export, bucket: acme-other, prefix: focus, region: eu-central-1 }
  cur: { type: aws-cur, bucket: acme-cur, prefix: cur }
  google: { type: gcp-bigquery, table: acme-billing-p.d.gcp_billing_export_resource_v1_A, location: EU }
  nowhere: { type: gcp-bigquery, table: acme-billing-p.d.gcp_billing_export_resource_v1_B }
`;
const config = (lake: string, payer = ''): Config =>
  parseConfig(
    `schemaVersion: 1\n${SOURCES.replace('prefix: focus, region', `prefix: focus${payer}, region`)}\nlake: ${lake}\n`,
    'bursar.yaml',
  );
const ATHENA =
  'athena: { region: eu-central-1, workgroup: bursar, database: billing, output: "s3://acme-answers/bursar/", bytesLimit: 2 TiB, tables: { payer: focus_export } }';
const TRINO =
  'trino: { server: "https://trino.acme.com", catalog: hive, user: bursar, tables: { other: billing.focus } }';
const BIGQUERY = 'bigquery: { sources: [google] }';

describe('what the config may say', () => {
  test.each([
    [`{ ${ATHENA.replace('payer:', 'pyer:')} }`, 'did you mean payer?'],
    [
      `{ ${ATHENA.replace('payer:', 'cur:')} }`,
      'is of type aws-cur, and athena asks aws-focus-export in place',
    ],
    [`{ ${ATHENA.replace('payer:', 'google:')} }`, 'is of type gcp-bigquery'],
    [`{ ${ATHENA}, ${TRINO.replace('other:', 'payer:')} }`, 'has a table of another engine, too'],
    ['{ bigquery: { sources: [nowhere] } }', 'names no location'],
    ['{ bigquery: { sources: [payer] } }', 'is of type aws-focus-export, and bigquery asks gcp-bigquery'],
    ['{ engine: athena }', 'lake.athena is missing'],
    ['{ engine: trino }', 'lake.trino is missing'],
    ['{ engine: bigquery }', 'lake.bigquery is missing'],
    [`{ ${ATHENA.replace('2 TiB', '2 TB')} }`, 'expected a size in MiB, GiB or TiB'],
    [`{ ${ATHENA.replace('focus_export', "'a; DROP TABLE b'")} }`, 'expected the name of a table'],
    [`{ ${ATHENA.replace('s3://acme-answers/bursar/', 'acme-answers')} }`, 'expected s3://bucket/folder/'],
  ])('%s', (lake, says) => {
    expect(() => config(lake)).toThrow(says);
  });
});

describe('engines of a config', () => {
  test('none is built where none is named', async () => {
    expect(await lakeEngines(config('{}'), new Meter())).toEqual({
      engine: 'auto',
      mostLocalBytes: 8n * 2n ** 30n,
      inPlace: [],
    });
  });

  test('each table is asked by its engine, and nothing is called yet', async () => {
    const { engine, inPlace, mostLocalBytes } = await lakeEngines(
      config(`{ engine: trino, mostLocal: 1 GiB, ${ATHENA}, ${TRINO}, ${BIGQUERY} }`),
      new Meter(),
    );
    expect([engine, mostLocalBytes]).toEqual(['trino', 2n ** 30n]);
    expect(inPlace.map(({ sourceId, table, engine: { shownAs } }) => [sourceId, table, shownAs])).toEqual([
      ['payer', 'focus_export', 'athena:eu-central-1:bursar'],
      ['other', 'billing.focus', 'trino:trino.acme.com:hive.default'],
      ['google', 'acme-billing-p.d.gcp_billing_export_resource_v1_A', 'bigquery:acme-billing-p:EU'],
    ]);
  });

  test('a bill is not collected where its engine is named, and told so; auto collects it', async () => {
    const named = config(`{ engine: athena, ${ATHENA}, ${TRINO} }`);
    expect(['payer', 'other', 'cur'].map((id) => onlyInPlace(named, id))).toEqual([true, false, false]);
    expect(onlyInPlace(config(`{ ${ATHENA} }`), 'payer')).toBe(false);
    expect(onlyInPlace(config(`{ engine: duckdb, ${ATHENA} }`), 'payer')).toBe(false);
    expect(onlyInPlace(config(`{ engine: bigquery, ${BIGQUERY} }`), 'google')).toBe(true);
    const { sources } = await fromConfig(named, whenAsked);
    const payer = sources.find(({ id }) => id === 'payer');
    expect(payer?.permissions).toEqual([]);
    expect(await payer?.examine?.({ meter: new Meter(), now: new Date() })).toContain(
      'asked in place by athena',
    );
    expect(sources.find(({ id }) => id === 'other')?.permissions.length).toBeGreaterThan(0);
  });
});

const NAMES = {
  bucket: 'b',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 't',
  queueArn: 'arn:aws:sqs:eu-central-1:111122223333:q',
  deadLettersArn: 'arn:aws:sqs:eu-central-1:111122223333:d',
};

const actions = (permissions: readonly { action: string }[]) =>
  new Set(permissions.map(({ action }) => action).filter((action) => /^(athena|glue):/.test(action)));

const reads = (lake: string) =>
  deployedPermissions(config(lake), NAMES).collect.some(({ resources = [] }) =>
    resources.some((arn) => arn.includes('acme-billing')),
  );

describe('rights', () => {
  test('functions that ask the lake may ask Athena, on its workgroup and database alone; others may not', () => {
    const granted = deployedPermissions(config(`{ engine: athena, ${ATHENA} }`), NAMES);
    expect(actions(granted.audit).size).toBe(9);
    expect(actions(granted.digest)).toEqual(actions(granted.audit));
    for (const entry of ['plan', 'sweep', 'slack'] as const) expect(actions(granted[entry]).size).toBe(0);
    const start = granted.audit.find(({ action }) => action === 'athena:StartQueryExecution');
    expect(start?.resources).toEqual(['arn:aws:athena:eu-central-1:*:workgroup/bursar']);
    const put = granted.audit.find(
      ({ action, resources = [] }) =>
        action === 's3:PutObject' && resources.some((arn) => arn.includes('acme')),
    );
    expect(put?.resources).toEqual(['arn:aws:s3:::acme-answers/bursar/*']);
  });

  test('an export under a key of its own is decrypted by who asks, and read in its folder alone', () => {
    const keyed = config(
      `{ engine: athena, ${ATHENA} }`,
      ', kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/1"',
    );
    const { audit, digest, sweep } = deployedPermissions(keyed, NAMES);
    for (const granted of [audit, digest])
      expect(granted.find(({ action }) => action === 'kms:Decrypt')?.resources).toEqual([
        'arn:aws:kms:eu-central-1:111122223333:key/1',
      ]);
    expect(sweep.some(({ action }) => action === 'kms:Decrypt')).toBe(false);
    const onExport = audit.filter(({ resources = [] }) =>
      resources.some((arn) => arn.includes('acme-billing')),
    );
    expect(new Set(onExport.flatMap(({ resources = [] }) => resources))).toEqual(
      new Set(['arn:aws:s3:::acme-billing', 'arn:aws:s3:::acme-billing/focus/*']),
    );
  });

  test('where auto may leave a period to Athena, the collector may look at the table; to BigQuery it leaves none', () => {
    expect(actions(deployedPermissions(config(`{ ${ATHENA} }`), NAMES).collect).size).toBe(9);
    expect(actions(deployedPermissions(config(`{ engine: athena, ${ATHENA} }`), NAMES).collect).size).toBe(0);
    expect(actions(deployedPermissions(config('{}'), NAMES).collect).size).toBe(0);
  });

  test('without Athena nothing of it is granted', () => {
    expect(actions(deployedPermissions(config('{}'), NAMES).audit).size).toBe(0);
    expect(enginePermissions(config('{}'))).toEqual([]);
  });

  test('what is asked in place is not read by the collector', () => {
    expect([reads('{}'), reads(`{ engine: athena, ${ATHENA} }`)]).toEqual([true, false]);
  });
});
