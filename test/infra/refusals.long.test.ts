import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { BursarAuditor } from '../../infra/auditor.ts';
import { BursarStack } from '../../infra/stack.ts';
import { deployedPermissions } from '../../lib/run/assemble/permissions.ts';
import { CONFIGS, configOf } from './configs.ts';

/*
 * What AWS would refuse half-way through a deployment, or take and then not do: refused at synthesis, with its key; and
 * what AWS does take is not refused.
 */

const folder = mkdtempSync(join(tmpdir(), 'bursar-refusals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HERE = { account: '111122223333', region: 'eu-central-1' };
/** The stack of a config that names no place, in the place that credentials or an app of one's own give. */
function template(text: string, env: { account: string; region: string } | Record<string, never>): Template {
  const outdir = mkdtempSync(join(folder, 'out-'));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  return Template.fromStack(new BursarStack(app, 'Bursar', { config: configOf(text), env }));
}
const refused = (where: string) => expect.objectContaining({ name: 'BursarError', code: 'config', where });

const HERE_TEXT = 'region: eu-central-1, account: "111122223333", ';
const ATHENA = CONFIGS.athena.replace(HERE_TEXT, '');

const limited = (bytesLimit: string) => () => template(ATHENA.replace('2 TiB', bytesLimit), HERE);
const two = (tables: string) =>
  ATHENA.replace(
    'sources: {',
    'sources: { other: { type: aws-focus-export, bucket: acme-more, prefix: focus, export: daily, region: eu-central-1 },',
  ).replace('{ payer: focus }', tables);

describe('Athena', () => {
  test('is made in the region where it is asked, whoever says where the stack goes', () => {
    expect(ATHENA).not.toContain('deploy: { region');
    template(ATHENA, HERE).resourceCountIs('AWS::Athena::WorkGroup', 1);
    expect(() => template(ATHENA, { ...HERE, region: 'us-east-1' })).toThrow(refused('lake.athena.region'));
    // Where nobody says it, only the deployment knows.
    template(ATHENA, {}).resourceCountIs('AWS::Athena::WorkGroup', 1);
  });

  test('a limit that no workgroup takes is refused', () => {
    expect(limited('9 MiB')).toThrow(refused('lake.athena.bytesLimit'));
    expect(limited('10 MiB')).not.toThrow();
  });

  test('two exports in one table are refused, in whatever letters', () => {
    expect(() => template(two('{ payer: focus, other: Focus }'), HERE)).toThrow(
      refused('lake.athena.tables.other'),
    );
    expect(() => template(two('{ payer: focus, other: billing.focus }'), HERE)).toThrow(
      refused('lake.athena.tables.other'),
    );
    template(two('{ payer: focus, other: more }'), HERE).resourceCountIs('AWS::Glue::Table', 2);
  });

  test('names are those that Glue keeps, in the template and in the rights', () => {
    const text = ATHENA.replace('database: billing', 'database: Billing').replace('focus } }', 'FOCUS } }');
    const made = template(text, HERE);
    made.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'billing' } });
    made.hasResourceProperties('AWS::Glue::Table', {
      DatabaseName: 'billing',
      TableInput: { Name: 'focus' },
    });
    const rights = JSON.stringify(
      deployedPermissions(configOf(text), {
        bucket: 'BUCKET',
        lakePrefix: 'lake/',
        reportsPrefix: 'reports/',
        table: 'TABLE',
        queueArn: 'QUEUE',
        deadLettersArn: 'DEAD-LETTERS',
      }),
    );
    expect(rights).toContain(':database/billing"');
    expect(rights).toContain(':table/billing/*"');
    expect(rights).not.toContain('Billing');
  });
});

test.for([
  [
    'sources.payer.region',
    'sources: { payer: { type: aws-focus-export, bucket: acme, region: cn-north-1 } }\n',
  ],
  ['estate.aws.regions', 'estate: { aws: { regions: [eu-central-1, cn-northwest-1] } }\n'],
])('%s of another partition is refused, since no function reaches it', ([where = '', text = '']) => {
  expect(() => template(text, HERE)).toThrow(refused(where));
  expect(() => template(text.replace('eu-central-1, ', ''), { ...HERE, region: 'cn-north-1' })).not.toThrow();
});

