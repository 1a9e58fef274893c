import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rightsTable } from '../../infra/rights.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { defaultDeployedConfig } from '../../lib/config/schema.ts';
import { ROOT } from './cdk.ts';

/** A config that uses each part that brings rights of its own. */
const MORE = parseConfig(
  `schemaVersion: 1
sources:
  aws-api: { type: aws-cost-explorer }
  payer: { type: aws-cost-explorer, roleArn: arn:aws:iam::111122223333:role/Payer }
  invoices: { type: focus-file, path: s3://acme-billing/focus }
estate:
  aws: { accounts: organisation, tagRole: BursarTag }
  gcp: { projects: [acme-prod] }
  stores: { docs: { type: pgvector, url: { secret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs } } }
policies: [{ check: "*", mode: stop }]
slack:
  token: { secret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack }
  signingSecret: { secret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:sign }
  teamId: T012AB3CD
  appId: A012AB3CD
`,
  'bursar.yaml',
);

/** To write the page anew: put what the failure shows between its markers. */
test.for([
  ['own', rightsTable(defaultDeployedConfig())],
  ['more', rightsTable(MORE, defaultDeployedConfig())],
] as const)('docs/deploy.md lists the rights as the adapters declare them: %s', ([name, table]) => {
  const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  const [, held] = new RegExp(`<!-- rights: ${name} -->\n\n(.*?)\n\n<!-- end -->`, 's').exec(page) ?? [];
  expect(plain(held ?? '')).toEqual(plain(table));
});

/** A table's lines without the padding that the formatter gives them. */
function plain(text: string): string[] {
  return text.split('\n').map((line) => line.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---'));
}
