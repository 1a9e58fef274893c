import { runSimulation } from '@cloud-copilot/iam-simulate';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MemberRoles } from '../../infra/member-roles.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { resolved } from './resolved.ts';

/*
 * What the roles of a member account really let happen, judged by an evaluator of IAM policies that is not ours:
 * allows, denies, conditions and trust as one.
 */

const MEMBER = '222233334444';
const OPS = '111122223333';
const FUNCTIONS = {
  PlanRoleArn: `arn:aws:iam::${OPS}:role/Plan`,
  CollectRoleArn: `arn:aws:iam::${OPS}:role/Collect`,
  AiUsageRoleArn: `arn:aws:iam::${OPS}:role/AiUsage`,
  SweepRoleArn: `arn:aws:iam::${OPS}:role/Sweep`,
} as const;

const Role = z.object({
  Properties: z.object({ RoleName: z.string(), AssumeRolePolicyDocument: z.unknown() }),
});
const Policy = z.object({
  Properties: z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.object({ Ref: z.string() })) }),
});

/** By role name: its own policies, and who may enter it. */
let roles: Map<string, { identity: { name: string; policy: unknown }[]; trust: unknown }>;

const KNOWN = {
  ...FUNCTIONS,
  'AWS::Partition': 'aws',
  'AWS::AccountId': MEMBER,
  'AWS::Region': 'eu-central-1',
};

beforeAll(() => {
  const config = parseConfig(
    `schemaVersion: 1
policies: [{ check: "*", mode: stop }]
guards: { protectedTags: [do-not-stop, legal] }
estate: { aws: { tagRole: BursarTag, externalId: ext-1, organisationId: o-a1b2c3d4e5 } }`,
    'bursar.yaml',
  );
  const app = new App();
  const template = Template.fromStack(new MemberRoles(app, 'BursarMemberRoles', { config }));
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((each) =>
    Policy.parse(each),
  );
  roles = new Map(
    Object.entries(template.findResources('AWS::IAM::Role')).map(([id, resource]) => {
      const { RoleName, AssumeRolePolicyDocument } = Role.parse(resource).Properties;
      const own = policies.filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref === id));
      return [
        RoleName,
        {
          identity: own.map(({ Properties }, at) => ({
            name: `own-${at}`,
            policy: resolved(Properties.PolicyDocument, KNOWN),
          })),
          trust: resolved(AssumeRolePolicyDocument, KNOWN),
        },
      ];
    }),
  );
}, 60_000);

type Context = Record<string, string | string[]>;

