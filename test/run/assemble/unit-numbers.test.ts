import { expect, test } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { aiUsagePermissions, deployedPermissions } from '../../../lib/run/assemble/permissions.ts';
import { localUnitFiles } from '../../../lib/run/assemble/unit-numbers.ts';

const NAMES = {
  bucket: 'acme-bursar',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 'arn:aws:dynamodb:us-east-1:111122223333:table/bursar',
  queueArn: 'arn:aws:sqs:us-east-1:111122223333:tasks',
  deadLettersArn: 'arn:aws:sqs:us-east-1:111122223333:dead',
};
const of = (more: object) => configSchema.parse({ schemaVersion: 1, ...more });
const METRIC = { type: 'cloudwatch', namespace: 'A', metric: 'B', region: 'eu-central-1' };
const UNITS = {
  units: [
    {
      name: 'shop',
      metric: { type: 'csv', path: 's3://acme-metrics/shop.csv' },
      success: { type: 'csv', path: './success.csv' },
      latency: METRIC,
      quality: { type: 'query', sql: 'SELECT 1' },
    },
    { name: 'chat', metric: { ...METRIC, roleArn: 'arn:aws:iam::444455556666:role/metrics' } },
  ],
};

test('the audit and the digest may read what units read, and nothing else of it; no other function may', () => {
  const [bare, with_] = [of({}), of(UNITS)].map((config) => deployedPermissions(config, NAMES));
  for (const entry of ['audit', 'digest'] as const) {
    const former = JSON.stringify(bare?.[entry]);
    const added = with_?.[entry].filter((each) => !former.includes(JSON.stringify(each)));
    expect(added?.map(({ action, resources }) => [entry, action, resources])).toEqual([
      [entry, 's3:GetObject', ['arn:aws:s3:::acme-metrics/shop.csv']],
      [entry, 'cloudwatch:GetMetricData', undefined],
      [entry, 'sts:AssumeRole', ['arn:aws:iam::444455556666:role/metrics']],
    ]);
  }
  expect({ ...with_, audit: [], digest: [] }).toEqual({ ...bare, audit: [], digest: [] });
});

test('files of a disk are named with where they stand', () => {
  expect(localUnitFiles(of(UNITS))).toEqual([{ where: 'units shop success', path: './success.csv' }]);
});

const actions = (more: object) => aiUsagePermissions(of(more), NAMES).map(({ action }) => action);

test('watching AI usage may list models and read counts where accounts are looked at, and act on nothing', () => {
  const aws = { estate: { aws: { accounts: 'organisation', readRole: 'BursarRead' } } };
  expect(actions(aws)).toEqual(
    expect.arrayContaining([
      'sts:AssumeRole',
      'organizations:ListAccounts',
      'cloudwatch:ListMetrics',
      'cloudwatch:GetMetricData',
      'dynamodb:PutItem',
    ]),
  );
  for (const config of [{}, { ...aws, alerts: { runaway: false } }])
    expect(actions(config).filter((each) => !/^(dynamodb|sqs):/.test(each))).toEqual([]);
  expect(actions(aws).filter((each) => /Stop|Terminate|Delete(?!Item)|^ec2:Modify/.test(each))).toEqual([]);
  expect(actions(aws)).not.toContain('dynamodb:DeleteItem');
});
