import { expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { deployedPermissions } from '../../../lib/run/assemble/permissions.ts';

const NAMES = {
  bucket: 'acme-bursar',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 'Bursar',
  queueArn: 'arn:aws:sqs:eu-central-1:444455556666:q',
  deadLettersArn: 'arn:aws:sqs:eu-central-1:444455556666:d',
};
const KEY = 'arn:aws:kms:us-east-1:999900001111:key/1234';

/** What the collector is granted for a source, beyond what it is granted without one. */
function granted(source: string): string[] {
  const without = new Set(rightsOf('{}'));
  return rightsOf(`{ main: ${source} }`).filter((right) => !without.has(right));
}

function rightsOf(sources: string): string[] {
  return deployedPermissions(
    parseConfig(`schemaVersion: 1\nsources: ${sources}\n`, 'bursar.yaml'),
    NAMES,
  ).collect.map(({ action, resources = ['*'] }) => `${action} ${resources.join(' ')}`);
}

test.each(['aws-focus-export', 'aws-cur'])('%s: its folder and its key, and nothing beside them', (type) => {
  expect(
    granted(`{ type: ${type}, bucket: acme-billing, prefix: bills/focus/, kmsKeyArn: "${KEY}" }`),
  ).toEqual([
    's3:ListBucket arn:aws:s3:::acme-billing',
    's3:GetObject arn:aws:s3:::acme-billing/bills/focus/*',
    `kms:Decrypt ${KEY}`,
  ]);
  expect(granted(`{ type: ${type}, bucket: acme-billing }`)).toEqual([
    's3:ListBucket arn:aws:s3:::acme-billing',
    's3:GetObject arn:aws:s3:::acme-billing/*',
  ]);
});

test('read with a role, the collector may enter that role alone', () => {
  const role = 'arn:aws:iam::999900001111:role/finops/Bills';
  expect(granted(`{ type: aws-cur, bucket: acme-billing, roleArn: "${role}", kmsKeyArn: "${KEY}" }`)).toEqual(
    [`sts:AssumeRole ${role}`],
  );
});
