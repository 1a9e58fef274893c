import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silent } from '../../lib/platform/progress.ts';
import { commitmentReport } from '../../lib/run/commitments.ts';
import { delivery } from '../lake/bills.ts';
import { describeWithShared, sharedData } from '../shared.ts';
import { auditorOf, opened } from './auditor.ts';

const NOW = new Date('2023-01-10T00:00:00Z');

/** What the examples leave out, without which a charge is no money of any provider. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  BillingCurrency: 'USD',
  ProviderName: 'AWS',
  ServiceName: 'Amazon Elastic Compute Cloud',
  ServiceCategory: 'Compute',
  ChargeDescription: 'per On Demand Linux m5.large Instance Hour',
  RegionId: 'us-east-1',
  PricingUnit: 'Hrs',
};

/** An example as a bill. Nothing was negotiated in it: contracted is list. */
async function reportOf(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-examples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const text = await readFile(sharedData('focus', 'spec', 'examples-1.2', `${name}.csv`), 'utf8');
  const [header = [], ...rows] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(','));
  const list = header.indexOf('ListCost');
  const path = join(folder, 'bill.csv');
  const lines = [
    [...header, ...Object.keys(LEFT_OUT), 'ContractedCost'],
    ...rows.map((row) => [...row, ...Object.values(LEFT_OUT), row[list] ?? '']),
  ];
  await writeFile(path, lines.map((cells) => `${cells.join(',')}\n`).join(''));
  const { lake, ledger } = await opened();
  await lake.ingest(delivery('example', [{ path, shownAs: name, format: 'csv' }]), NOW, silent);
  const { held, coverage } = await commitmentReport(auditorOf({ lake, ledger }, []), NOW);
  return { held, coverage };
}

const USD = (amount: string) => ({ amount, currency: 'USD' });

describeWithShared('worked examples of commitments of the FOCUS specification 1.2', () => {
  test.each([
    ['commitment_discount_usage_scenario_1', '1', '0', '1'],
    ['commitment_discount_usage_scenario_2', '0', '1', '0'],
    ['commitment_discount_usage_scenario_3', '0.75', '0.25', '0.75'],
    ['commitment_discount_usage_scenario_4', '1', '0', '1'],
    ['one_hundred_percent_utilization_without_commitment_discount_flexibility', '1.5', '0', '1'],
    ['one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource', '0.5', '0', '1'],
    ['one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources', '2', '0', '1'],
    ['zero_percent_utilization_without_commitment_discount_flexibility', '0', '1.5', '0'],
  ])('%s: used %s, unused %s, utilisation %s', async (name, used, unused, utilisation) => {
    const { held } = await reportOf(name);
    expect(held).toMatchObject([
      { id: '<my-commitment-discount-id>', used: USD(used), unused: USD(unused), utilisation },
    ]);
  });

  test.each([
    // 3.00 of list covered, nothing beside it.
    ['one_hundred_percent_utilization_without_commitment_discount_flexibility', '3', '0', '1'],
    // Two machines of 2.00, both covered.
    ['one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources', '4', '0', '1'],
    // The plan was for another machine: 2.00 on demand, nothing covered.
    ['zero_percent_utilization_without_commitment_discount_flexibility', '0', '2', '0'],
    // As the example has it: 3.00 covered, 2.25 on demand.
    [
      'one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource',
      '3',
      '2.25',
      '0.571428571428571429',
    ],
  ])('%s: coverage %s of what beside it is %s', async (name, covered, onDemand, share) => {
    const { coverage } = await reportOf(name);
    expect(coverage).toEqual([{ kind: 'aws-compute', currency: 'USD', covered, onDemand, share }]);
  });

  test('a purchase paid at once tells when its term ends', async () => {
    const { held } = await reportOf('commitment_discount_purchase_scenario_1');
    expect(held).toMatchObject([
      { used: USD('0'), unused: USD('0'), utilisation: null, ends: '2024-01-01T00:00:00.000Z' },
    ]);
  });
});
