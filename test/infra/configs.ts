import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { checked } from '../../infra/nag.ts';
import { BursarStack } from '../../infra/stack.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { type Config, defaultDeployedConfig } from '../../lib/config/schema.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret';
const SLACK = `slack: { token: { secret: "${SECRET}:slack" }, signingSecret: { secret: "${SECRET}:sign" }, teamId: T012AB3CD, appId: A012AB3CD, channels: { digest: "#finops", team: "#finops" } }`;
const HERE = 'region: eu-central-1, account: "111122223333"';
export const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000';
export const BOUNDARY = 'arn:aws:iam::111122223333:policy/Boundary';

/** Configs whose stacks differ, by what they are about. */
export const CONFIGS = {
  none: '',
  flag: 'policies: [{ check: "*", mode: flag }]\n',
  stop: `policies: [{ check: "*", mode: stop }]\nestate: { aws: { accounts: organisation } }\n${SLACK}\n`,
  athena: `sources: { payer: { type: aws-focus-export, bucket: acme-billing, prefix: focus, export: daily, region: eu-central-1 } }
lake: { engine: athena, athena: { region: eu-central-1, workgroup: bursar, database: billing, bytesLimit: 2 TiB, tables: { payer: focus } } }
deploy: { ${HERE}, athena: true }
`,
  'http-api': `${SLACK}\ndeploy: { ${HERE}, slackEndpoint: http-api }\n`,
  kms: `${SLACK}\ndeploy: { ${HERE}, kmsKeyArn: "${KEY}", slackEndpoint: http-api }\n`,
  boundary: `${SLACK}\ndeploy: { ${HERE}, permissionsBoundary: "${BOUNDARY}", tags: { team: finops, "cost centre": "42" } }\n`,
  store: `estate: { stores: { docs: { type: pgvector, url: { secret: "${SECRET}:docs" }, network: { vpcId: vpc-0123456789abcdef1, subnets: [subnet-0123456789abcdef1], securityGroups: [sg-0123456789abcdef1] } } } }\n`,
  alarms: `${SLACK}\ndeploy: { ${HERE}, alarms: { emails: [ops@example.com], webhooks: ["https://ops.example.com/alarms"], slack: false }, logDays: 30, flexibleMinutes: 0, concurrency: { collect: 20, reserved: { collect: 20, slack: 5, sweep: 1 } } }\n`,
} as const satisfies Record<string, string>;

/** One that is deployed to a partition of its own: its region says which. */
export const GOVCLOUD = `deploy: { region: us-gov-west-1, account: "111122223333", stackName: Second }\n`;

export function configOf(text: string): Config {
  return text === '' ? defaultDeployedConfig() : parseConfig(`schemaVersion: 1\n${text}`, 'bursar.yaml');
}

/** Where CloudFormation's rules are asked (`CDK_VALIDATION`), what they find is an error and no mere warning. */
export const JUDGED = { '@aws-cdk/core:validateAgainstDefaultRules': true } as const;

export interface Made {
  readonly stack: BursarStack;
  readonly template: Template;
  /** File of the template. */
  readonly file: string;
}

/** The stack of a config as a template, checked by cdk-nag, without bundling: what functions carry is looked at apart. */
export function made(folder: string, name: string, config: Config): Made {
  const outdir = join(folder, name);
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [], ...JUDGED } });
  checked(app);
  const { stackName, region, account } = config.deploy;
  const stack = new BursarStack(app, 'Bursar', {
    config,
    stackName,
    env: { ...(region === undefined ? {} : { region }), ...(account === undefined ? {} : { account }) },
  });
  app.synth();
  return { stack, template: Template.fromStack(stack), file: join(outdir, 'Bursar.template.json') };
}
