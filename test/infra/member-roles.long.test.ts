import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MemberRoles } from '../../infra/member-roles.ts';
import { checked } from '../../infra/nag.ts';
import { ACTIONS } from '../../lib/actions/index.ts';
import { forbidden } from '../../lib/actions/tag-change.ts';
import { parseConfig } from '../../lib/config/load.ts';
import type { Config } from '../../lib/config/schema.ts';
import { allowedActions } from '../../lib/run/assemble/act-permissions.ts';
import { guardedByTag, guardedInCode } from '../../lib/run/assemble/member-permissions.ts';
import { deployedPermissions } from '../../lib/run/assemble/permissions.ts';
import { ROOT } from './cdk.ts';
import { changes } from './reads.ts';

const names = {
  bucket: 'b',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 't',
  queueArn: 'q',
  deadLettersArn: 'd',
};

const words = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: words,
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
type Statement = z.infer<typeof Statement>;
const Policy = z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) });

function configOf(policies: string, more = ''): Config {
  return parseConfig(`schemaVersion: 1\npolicies: ${policies}\n${more}`, 'bursar.yaml');
}

const AWS = 'estate: { aws: { externalId: ext-1, organisationId: o-a1b2c3d4e5 } }';
const TAGS = 'estate: { aws: { tagRole: BursarTag } }';

function rolesOf(config: Config) {
  const app = new App();
  checked(app);
  const stack = new MemberRoles(app, 'BursarMemberRoles', { config });
  app.synth();
  const template = Template.fromStack(stack);
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const of = (role: string): Statement[] =>
    policies
      .filter(([id]) => id.startsWith(role))
      .flatMap(([, { Properties }]) => Policy.parse(Properties).PolicyDocument.Statement);
  return { template, of, made: Object.keys(stack.roles) };
}

function actionsOf(statements: readonly Statement[], effect: 'Allow' | 'Deny'): Set<string> {
  return new Set(statements.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => Action));
}

function declaredBy(ids: readonly string[]): Set<string> {
  const wanted = ACTIONS.filter(({ id }) => ids.includes(id));
  return new Set(wanted.flatMap(({ permissions }) => permissions.map(({ action }) => action)));
}

/** Which roles the sweep may enter. */
function entered(config: Config): string[] {
  return deployedPermissions(config, names)
    .sweep.filter(({ action }) => action === 'sts:AssumeRole')
    .flatMap(({ resources = [] }) => resources);
}

/** A synthesis takes a second, the first one more. */
const SLOW = { timeout: 60_000 };

describe('a right to stop', SLOW, () => {
  test.for([
    '[]',
    '[{ check: "*", mode: flag }]',
    '[{ check: "*", mode: warn }, { check: "*", mode: stop }]',
  ])('exists for nobody where no policy can say stop: %s', (policies) => {
    const config = configOf(policies, AWS);
    const { made, of } = rolesOf(config);
    expect(made).toEqual(['read']);
    expect(actionsOf(of('Read'), 'Allow').size).toBeGreaterThan(50);
    expect([...actionsOf(of('Read'), 'Allow')].filter(changes)).toEqual([]);
    expect(entered(config)).toEqual([]);
  });

  test('is what the actions declare that answer the check, and not more', () => {
    const config = configOf(
      '[{ check: idle-gpu, where: { resourceType: "aws:ec2:instance" }, mode: stop }]',
      AWS,
    );
    const { made, of } = rolesOf(config);
    expect(made).toEqual(['read', 'act']);
    expect(actionsOf(of('Act'), 'Allow')).toEqual(declaredBy(['aws.ec2.stop']));
    expect(actionsOf(of('Act'), 'Deny')).toEqual(new Set(['ec2:StopInstances']));
    expect(entered(config)).toEqual(['arn:*:iam::*:role/BursarAct']);
  });

  test('of every check: each action of AWS but the one that writes tags, which has a role and a switch of its own', () => {
    const act = ACTIONS.filter(({ provider, role }) => provider === 'aws' && role === undefined);
    const without = rolesOf(configOf('[{ check: "*", mode: stop }]', AWS));
    expect(without.made).toEqual(['read', 'act']);
    expect(actionsOf(without.of('Act'), 'Allow')).toEqual(declaredBy(act.map(({ id }) => id)));
    const config = configOf('[{ check: "*", mode: stop }]', TAGS);
    const { made, of } = rolesOf(config);
    expect(made).toEqual(['read', 'act', 'tag']);
    expect(actionsOf(of('Tag'), 'Allow')).toEqual(declaredBy(['aws.tags.fix']));
    expect(entered(config)).toEqual(['arn:*:iam::*:role/BursarAct', 'arn:*:iam::*:role/BursarTag']);
  });

  test('in another cloud gives none in AWS', () => {
    const config = configOf('[{ check: idle-gpu, where: { provider: gcp }, mode: stop }]', AWS);
    expect(allowedActions(config)).toEqual({ act: [], tag: [] });
  });

  test('is never the click handler’s', () => {
    const slack = `slack: { token: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a" }, signingSecret: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:b" }, teamId: T0, appId: A0 }`;
    const rights = deployedPermissions(
      configOf('[{ check: "*", mode: stop }]', `${TAGS}\n${slack}`),
      names,
    ).slack;
    const actions = rights.filter(({ cloud }) => cloud === 'aws').map(({ action }) => action);
    expect(new Set(actions)).toEqual(
      new Set([
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'secretsmanager:GetSecretValue',
        // The report behind the digest's button: a link to it is signed with this right, and no other of the bucket.
        's3:GetObject',
      ]),
    );
  });
});

