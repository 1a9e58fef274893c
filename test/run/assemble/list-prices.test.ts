import { expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { asksAwsListPrices, asksGcpListPrices } from '../../../lib/run/assemble/list-prices.ts';
import { deployedPermissions } from '../../../lib/run/assemble/permissions.ts';

const ESTATE = 'estate: { aws: { regions: [us-east-1] }, gcp: { projects: [ml-prod] } }';
const EXPORT = 'payer: { type: aws-focus-export, bucket: acme-billing, prefix: focus, region: eu-central-1 }';
const CUR = 'cur: { type: aws-cur, bucket: acme-cur, prefix: cur, region: eu-central-1 }';
const API = 'api: { type: aws-cost-explorer }';
const FILES = 'files: { type: focus-file, path: ./bills }';
const DETAILED =
  'google: { type: gcp-bigquery, table: acme.d.gcp_billing_export_resource_v1_012345_678901_ABCDEF }';
const STANDARD = 'coarse: { type: gcp-bigquery, table: acme.d.gcp_billing_export_v1_012345_678901_ABCDEF }';
const FOCUS = 'focus: { type: gcp-bigquery, table: acme.d.gcp_billing_export_focus_012345_678901_ABCDEF }';

const config = (sources: readonly string[], estate = ESTATE) =>
  parseConfig(
    ['schemaVersion: 1', estate, 'sources:', ...sources.map((each) => `  ${each}`)].join('\n') +
      (sources.length === 0 ? ' {}' : ''),
    'bursar.yaml',
  );

test.each<[readonly string[], boolean, boolean]>([
  [[], true, true],
  [[API], true, true],
  [[EXPORT], false, true],
  [[CUR], false, true],
  [[EXPORT, API], true, true],
  [[FILES], false, false],
  [[FILES, API], true, false],
  [[DETAILED], true, false],
  [[FOCUS], true, false],
  [[STANDARD], true, true],
  [[STANDARD, DETAILED, EXPORT], false, true],
])('list prices are asked only where no bill names resources: %j', (sources, aws, gcp) => {
  expect(asksAwsListPrices(config(sources))).toBe(aws);
  expect(asksGcpListPrices(config(sources))).toBe(gcp);
});

test('of what is not looked at no price is asked', () => {
  expect(asksAwsListPrices(config([API], 'estate: { gcp: { projects: [ml-prod] } }'))).toBe(false);
  expect(asksGcpListPrices(config([], 'estate: { aws: { regions: [us-east-1] } }'))).toBe(false);
});

test('only what collects may ask, and only where it does', () => {
  const names = {
    bucket: 'b',
    lakePrefix: 'lake/',
    reportsPrefix: 'reports/',
    table: 't',
    queueArn: 'arn:aws:sqs:us-east-1:111122223333:q',
    deadLettersArn: 'arn:aws:sqs:us-east-1:111122223333:d',
  };
  const asking = (sources: readonly string[]) =>
    Object.entries(deployedPermissions(config(sources), names)).flatMap(([entry, rights]) =>
      rights.some(({ action }) => action === 'pricing:GetProducts') ? [entry] : [],
    );
  expect(asking([API])).toEqual(['collect']);
  expect(asking([EXPORT])).toEqual([]);
});
