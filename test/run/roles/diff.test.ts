import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../../lib/actions/index.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import type { Config } from '../../../lib/config/schema.ts';
import { diffText, rightsDiff } from '../../../lib/run/roles/diff.ts';
import { rightsOf } from '../../../lib/run/roles/rights.ts';

const CLOUDS = `estate:
  aws: { accounts: organisation, externalId: ext-1, organisationId: o-a1b2c3d4e5 }
  gcp: { projects: [acme-prod], actAs: bursar-act@acme-ops.iam.gserviceaccount.com }`;

function configOf(policies: string, more = CLOUDS): Config {
  return parseConfig(`schemaVersion: 1\npolicies: ${policies}\n${more}\n`, 'bursar.yaml');
}

const FLAG = configOf('[{ check: idle-gpu, mode: flag }]');
const STOP = configOf('[{ check: idle-gpu, mode: stop }]');

const answering = (check: string, provider: string) =>
  new Set(
    ACTIONS.filter((action) => action.provider === provider && action.checks.includes(check)).flatMap(
      ({ permissions }) => permissions.map(({ action }) => action),
    ),
  );

describe('from flag to stop', () => {
  const diff = rightsDiff(FLAG, STOP);

  test('grants what the actions of that check declare, and the way to it, and nothing besides', () => {
    expect(diff.withdrawn).toEqual([]);
    const of = (holder: string) => diff.granted.filter((right) => right.holder === holder);
    expect(new Set(diff.granted.map(({ holder }) => holder))).toEqual(
      new Set(['function sweep', 'role BursarAct', 'Google Cloud: act']),
    );
    expect(of('function sweep').map(({ action, on }) => `${action} ${on}`)).toEqual([
      'sts:AssumeRole arn:*:iam::*:role/BursarAct',
      'iam.serviceAccounts.getAccessToken bursar-act@acme-ops.iam.gserviceaccount.com',
    ]);
    expect(new Set(of('role BursarAct').map(({ action }) => action))).toEqual(answering('idle-gpu', 'aws'));
    expect(new Set(of('Google Cloud: act').map(({ action }) => action))).toEqual(
      answering('idle-gpu', 'gcp'),
    );
    expect(new Set(of('Google Cloud: act').map(({ on }) => on))).toEqual(new Set(['acme-prod']));
  });

  test('tells who enters the new role, and what it is never allowed', () => {
    expect(diff.roles.granted).toEqual([
      'role BursarAct: entered by sweep, only with sts:ExternalId = ext-1 and aws:PrincipalOrgID = o-a1b2c3d4e5 and sts:RoleSessionName = bursar-f-*',
    ]);
    expect(diff.denies.granted.join('\n')).toContain('ec2:StopInstances');
    expect(diff.denies.granted.join('\n')).toContain('aws:ResourceTag/do-not-stop is there');
  });

  test('and back is the same the other way round', () => {
    const back = rightsDiff(STOP, FLAG);
    expect(back.withdrawn).toEqual(diff.granted);
    expect(back.granted).toEqual([]);
    expect(back.roles).toEqual({ granted: [], withdrawn: diff.roles.granted });
    expect(back.denies).toEqual({ granted: [], withdrawn: diff.denies.granted });
  });

  test('is told line by line, with its sum', () => {
    const lines = diffText(diff).split('\n');
    expect(lines.at(-1)).toBe(`${diff.granted.length} rights granted, 0 rights withdrawn.`);
    expect(lines).toContain(
      '+ role BursarAct: ec2:StopInstances on arn:*:ec2:*:*:instance/* (stops an idle instance)',
    );
    expect(lines.filter((line) => line.startsWith('-'))).toEqual([]);
    expect(diffText(rightsDiff(STOP, STOP))).toBe('Both configs grant the same.');
  });
});

test.each(['flag', 'warn'])('mode %s grants nothing that stops anything', (mode) => {
  const diff = rightsDiff(configOf('[]'), configOf(`[{ check: "*", mode: ${mode} }]`));
  expect(diff.granted).toEqual([]);
});

test('without a service account that acts, or without projects that are named, nothing is stopped in Google Cloud', () => {
  const policies = '[{ check: "*", mode: stop }]';
  for (const gcp of [
    '{ projects: [acme-prod] }',
    '{ projects: linked, actAs: bursar-act@acme-ops.iam.gserviceaccount.com }',
  ]) {
    const rights = rightsOf(configOf(policies, `estate: { gcp: ${gcp} }`));
    expect(rights.filter(({ holder }) => holder === 'Google Cloud: act')).toEqual([]);
    expect(rights.map(({ action }) => action)).not.toContain('iam.serviceAccounts.getAccessToken');
  }
});

describe('what the config does not name grants nothing', () => {
  const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret';
  /** Each part of a config that brings rights, by one right of it. */
  const PARTS: readonly [string, string][] = [
    ['sources: { api: { type: aws-cost-explorer } }', 'ce:GetCostAndUsage'],
    ['sources: { files: { type: focus-file, path: s3://acme-billing/focus } }', 's3:GetObject'],
    [
      `sources: { ai: { type: openai, key: { secret: "${SECRET}:openai" } } }`,
      'secretsmanager:GetSecretValue',
    ],
    ['sources: { g: { type: gcp-bigquery, table: acme-billing.bills.t } }', 'bigquery.tables.getData'],
    ['estate: { aws: {} }', 'ec2:DescribeInstances'],
    ['estate: { aws: { accounts: organisation } }', 'organizations:ListAccounts'],
    ['estate: { aws: { accounts: ["111122223333"] } }', 'sts:AssumeRole'],
    ['estate: { aws: { advice: true } }', 'compute-optimizer:GetEnrollmentStatus'],
    ['estate: { aws: {} }\nowners: { creators: true, domains: [acme.com] }', 'cloudtrail:LookupEvents'],
    ['estate: { gcp: { projects: [acme-prod] } }', 'compute.instances.list'],
    ['estate: { gcp: { projects: linked } }', 'billing.resourceAssociations.list'],
    [`slack: { token: { secret: "${SECRET}:slack" } }`, 'chat:write'],
  ];

  test.each(PARTS)('%s', (part, action) => {
    const diff = rightsDiff(configOf('[]', ''), configOf('[]', part));
    expect(diff.granted.map((right) => right.action)).toContain(action);
    expect(diff.withdrawn).toEqual([]);
  });

  test('nothing at all: the functions reach their own bucket, table, queue and log, and no cloud', () => {
    for (const { holder, on, action } of rightsOf(configOf('[]', ''))) {
      expect(holder).toMatch(/^function /);
      expect(`${action} on ${on}`).toMatch(/ on .*(BUCKET|TABLE|QUEUE|DEAD-LETTERS)/);
    }
  });
});