const stopping = () =>
  rolesOf(
    configOf('[{ check: "*", mode: stop }]', `${TAGS}\nguards: { protectedTags: [do-not-stop, legal] }`),
  );

describe('the roles', SLOW, () => {
  test('trust the functions alone, with the external id, of the organisation, and to act in a finding’s name', () => {
    const { template } = rolesOf(configOf('[{ check: idle-gpu, mode: stop }]', AWS));
    const trusted = { StringEquals: { 'sts:ExternalId': 'ext-1', 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } };
    const enter = { Action: 'sts:AssumeRole', Effect: 'Allow' };
    template.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'BursarRead',
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: {
        Statement: ['PlanRoleArn', 'CollectRoleArn', 'AiUsageRoleArn', 'SweepRoleArn'].map((Ref) => ({
          ...enter,
          Condition: trusted,
          Principal: { AWS: { Ref } },
        })),
      },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'BursarAct',
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: {
        Statement: [
          {
            ...enter,
            Condition: { ...trusted, StringLike: { 'sts:RoleSessionName': 'bursar-f-*' } },
            Principal: { AWS: { Ref: 'SweepRoleArn' } },
          },
        ],
      },
    });
  });

  test('deny each protected tag for each action that changes something and looks at tags; none is passed over', () => {
    const { of } = stopping();
    const rights = allowedActions(configOf('[{ check: "*", mode: stop }]', TAGS)).act.flatMap(
      ({ permissions }) => permissions,
    );
    const denied = guardedByTag(rights);
    for (const tag of ['do-not-stop', 'legal'])
      expect(
        of('Act').filter(({ Condition }) => Condition?.['Null']?.[`aws:ResourceTag/${tag}`] === 'false'),
      ).toMatchObject([{ Effect: 'Deny', Action: denied }]);
    const changing = rights
      .map(({ action }) => action)
      .filter((action) => !/:(BatchGet|Describe|Get|List)|^kms:/.test(action));
    const back = changing.filter((action) => /:(Start|Create|Add)/.test(action));
    expect(new Set([...denied, ...guardedInCode(rights), ...back])).toEqual(new Set(changing));
    // These cannot be told from what takes away, or only keep and bring back.
    expect(new Set(back)).toEqual(
      new Set([
        'aoss:CreateCollection',
        'ec2:CreateSnapshot',
        'ec2:CreateTags',
        'ec2:CreateVolume',
        'ec2:StartInstances',
        'rds:StartDBCluster',
        'rds:StartDBInstance',
        'sagemaker:AddTags',
        'sagemaker:CreateApp',
        'sagemaker:CreateEndpoint',
        'sagemaker:StartNotebookInstance',
      ]),
    );
  });

  test('write no tag that protects, approves or exempts; to act, only while something is made', () => {
    const { of } = stopping();
    const tagging = of('Act').filter(
      ({ Effect, Action }) =>
        Effect === 'Allow' &&
        Action.some((action) => action.endsWith('Tags') && !/List|Describe/.test(action)),
    );
    expect(new Map(tagging.map(({ Action, Condition }) => [Action.join(), Condition]))).toEqual(
      new Map([
        ['ec2:CreateTags', { StringEquals: { 'ec2:CreateAction': ['CreateSnapshot', 'CreateVolume'] } }],
        [
          'sagemaker:AddTags',
          { StringEquals: { 'sagemaker:TaggingAction': ['CreateApp', 'CreateEndpoint'] } },
        ],
      ]),
    );
    const keys = (role: string, operator: string) =>
      of(role)
        .filter(({ Effect }) => Effect === 'Deny')
        .flatMap(({ Condition }) => z.array(z.string()).parse(Condition?.[operator]?.['aws:TagKeys'] ?? []));
    for (const role of ['Act', 'Tag'])
      expect(keys(role, 'ForAnyValue:StringEqualsIgnoreCase')).toEqual(['do-not-stop', 'legal']);
    const patterns = keys('Tag', 'ForAnyValue:StringLike');
    expect(patterns).toContain('*protect*');
    // The action refuses all that the role denies.
    for (const pattern of patterns) expect(forbidden(pattern.replaceAll('*', ''), [])).not.toBeNull();
    expect(actionsOf(of('Tag'), 'Deny')).toEqual(new Set(['ec2:CreateTags', 'ec2:DeleteTags']));
  });

  test('hold what IAM lets a role hold, and need no bootstrap', () => {
    const { template, of } = stopping();
    // 10,240 characters of inline policies a role, without white space (IAM User Guide, "IAM and AWS STS quotas").
    for (const role of ['Read', 'Act', 'Tag']) expect(JSON.stringify(of(role)).length).toBeLessThan(10_240);
    expect(Object.keys(template.toJSON()['Parameters']).toSorted()).toEqual([
      'AiUsageRoleArn',
      'CollectRoleArn',
      'PlanRoleArn',
      'SweepRoleArn',
    ]);
  });
});

test('docs/deploy.md names what is checked in code alone', () => {
  const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  const [, sentence = ''] = /- These look at no tag(.*?)\. They/s.exec(page) ?? [];
  const named = [...sentence.matchAll(/`([^`]+)`/g)].map(([, action]) => action);
  const declared = ACTIONS.filter(({ provider }) => provider === 'aws').flatMap(
    ({ permissions }) => permissions,
  );
  expect(named).toEqual(guardedInCode(declared));
});
