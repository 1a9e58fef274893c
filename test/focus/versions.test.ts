import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FOCUS_COLUMNS } from '../../lib/focus/columns.ts';
import { mapColumns, missingToRead } from '../../lib/focus/versions.ts';
import { describeWithShared, sharedData } from '../shared.ts';

const V1_0 = ['BilledCost', 'EffectiveCost', 'ChargePeriodStart', 'BillingCurrency', 'ProviderName', 'Tags'];

const from = (header: readonly string[], target: string) =>
  mapColumns(header).columns.find((column) => column.target === target)?.from;

describe('the version of a header', () => {
  test.each([
    [V1_0, '1.0'],
    [[...V1_0, 'SkuMeter'], '1.1'],
    [[...V1_0, 'InvoiceId'], '1.2'],
    [[...V1_0, 'ServiceProviderName', 'HostProviderName'], '1.3'],
    [[...V1_0, 'InvoiceDetailId'], '1.4'],
    [V1_0.map((name) => (name === 'ProviderName' ? 'ServiceProviderName' : name)), '1.4'],
  ])('%j is %s', (header, version) => {
    expect(mapColumns(header).version).toBe(version);
  });
});

describe('columns of other versions', () => {
  test('a 1.4 file names provider and publisher by ServiceProviderName', () => {
    const header = ['BilledCost', 'ServiceProviderName', 'HostProviderName', 'InvoiceIssuerName'];
    expect(from(header, 'ProviderName')).toEqual(['ServiceProviderName']);
    expect(from(header, 'PublisherName')).toEqual(['ServiceProviderName']);
    expect(from(header, 'InvoiceIssuerName')).toEqual(['InvoiceIssuerName']);
    expect(mapColumns(header).custom).toEqual([{ target: 'x_HostProviderName', from: 'HostProviderName' }]);
  });

  test('a 1.3 file with both keeps ProviderName and falls back', () => {
    expect(from(['ProviderName', 'ServiceProviderName'], 'ProviderName')).toEqual([
      'ProviderName',
      'ServiceProviderName',
    ]);
  });

  test('custom columns are kept, ours are written anew, others are dropped', () => {
    const mapping = mapColumns([...V1_0, 'x_Team', 'X_Other', 'x_Source', 'Id']);
    expect(mapping.custom).toEqual([
      { target: 'x_Team', from: 'x_Team' },
      { target: 'x_Other', from: 'X_Other' },
    ]);
    expect(mapping.dropped).toEqual(['Id']);
  });

  test('names in other case are found and told', () => {
    const mapping = mapColumns(['billedcost', 'BillingCurrency ']);
    expect(mapping.recased).toEqual(['billedcost']);
    expect(missingToRead(['billedcost', 'BillingCurrency '])).toEqual(['EffectiveCost', 'ChargePeriodStart']);
  });
});

describeWithShared('columns of FOCUS 1.4', () => {
  test('each has a place', () => {
    const rows = readFileSync(sharedData('focus', 'spec', 'focus_1_4_columns.tsv'), 'utf8')
      .trim()
      .split('\n');
    const header = rows
      .map((row) => row.split('\t'))
      .filter(([dataset]) => dataset === 'Cost and Usage')
      .map(([, column]) => column ?? '');
    const mapping = mapColumns(header);
    expect(header.length).toBeGreaterThan(60);
    expect(mapping).toMatchObject({ version: '1.4', dropped: [], recased: [] });
    const filled = mapping.columns.filter((column) => column.from.length > 0).map(({ target }) => target);
    expect(filled.toSorted()).toEqual(FOCUS_COLUMNS.map(({ name }) => name).toSorted());
  });
});