test('a boundary may be a policy of AWS itself', () => {
  const arn = 'arn:aws:iam::aws:policy/PowerUserAccess';
  template(`deploy: { permissionsBoundary: "${arn}" }\n`, HERE).allResourcesProperties('AWS::IAM::Role', {
    PermissionsBoundary: arn,
  });
  expect(() =>
    template(`deploy: { permissionsBoundary: "${arn}" }\n`, { ...HERE, region: 'cn-north-1' }),
  ).toThrow(refused('deploy.permissionsBoundary'));
});

test.for(['arn:aws:iam::amazon:policy/X', 'arn:aws:iam::aws:role/X', 'arn:aws:iam::aws:policy/'])(
  'and %s is none',
  (arn) => {
    expect(() => configOf(`deploy: { permissionsBoundary: "${arn}" }\n`)).toThrow(/the ARN of a policy/);
  },
);

const Named = z.object({ Properties: z.object({ Description: z.string() }) });

test.for([1, 3, 40])('%d stores in one VPC have a collector that Lambda takes', (many) => {
  const stores = Array.from(
    { length: many },
    (_, at) =>
      `a-store-with-a-name-${at}: { type: pgvector, url: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs-${at}" }, network: { vpcId: vpc-0123456789abcdef1, subnets: [subnet-0123456789abcdef1], securityGroups: [sg-0123456789abcdef1] } }`,
  );
  const functions = template(`estate: { stores: { ${stores.join(', ')} } }\n`, HERE).findResources(
    'AWS::Lambda::Function',
  );
  const told = Object.values(functions).map((each) => Named.parse(each).Properties.Description);
  expect(told.filter((text) => text.length > 256)).toEqual([]);
  expect(told.find((text) => text.includes('in their VPC'))).toContain(
    many === 40 ? 'collects 40 vector stores' : 'collects the vector stores a-store-with-a-name-0',
  );
});

function standInsTold(): { told: string[]; text: string } {
  const app = new App({
    outdir: mkdtempSync(join(folder, 'out-')),
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  const stack = new BursarStack(app, 'Bursar', { config: configOf(''), env: HERE });
  const told = Annotations.fromStack(stack).findWarning(
    '*',
    Match.stringLikeRegexp('is set in your environment'),
  );
  return {
    told: told.map(({ entry }) => z.string().parse(entry.data)),
    text: JSON.stringify(Template.fromStack(stack)),
  };
}

test('an address of a stand-in that is left in the environment is told, since tokens would go there', () => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  for (const name of ['AWS_ENDPOINT_URL', 'SLACK_API_URL']) vi.stubEnv(name, '');
  expect(standInsTold().told).toEqual([]);
  vi.stubEnv('SLACK_API_URL', 'http://127.0.0.1:4100/api/');
  const { told, text } = standInsTold();
  expect(told).toEqual([expect.stringContaining('ask http://127.0.0.1:4100/api/, and never Slack')]);
  expect(text).toContain('"SLACK_API_URL":"http://127.0.0.1:4100/api/"');
  expect(text).not.toContain('AWS_ENDPOINT_URL');
});

test('in an app of one’s own what only the deployment knows is no value of the config', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Finops');
  const bill = new Bucket(stack, 'Bill');
  const auditor = (config: Readonly<Record<string, unknown>>) => () =>
    new BursarAuditor(stack, 'Bursar', { config: { schemaVersion: 1, ...config } });
  expect(auditor({ sources: { payer: { type: 'aws-focus-export', bucket: bill.bucketName } } })).toThrow(
    refused('config.sources.payer.bucket'),
  );
});

test('nor is it of a text that takes anything', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Finops');
  const config = { schemaVersion: 1, organisation: { name: stack.region }, owners: { tags: ['owner'] } };
  expect(() => new BursarAuditor(stack, 'Bursar', { config })).toThrow(refused('config.organisation.name'));
});

function apisOf(stackName: string): string[] {
  const config = configOf(CONFIGS['http-api'].replace('deploy: { ', `deploy: { stackName: ${stackName}, `));
  const app = new App({
    outdir: mkdtempSync(join(folder, 'out-')),
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  const stack = new BursarStack(app, 'Bursar', { config, stackName, env: HERE });
  return Object.values(Template.fromStack(stack).findResources('AWS::ApiGatewayV2::Api')).map(
    (each) => z.object({ Properties: z.object({ Name: z.string() }) }).parse(each).Properties.Name,
  );
}

test('the API of each stack has the stack’s name, however long', () => {
  expect(apisOf('Second')).toEqual(['Second clicks']);
  expect(apisOf('A'.repeat(128))).toEqual([`${'A'.repeat(121)} clicks`]);
});
