import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { sourceAccess } from '../../lib/run/assemble/source-access.ts';
import { readerTemplate } from '../../lib/run/source-access.ts';
import { lintTemplate } from '../counterparts/cfn-lint.ts';

test.each([
  ['a bucket alone', '{ type: aws-cur, bucket: acme-billing }', ''],
  [
    'everything',
    '{ type: aws-focus-export, bucket: acme-billing, prefix: a/b/, account: "999900001111", roleArn: "arn:aws:iam::999900001111:role/x/y/Bills", externalId: acme-1, kmsKeyArn: "arn:aws:kms:us-east-1:999900001111:key/1234" }',
    'deploy: { account: "444455556666" }\nestate: { aws: { organisationId: o-a1b2c3d4e5 } }',
  ],
  ['Cost Explorer', '{ type: aws-cost-explorer, roleArn: "arn:aws:iam::999900001111:role/Costs" }', ''],
])('the stack that reads a bill passes cfn-lint: %s', async (_, source, more) => {
  const config = parseConfig(`schemaVersion: 1\n${more}\nsources: { main: ${source} }\n`, 'bursar.yaml');
  const folder = await mkdtemp(join(tmpdir(), 'bursar-access-'));
  const file = join(folder, 'reader.yaml');
  await writeFile(file, readerTemplate(sourceAccess(config, 'main')));
  expect(await lintTemplate(inject('cfnLint').python, file)).toEqual([]);
  await rm(folder, { recursive: true });
});
