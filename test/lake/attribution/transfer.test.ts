import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TRANSFER_CLASSES, type TransferClass } from '../../../lib/focus/transfer.ts';
import { duckdb } from '../../../lib/lake/dialect/duckdb.ts';
import { type Engine, openEngine } from '../../../lib/lake/engine/duckdb.ts';
import { describeWithShared, sharedData } from '../../shared.ts';
import { type Charge, viewOf } from './charges.ts';

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-transfer-'));
  engine = await openEngine({ tempDir: folder, memoryMiB: 256 });
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function classesOf(charges: readonly Charge[]): Promise<string[]> {
  const rows = await engine.ask(
    viewOf(duckdb, charges),
    'SELECT x_TransferClass FROM costs ORDER BY x_at',
    {},
  );
  return rows.map((row) => z.string().parse(row['x_TransferClass']));
}

const usage = { ChargeCategory: 'Usage', ChargePeriodStart: '2026-11-05 00:00:00' };
const aws = (x_UsageType: string): Charge => ({ ...usage, ProviderName: 'AWS', x_UsageType });
const gcp = (SkuMeter: string): Charge => ({ ...usage, ProviderName: 'Google Cloud', SkuMeter });
const azure = (x_SkuMeterName: string): Charge => ({ ...usage, ProviderName: 'Microsoft', x_SkuMeterName });

describe('data transfer is a class of its own', () => {
  const KNOWN: readonly (readonly [Charge, TransferClass])[] = [
    [aws('DataTransfer-Out-Bytes'), 'internet'],
    [aws('EUC1-DataTransfer-Out-Bytes'), 'internet'],
    [aws('EUC1-DataTransfer-In-Bytes'), 'internet'],
    [aws('USE2-DataTransfer-Regional-Bytes'), 'inter-zone'],
    [aws('DataTransfer-xAZ-Out-Bytes'), 'inter-zone'],
    [aws('USE2-APS3-AWS-Out-Bytes'), 'inter-region'],
    [aws('USW2-AWS-In-Bytes'), 'inter-region'],
    [aws('NatGateway-Bytes'), 'nat'],
    [aws('EU-NatGateway-Bytes'), 'nat'],
    // A machine of its own, paid by the hour whether or not anything goes through it.
    [aws('EU-NatGateway-Hours'), 'no transfer'],
    [aws('USE1-CloudFront-Out-Bytes'), 'other transfer'],
    [aws('APS1-TransitGateway-Bytes'), 'other transfer'],
    [aws('USE1-VpcEndpoint-Bytes'), 'other transfer'],
    [aws('TimedStorage-ByteHrs'), 'no transfer'],
    [aws('USE1-DataProcessing-Bytes'), 'no transfer'],
    [aws('BoxUsage:m5.large'), 'no transfer'],
    [gcp('Network Inter Zone Data Transfer Out'), 'inter-zone'],
    [gcp('Network Internet Data Transfer Out from Americas to EMEA'), 'internet'],
    [gcp('Network Internet Egress from Americas to Americas'), 'internet'],
    [gcp('Network Inter Region Data Transfer Out from Americas to Netherlands'), 'inter-region'],
    [gcp('NAT Gateway: Data processing charge in Frankfurt'), 'nat'],
    [gcp('N1 Predefined Instance Core running in Americas'), 'no transfer'],
    [azure('Standard Data Processed'), 'nat'],
    [azure('Standard Data Transfer Out'), 'internet'],
    [azure('Inter-Availability Zone Data Transfer Out'), 'inter-zone'],
    [azure('Intra Continent Data Transfer Out'), 'inter-region'],
    [azure('D2s v3'), 'no transfer'],
  ];

  test('by usage type, SKU and meter', async () => {
    const classes = await classesOf(KNOWN.map(([charge]) => charge));
    expect(KNOWN.map(([charge], at) => [charge, classes[at]])).toEqual(KNOWN);
  });

  test('what a bill says of itself stands, and a biller that no rule knows has none', async () => {
    expect(
      await classesOf([
        { ...aws('DataTransfer-Out-Bytes'), x_TransferClass: 'inter-zone' },
        { ...usage, ProviderName: 'Someone', SkuMeter: 'DataTransfer-Out-Bytes' },
      ]),
    ).toEqual(['inter-zone', 'no transfer']);
  });
});

describeWithShared('data transfer in a real bill', () => {
  test('is known by descriptions where it tells no more', async () => {
    const path = sharedData('focus', 'focus_sample_1.0_1000.csv');
    const Row = z.object({ ProviderName: z.string(), ChargeDescription: z.string() });
    const rows = z.array(Row).parse(parse(await readFile(path), { columns: true, bom: true }));
    const told = [
      ...new Set(rows.filter((row) => row.ProviderName === 'AWS').map((row) => row.ChargeDescription)),
    ];
    const classes = await classesOf(
      told.map((ChargeDescription) => ({ ...usage, ProviderName: 'AWS', ChargeDescription })),
    );
    const of = (found: string) => told.filter((_, at) => classes[at] === found);
    const moved = told.filter((text) => /data transfer|data processed by nat/i.test(text));
    expect(moved.length).toBeGreaterThan(30);
    expect(told.filter((_, at) => classes[at] !== 'no transfer')).toEqual(moved);
    for (const text of of('inter-region')) expect(text).toMatch(/ data transfer (to|from) [A-Z]/);
    for (const text of of('inter-zone')) expect(text).toContain('regional data transfer');
    for (const text of of('internet'))
      expect(text).not.toMatch(/regional|CloudFront|data transfer (to|from) [A-Z]/);
    for (const text of of('nat')) expect(text).toContain('Data Processed by NAT Gateways');
    expect([...new Set(classes)].toSorted()).toEqual([...TRANSFER_CLASSES].toSorted());
  });
});
