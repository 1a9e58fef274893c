import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { sourceAccess } from '../../lib/run/assemble/source-access.ts';
import { readerTemplate } from '../../lib/run/source-access.ts';
import { lintTemplates } from '../counterparts/cfn-lint.ts';

const SOURCES = [
  ['a bucket alone', '{ type: aws-cur, bucket: acme-billing }', ''],
  [
    'everything',
    '{ type: aws-focus-export, bucket: acme-billing, prefix: a/b/, account: "999900001111", roleArn: "arn:aws:iam::999900001111:role/x/y/Bills", externalId: acme-1, kmsKeyArn: "arn:aws:kms:us-east-1:999900001111:key/1234" }',
    'deploy: { account: "444455556666" }\nestate: { aws: { organisationId: o-a1b2c3d4e5 } }',
  ],
  ['Cost Explorer', '{ type: aws-cost-explorer, roleArn: "arn:aws:iam::999900001111:role/Costs" }', ''],
] as const;

test('the stack that reads a bill passes cfn-lint: of a bucket alone, of everything, of Cost Explorer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-access-'));
  const files = await Promise.all(
    SOURCES.map(async ([name, source, more]) => {
      const config = parseConfig(`schemaVersion: 1\n${more}\nsources: { main: ${source} }\n`, 'bursar.yaml');
      const file = join(folder, `${name}.yaml`);
      await writeFile(file, readerTemplate(sourceAccess(config, 'main')));
      return file;
    }),
  );
  expect(await lintTemplates(inject('cfnLint').python, files)).toEqual([]);
  await rm(folder, { recursive: true });
});
