import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { App, CfnElement } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BursarStack } from '../../infra/stack.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { deployedPermissions, type Entry } from '../../lib/run/assemble/permissions.ts';
import { inAccount } from '../../lib/run/assemble/policy-statements.ts';
import { deployedAs, type Known, resolved } from './resolved.ts';

/*
 * What each function's role really lets happen, judged by an evaluator of IAM policies that is not ours: each right
 * that its adapters declare, and a list of calls that nobody here may make.
 */

const OPS = '111122223333';
const REGION = 'eu-central-1';
const ENTRIES = [
  'plan',
  'collect',
  'audit',
  'ai-usage',
  'sweep',
  'digest',
  'slack',
  'alarm',
] as const satisfies readonly Entry[];
type Mode = 'flag' | 'stop';

const SECRET = `arn:aws:secretsmanager:${REGION}:${OPS}:secret`;
const KEY = `arn:aws:kms:${REGION}:${OPS}:key/11111111-2222-4333-8444-555555555555`;

const configText = (mode: Mode) => `schemaVersion: 1
organisation: { name: Acme, timezone: Europe/Berlin }
sources:
  invoices: { type: focus-file, path: "s3://acme-billing/focus" }
  api: { type: aws-cost-explorer, roleArn: arn:aws:iam::444455556666:role/Payer }
estate:
  aws: { accounts: organisation, tagRole: BursarTag }
  stores: { docs: { type: pgvector, url: { secret: "${SECRET}:docs-AbCdEf" } } }
policies: [{ check: "*", mode: ${mode} }]
slack:
  token: { secret: "${SECRET}:slack-AbCdEf" }
  signingSecret: { secret: "${SECRET}:sign-AbCdEf" }
  teamId: T012AB3CD
  appId: A012AB3CD
  channels: { team: "#finops", digest: "#finops" }
deploy: { kmsKeyArn: "${KEY}" }
`;

interface Deployed {
  readonly stack: BursarStack;
  readonly known: Known;
  /** As the template has them. */
  readonly policies: readonly unknown[];
  /** By function: logical id, policies and trust of its role. */
  readonly roles: ReadonlyMap<
    Entry,
    { readonly id: string; readonly identity: Named[]; readonly trust: unknown }
  >;
}
interface Named {
  readonly name: string;
  readonly policy: unknown;
}

const Role = z.object({ Properties: z.object({ AssumeRolePolicyDocument: z.unknown() }) });
const Policy = z.object({
  Properties: z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.object({ Ref: z.string() })) }),
});

const folder = mkdtempSync(join(tmpdir(), 'bursar-evaluated-'));
const deployed = new Map<Mode, Deployed>();
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  for (const mode of ['flag', 'stop'] as const) {
    const config = parseConfig(configText(mode), 'bursar.yaml');
    const app = new App({ outdir: join(folder, mode), context: { 'aws:cdk:bundling-stacks': [] } });
    const stack = new BursarStack(app, 'Bursar', {
      config,
      env: { account: OPS, region: REGION },
    });
    const template = Template.fromStack(stack);
    const known = deployedAs(template.toJSON(), OPS, REGION);
    const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((each) =>
      Policy.parse(each),
    );
    const all = template.findResources('AWS::IAM::Role');
    const roles = new Map(
      ENTRIES.map((entry) => {
        const id = roleOf(stack, entry);
        const own = policies.filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref === id));
        return [
          entry,
          {
            id,
            identity: own.map(({ Properties }, at) => ({
              name: `own-${at}`,
              policy: resolved(Properties.PolicyDocument, known),
            })),
            trust: resolved(Role.parse(all[id]).Properties.AssumeRolePolicyDocument, known),
          },
        ] as const;
      }),
    );
    deployed.set(mode, { stack, known, roles, policies });
  }
}, 120_000);

function roleOf(stack: BursarStack, entry: Entry): string {
  const worker = stack.deployment.workerOf(entry);
  if (worker === null) throw new Error(`no function ${entry}`);
  return stack.getLogicalId(z.instanceof(CfnElement).parse(worker.role.node.defaultChild));
}

function under(mode: Mode): Deployed {
  const found = deployed.get(mode);
  if (found === undefined) throw new Error(`nothing was synthesised for ${mode}`);
  return found;
}

type Verdict = 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied';