/** Allowed, ImplicitlyDenied or ExplicitlyDenied. */
async function verdict(role: string, action: string, resource: string, context: Context = {}) {
  const policies = roles.get(role);
  if (policies === undefined) throw new Error(`no role ${role}`);
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${MEMBER}:role/${role}`,
        action,
        resource: { resource, accountId: MEMBER },
        contextVariables: context,
      },
      identityPolicies: policies.identity,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      // Key policies as AWS makes them: they leave the decision to IAM.
      ...(action.startsWith('kms:')
        ? {
            resourcePolicy: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { AWS: `arn:aws:iam::${MEMBER}:root` },
                  Action: 'kms:*',
                  Resource: '*',
                },
              ],
            },
          }
        : {}),
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors));
  return answer.overallResult;
}

async function entering(role: string, principal: string, context: Context) {
  const policies = roles.get(role);
  if (policies === undefined) throw new Error(`no role ${role}`);
  const resource = `arn:aws:iam::${MEMBER}:role/${role}`;
  const answer = await runSimulation(
    {
      request: {
        principal,
        action: 'sts:AssumeRole',
        resource: { resource, accountId: MEMBER },
        contextVariables: context,
      },
      identityPolicies: [
        {
          name: 'enters',
          policy: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
          },
        },
      ],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: policies.trust,
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors));
  return answer.overallResult;
}

const INSTANCE = `arn:aws:ec2:eu-central-1:${MEMBER}:instance/i-0abc`;
const VOLUME = `arn:aws:ec2:eu-central-1:${MEMBER}:volume/vol-0abc`;
const SNAPSHOT = 'arn:aws:ec2:eu-central-1::snapshot/snap-0abc';
const KEY = `arn:aws:kms:eu-central-1:${MEMBER}:key/0a1b2c3d-0000-4000-8000-000000000000`;
const GROUP = `arn:aws:autoscaling:eu-central-1:${MEMBER}:autoScalingGroup:0a1b2c3d-0000-4000-8000-000000000000:autoScalingGroupName/pool`;
const VIA_EC2 = { 'kms:ViaService': 'ec2.eu-central-1.amazonaws.com' };
const DATABASE = `arn:aws:rds:eu-central-1:${MEMBER}:db:orders`;
const CLUSTER = `arn:aws:rds:eu-central-1:${MEMBER}:cluster:vectors`;
const STUDIO = `arn:aws:sagemaker:eu-central-1:${MEMBER}:app/d-1/ana/jupyterlab/default`;
const SPACE = `arn:aws:sagemaker:eu-central-1:${MEMBER}:space/d-1/lab`;
const UNITS = `arn:aws:bedrock:eu-central-1:${MEMBER}:provisioned-model/abcdefghijk1`;
const tagged = (key: string, value = 'x') => ({ [`aws:ResourceTag/${key}`]: value });

describe('the role that acts', () => {
  test.for<[string, string, string, Context, string]>([
    ['stops a machine', 'ec2:StopInstances', INSTANCE, {}, 'Allowed'],
    ['stops one with other tags', 'ec2:StopInstances', INSTANCE, tagged('team'), 'Allowed'],
    ['never a protected one', 'ec2:StopInstances', INSTANCE, tagged('do-not-stop'), 'ExplicitlyDenied'],
    [
      'whatever the tag says',
      'ec2:StopInstances',
      INSTANCE,
      tagged('do-not-stop', 'false'),
      'ExplicitlyDenied',
    ],
    ['by any protected key', 'ec2:StopInstances', INSTANCE, tagged('legal'), 'ExplicitlyDenied'],
    ['starts a protected one', 'ec2:StartInstances', INSTANCE, tagged('do-not-stop'), 'Allowed'],
    ['terminates nothing', 'ec2:TerminateInstances', INSTANCE, {}, 'ImplicitlyDenied'],
    [
      'modifies no protection',
      'ec2:ModifyInstanceAttribute',
      INSTANCE,
      { 'ec2:Attribute': 'DisableApiStop' },
      'ImplicitlyDenied',
    ],
    ['deletes a volume', 'ec2:DeleteVolume', VOLUME, {}, 'Allowed'],
    ['never a protected volume', 'ec2:DeleteVolume', VOLUME, tagged('legal'), 'ExplicitlyDenied'],
    ['never a snapshot', 'ec2:DeleteSnapshot', SNAPSHOT, {}, 'ImplicitlyDenied'],
    ['sets a group to zero', 'autoscaling:UpdateAutoScalingGroup', GROUP, {}, 'Allowed'],
    [
      'never a protected group',
      'autoscaling:UpdateAutoScalingGroup',
      GROUP,
      tagged('do-not-stop'),
      'ExplicitlyDenied',
    ],
    [
      'tags what it makes',
      'ec2:CreateTags',
      SNAPSHOT,
      { 'ec2:CreateAction': 'CreateSnapshot', 'aws:TagKeys': ['team'] },
      'Allowed',
    ],
    [
      'ties what it makes to its plan',
      'ec2:CreateTags',
      SNAPSHOT,
      { 'ec2:CreateAction': 'CreateSnapshot', 'aws:TagKeys': ['Name', 'bursar:plan'] },
      'Allowed',
    ],
    [
      'and what it brings back',
      'ec2:CreateTags',
      VOLUME,
      { 'ec2:CreateAction': 'CreateVolume', 'aws:TagKeys': ['team', 'bursar:plan'] },
      'Allowed',
    ],
    ['also a collection', 'aoss:TagResource', '*', { 'aws:TagKeys': ['team', 'bursar:plan'] }, 'Allowed'],
    [
      'protects no collection that it makes',
      'aoss:TagResource',
      '*',
      { 'aws:TagKeys': ['bursar:plan', 'Legal'] },
      'ExplicitlyDenied',
    ],
    ['tags nothing else', 'ec2:CreateTags', INSTANCE, { 'aws:TagKeys': ['team'] }, 'ImplicitlyDenied'],
    [
      'protects nothing that it makes',
      'ec2:CreateTags',
      SNAPSHOT,
      { 'ec2:CreateAction': 'CreateSnapshot', 'aws:TagKeys': ['team', 'Do-Not-Stop'] },
      'ExplicitlyDenied',
    ],
    ['stops a database', 'rds:StopDBInstance', DATABASE, {}, 'Allowed'],
    ['never a protected database', 'rds:StopDBInstance', DATABASE, tagged('legal'), 'ExplicitlyDenied'],
    ['starts a protected database', 'rds:StartDBInstance', DATABASE, tagged('legal'), 'Allowed'],
    ['never a protected cluster', 'rds:StopDBCluster', CLUSTER, tagged('do-not-stop'), 'ExplicitlyDenied'],
    ['deletes no database', 'rds:DeleteDBInstance', DATABASE, {}, 'ImplicitlyDenied'],
    ['deletes a Studio app', 'sagemaker:DeleteApp', STUDIO, {}, 'Allowed'],
    ['never a protected app', 'sagemaker:DeleteApp', STUDIO, tagged('do-not-stop'), 'ExplicitlyDenied'],
    ['never a space', 'sagemaker:DeleteSpace', SPACE, {}, 'ImplicitlyDenied'],
    [
      'tags an app that it makes again',
      'sagemaker:AddTags',
      STUDIO,
      { 'sagemaker:TaggingAction': 'CreateApp', 'aws:TagKeys': ['team'] },
      'Allowed',
    ],
    ['and no other', 'sagemaker:AddTags', STUDIO, { 'aws:TagKeys': ['team'] }, 'ImplicitlyDenied'],
    ['deletes a throughput', 'bedrock:DeleteProvisionedModelThroughput', UNITS, {}, 'Allowed'],
    [
      'never a protected throughput',
      'bedrock:DeleteProvisionedModelThroughput',
      UNITS,
      tagged('legal'),
      'ExplicitlyDenied',
    ],
    ['calls no model', 'bedrock:InvokeModel', UNITS, {}, 'ImplicitlyDenied'],
    ['removes no tag', 'ec2:DeleteTags', INSTANCE, { 'aws:TagKeys': ['team'] }, 'ImplicitlyDenied'],
    [
      'lets EC2 use a key',
      'kms:CreateGrant',
      KEY,
      { ...VIA_EC2, 'kms:GrantIsForAWSResource': 'true' },
      'Allowed',
    ],
    [
      'and nobody else',
      'kms:CreateGrant',
      KEY,
      { ...VIA_EC2, 'kms:GrantIsForAWSResource': 'false' },
      'ImplicitlyDenied',
    ],
    ['decrypts nothing by itself', 'kms:Decrypt', KEY, {}, 'ImplicitlyDenied'],
    [
      'nor through another service',
      'kms:Decrypt',
      KEY,
      { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
      'ImplicitlyDenied',
    ],
    ['reads no object', 's3:GetObject', 'arn:aws:s3:::data/x', {}, 'ImplicitlyDenied'],
    ['enters no further role', 'sts:AssumeRole', `arn:aws:iam::${MEMBER}:role/Admin`, {}, 'ImplicitlyDenied'],
  ])('%s', async ([, action, resource, context, expected]) => {
    expect(await verdict('BursarAct', action, resource, context)).toBe(expected);
  });
});

describe('the role that reads', () => {
  test.for<[string, string, string]>([
    ['ec2:DescribeInstances', '*', 'Allowed'],
    ['ec2:StopInstances', INSTANCE, 'ImplicitlyDenied'],
    ['ec2:CreateTags', INSTANCE, 'ImplicitlyDenied'],
    ['kms:CreateGrant', KEY, 'ImplicitlyDenied'],
  ])('%s is %s', async ([action, resource, expected]) => {
    expect(await verdict('BursarRead', action, resource)).toBe(expected);
  });
});

const writes = (...keys: string[]) =>
  verdict('BursarTag', 'ec2:CreateTags', INSTANCE, { 'aws:TagKeys': keys });

describe('the role that puts tags right', () => {
  test('writes a tag, and stops nothing', async () => {
    expect(await writes('owner')).toBe('Allowed');
    expect(await verdict('BursarTag', 'ec2:StopInstances', INSTANCE)).toBe('ImplicitlyDenied');
  });

  test.for([
    'do-not-stop',
    'DO-NOT-STOP',
    'legal',
    'Legal',
    'bursar:exempt',
    'legal-hold',
    'acme:Exempt-until',
    'approved-by',
    'KEEP',
    'data-retention',
  ])('never writes %s, alone or beside another', async (key) => {
    expect(await writes(key)).toBe('ExplicitlyDenied');
    expect(await writes('owner', key)).toBe('ExplicitlyDenied');
  });
});

describe('a role is entered', () => {
  const right: Context = {
    'sts:ExternalId': 'ext-1',
    'aws:PrincipalOrgID': 'o-a1b2c3d4e5',
    'sts:RoleSessionName': 'bursar-f-abcdefghijklmnopqrstuvwxyz',
  };
  const { SweepRoleArn, CollectRoleArn, AiUsageRoleArn, PlanRoleArn } = FUNCTIONS;

  test('to act, by the sweep in the name of a finding', async () => {
    expect(await entering('BursarAct', SweepRoleArn, right)).toBe('Allowed');
    expect(await entering('BursarTag', SweepRoleArn, right)).toBe('Allowed');
  });

  test('to read, by each function that reads, under any name', async () => {
    for (const principal of [SweepRoleArn, CollectRoleArn, AiUsageRoleArn, PlanRoleArn])
      expect(await entering('BursarRead', principal, { ...right, 'sts:RoleSessionName': 'bursar-r-1' })).toBe(
        'Allowed',
      );
  });

  test.for<[string, string, Context]>([
    ['another function', CollectRoleArn, right],
    ['the function that watches AI usage', AiUsageRoleArn, right],
    ['a stranger in the same account', `arn:aws:iam::${OPS}:role/Admin`, right],
    ['a role of that name elsewhere', 'arn:aws:iam::999988887777:role/Sweep', right],
    [
      'without the external id',
      SweepRoleArn,
      {
        'aws:PrincipalOrgID': 'o-a1b2c3d4e5',
        'sts:RoleSessionName': 'bursar-f-abcdefghijklmnopqrstuvwxyz',
      },
    ],
    ['with another external id', SweepRoleArn, { ...right, 'sts:ExternalId': 'ext-2' }],
    ['from another organisation', SweepRoleArn, { ...right, 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' }],
    ['in nobody’s name', SweepRoleArn, { ...right, 'sts:RoleSessionName': 'admin' }],
  ])('never to act %s', async ([, principal, context]) => {
    for (const role of ['BursarAct', 'BursarTag'])
      expect(await entering(role, principal, context)).not.toBe('Allowed');
  });
});