async function verdict(
  mode: Mode,
  entry: Entry,
  action: string,
  resource: string,
  context: Record<string, string> = {},
): Promise<Verdict> {
  const { roles } = under(mode);
  const role = roles.get(entry);
  if (role === undefined) throw new Error(`no role of ${entry}`);
  const [, , , , owner = ''] = resource.split(':');
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${OPS}:assumed-role/${role.id}/function`,
        action,
        resource: { resource, accountId: owner === '' ? OPS : owner },
        contextVariables: context,
      },
      identityPolicies: role.identity,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      // What the other side allows is not asked here: it may allow all of this account.
      ...(/^(?:kms|sts):/.test(action) || (owner !== '' && owner !== OPS)
        ? {
            resourcePolicy: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { AWS: `arn:aws:iam::${OPS}:root` },
                  Action: action,
                  // The policy of a role or key names no resource, in a bucket's it must.
                  ...(action.startsWith('sts:') ? {} : { Resource: '*' }),
                },
              ],
            },
          }
        : {}),
    },
    {},
  );
  if (answer.resultType === 'error')
    throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return z.enum(['Allowed', 'ImplicitlyDenied', 'ExplicitlyDenied']).parse(answer.overallResult);
}

/** Of a pattern, one resource that it means. */
function one(pattern: string): string {
  return pattern
    .split(':')
    .map((part, at) => (part === '*' ? (['arn', 'aws', '', REGION, OPS][at] ?? 'x') : part))
    .join(':')
    .replaceAll('*', 'x')
    .replaceAll('??????', 'AbCdEf');
}

describe('each right that adapters declare is there', () => {
  test.for((['flag', 'stop'] as const).flatMap((mode) => ENTRIES.map((entry) => [mode, entry] as const)))(
    'mode %s: %s',
    async ([mode, entry]) => {
      const { stack, known } = under(mode);
      const config = parseConfig(configText(mode), 'bursar.yaml');
      const named = inAccount({ partition: 'aws', account: OPS });
      const rights = deployedPermissions(config, stack.deployment.names)[entry].filter(
        ({ cloud }) => cloud === 'aws',
      );
      expect(rights.length).toBeGreaterThan(3);
      for (const { action, resources = ['*'] } of rights)
        for (const declared of resources) {
          const pattern = named(String(resolved(stack.resolve(declared), known)));
          const resource = pattern === '*' ? '*' : one(pattern.replace(`:*:${OPS}:`, `:${REGION}:${OPS}:`));
          expect([action, resource, await verdict(mode, entry, action, resource)]).toEqual([
            action,
            resource,
            'Allowed',
          ]);
        }
    },
  );
});

/** Each call, and the functions that may make it all the same. */
type Forbidden = readonly [
  action: string,
  resource: (known: (id: RegExp) => string) => string,
  may?: readonly Entry[],
];

const at = (service: string, rest: string, account = OPS) =>
  `arn:aws:${service}:${REGION}:${account}:${rest}`;
const fixed = (resource: string) => () => resource;

const FORBIDDEN: readonly Forbidden[] = [
  // What runs and is stored.
  ['ec2:TerminateInstances', fixed(at('ec2', 'instance/i-0abc'))],
  ['ec2:StopInstances', fixed(at('ec2', 'instance/i-0abc'))],
  ['ec2:StartInstances', fixed(at('ec2', 'instance/i-0abc'))],
  ['ec2:RunInstances', fixed(at('ec2', 'instance/*'))],
  ['ec2:DeleteVolume', fixed(at('ec2', 'volume/vol-0abc'))],
  ['ec2:CreateTags', fixed(at('ec2', 'instance/i-0abc'))],
  ['rds:StopDBInstance', fixed(at('rds', 'db:orders'))],
  ['rds:DeleteDBInstance', fixed(at('rds', 'db:orders'))],
  ['sagemaker:DeleteEndpoint', fixed(at('sagemaker', 'endpoint/e'))],
  ['sagemaker:InvokeEndpoint', fixed(at('sagemaker', 'endpoint/e'))],
  ['bedrock:InvokeModel', fixed('arn:aws:bedrock:eu-central-1::foundation-model/m')],
  ['eks:UpdateNodegroupConfig', fixed(at('eks', 'nodegroup/c/n/u'))],
  // Its own bucket, and others'.
  ['s3:DeleteObject', fixed('arn:aws:s3:::acme-billing/focus/x.csv')],
  ['s3:PutObject', fixed('arn:aws:s3:::acme-billing/focus/x.csv')],
  ['s3:GetObject', fixed('arn:aws:s3:::acme-billing/focus/x.csv'), ['collect']],
  ['s3:GetObject', fixed('arn:aws:s3:::acme-payroll/x.csv')],
  ['s3:ListBucket', fixed('arn:aws:s3:::acme-payroll')],
  ['s3:DeleteObject', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}/reports/week/x.html`],
  ['s3:DeleteObject', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}/lake/x.parquet`, ['collect']],
  ['s3:PutObject', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}/elsewhere/x`],
  ['s3:PutObject', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}/reports/week/x.html`, ['digest']],
  ['s3:PutObject', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}/lake/x.parquet`, ['collect']],
  ['s3:DeleteObjectVersion', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}/lake/x.parquet`],
  ['s3:DeleteBucket', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}`],
  ['s3:PutBucketPolicy', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}`],
  ['s3:PutLifecycleConfiguration', (known) => `arn:aws:s3:::${known(/^StorageBucket/)}`],
  // Its own table, and others'.
  ['dynamodb:DeleteTable', (known) => at('dynamodb', `table/${known(/^StorageLedger/)}`)],
  ['dynamodb:UpdateTable', (known) => at('dynamodb', `table/${known(/^StorageLedger/)}`)],
  ['dynamodb:UpdateTimeToLive', (known) => at('dynamodb', `table/${known(/^StorageLedger/)}`)],
  ['dynamodb:Scan', (known) => at('dynamodb', `table/${known(/^StorageLedger/)}`)],
  ['dynamodb:DeleteItem', (known) => at('dynamodb', `table/${known(/^StorageLedger/)}`), ['sweep']],
  ['dynamodb:PutItem', fixed(at('dynamodb', 'table/orders'))],
  ['dynamodb:Query', fixed(at('dynamodb', 'table/orders'))],
  // Who may do what.
  ['iam:CreateUser', fixed(`arn:aws:iam::${OPS}:user/x`)],
  ['iam:CreateAccessKey', fixed(`arn:aws:iam::${OPS}:user/x`)],
  ['iam:PassRole', fixed(`arn:aws:iam::${OPS}:role/Admin`)],
  ['iam:PutRolePolicy', (known) => `arn:aws:iam::${OPS}:role/${known(/^SweepRole/)}`],
  ['iam:AttachRolePolicy', (known) => `arn:aws:iam::${OPS}:role/${known(/^SweepRole/)}`],
  ['iam:UpdateAssumeRolePolicy', fixed(`arn:aws:iam::${OPS}:role/BursarAct`)],
  ['iam:DeleteRolePermissionsBoundary', (known) => `arn:aws:iam::${OPS}:role/${known(/^SweepRole/)}`],
  ['sts:AssumeRole', fixed(`arn:aws:iam::${OPS}:role/Admin`)],
  ['sts:AssumeRole', fixed('arn:aws:iam::222233334444:role/OrganizationAccountAccessRole')],
  ['sts:AssumeRole', fixed('arn:aws:iam::222233334444:role/x/BursarRead')],
  ['sts:AssumeRole', fixed('arn:aws:iam::222233334444:role/BursarReadAll')],
  ['sts:AssumeRole', fixed('arn:aws:iam::444455556666:role/Payer'), ['collect']],
  ['organizations:LeaveOrganization', fixed('*')],
  // Secrets and keys.
  ['secretsmanager:GetSecretValue', fixed(`${SECRET}:payroll-AbCdEf`)],
  ['secretsmanager:GetSecretValue', fixed(`${SECRET}:docs-AbCdEf`), ['collect', 'sweep']],
  ['secretsmanager:GetSecretValue', fixed(`${SECRET}:sign-AbCdEf`), ['slack']],
  [
    'secretsmanager:GetSecretValue',
    fixed(`${SECRET}:slack-AbCdEf`),
    ['ai-usage', 'sweep', 'digest', 'slack', 'alarm'],
  ],
  ['secretsmanager:PutSecretValue', fixed(`${SECRET}:slack-AbCdEf`)],
  ['secretsmanager:DeleteSecret', fixed(`${SECRET}:slack-AbCdEf`)],
  ['kms:Decrypt', fixed(at('kms', 'key/99999999-2222-4333-8444-555555555555'))],
  ['kms:CreateGrant', fixed(KEY)],
  ['kms:ScheduleKeyDeletion', fixed(KEY)],
  ['kms:PutKeyPolicy', fixed(KEY)],
  ['ssm:GetParameter', fixed(at('ssm', 'parameter/x'))],
  // Its own machinery.
  ['lambda:InvokeFunction', fixed(at('lambda', 'function:x'))],
  ['lambda:UpdateFunctionCode', (known) => at('lambda', `function:${known(/^SweepFunction/)}`)],
  ['lambda:UpdateFunctionConfiguration', (known) => at('lambda', `function:${known(/^SweepFunction/)}`)],
  ['sqs:PurgeQueue', (known) => at('sqs', known(/^TasksQueue/))],
  ['sqs:SendMessage', (known) => at('sqs', known(/^TasksQueue/)), ['plan']],
  ['sqs:ReceiveMessage', (known) => at('sqs', known(/^TasksDeadLetters/))],
  ['sqs:DeleteMessage', (known) => at('sqs', known(/^TasksDeadLetters/))],
  ['sqs:SendMessage', fixed(at('sqs', 'orders'))],
  ['logs:DeleteLogGroup', (known) => at('logs', `log-group:${known(/^SweepLog/)}:*`)],
  ['logs:PutLogEvents', fixed(at('logs', 'log-group:others:log-stream:x'))],
  ['logs:GetLogEvents', (known) => at('logs', `log-group:${known(/^SweepLog/)}:log-stream:x`)],
  ['scheduler:DeleteSchedule', fixed(at('scheduler', 'schedule/default/x'))],
  ['cloudformation:UpdateStack', fixed(at('cloudformation', 'stack/Bursar/x'))],
  ['cloudtrail:StopLogging', fixed(at('cloudtrail', 'trail/x'))],
  ['cloudwatch:DeleteAlarms', fixed(at('cloudwatch', 'alarm:x'))],
  ['ce:CreateAnomalyMonitor', fixed('*')],
  ['budgets:ModifyBudget', fixed(`arn:aws:budgets::${OPS}:budget/x`)],
];

describe.each(['flag', 'stop'] as const)('mode %s: refused', (mode) => {
  test.for(
    FORBIDDEN.map(
      (each) => [`${each[0]} ${each[2] === undefined ? '' : `but to ${each[2].join(', ')}`}`, each] as const,
    ),
  )('%s', async ([, [action, resource, may = []]]) => {
    const { known } = under(mode);
    const name = (id: RegExp) => {
      const found = Object.keys(known).filter((key) => id.test(key) && !key.includes('.'));
      if (found.length === 0) throw new Error(`nothing in the template is called ${id}`);
      return known[found[0] ?? ''] ?? '';
    };
    const on = resource(name);
    const allowed: string[] = [];
    for (const entry of ENTRIES)
      if ((await verdict(mode, entry, action, on)) === 'Allowed') allowed.push(entry);
    expect([on, allowed.toSorted()]).toEqual([on, [...may].toSorted()]);
  });
});

/** The functions that may enter this role of another account. */
async function enters(mode: Mode, role: string): Promise<string[]> {
  const found: string[] = [];
  const resource = `arn:aws:iam::222233334444:role/${role}`;
  for (const entry of ENTRIES)
    if ((await verdict(mode, entry, 'sts:AssumeRole', resource)) === 'Allowed') found.push(entry);
  return found;
}

describe('the roles of member accounts', () => {
  test('to read are entered by who lists, collects and looks again', async () => {
    expect(await enters('flag', 'BursarRead')).toEqual(['plan', 'collect', 'ai-usage', 'sweep']);
    expect(await enters('stop', 'BursarRead')).toEqual(['plan', 'collect', 'ai-usage', 'sweep']);
  });

  test.each(['BursarAct', 'BursarTag'])(
    '%s is entered by the sweep alone, and only where a policy says stop',
    async (role) => {
      expect(await enters('flag', role)).toEqual([]);
      expect(await enters('stop', role)).toEqual(['sweep']);
    },
  );
});

test('every resource lies in the partition that the stack is deployed to, but what the config names whole', () => {
  const resources = Object.values(under('stop').policies).flatMap(
    (policy) => JSON.stringify(policy).match(/arn:aws:[^"]*/g) ?? [],
  );
  const whole = [SECRET, KEY, 'arn:aws:iam::444455556666:role/Payer'];
  expect(resources.filter((arn) => !whole.some((given) => arn.startsWith(given)))).toEqual([]);
  expect(resources.length).toBeGreaterThan(0);
});

test.each(ENTRIES)('%s is nobody but the service that runs functions', (entry) => {
  expect(under('stop').roles.get(entry)?.trust).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ],
  });
});
