import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, expect, inject, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { AWS_DATASETS } from '../../lib/estate/aws/datasets.ts';
import { collectScope } from '../../lib/estate/collect.ts';
import type { Snapshot } from '../../lib/estate/model.ts';
import { AWS_RETRY, assumedRole } from '../../lib/platform/aws-sessions.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { type MemberRole, memberRoles } from '../../lib/run/assemble/member-permissions.ts';
import { inAccount } from '../../lib/run/assemble/policy-statements.ts';
import { authoriseAfter, resetMoto } from '../counterparts/moto.ts';
import { makeClients, OTHER } from '../estate/aws/emulated.ts';
import { launch } from '../estate/aws/fleet.ts';

/*
 * The read role does its whole job and no more: every dataset is collected in another account with a session of the
 * role, while each call is held against its policy, by action.
 */

const REGION = 'us-east-1';
const NOW = new Date('2026-11-20T10:30:00Z');

const moto = inject('motoUrl');
afterEach(() => authoriseAfter(moto, Infinity));

function readRole(): MemberRole {
  const [read] = memberRoles(parseConfig('schemaVersion: 1\nestate: { aws: {} }\n', 'bursar.yaml'));
  if (read === undefined) throw new Error('no role reads');
  return read;
}

/**
 * An action, and what the stand-in calls it. IAM compares without case ("IAM JSON policy elements: Action"), the
 * stand-in does not; CloudWatch's prefix is `cloudwatch` (Service Authorization Reference, 2026), the stand-in takes
 * the name that requests are signed for.
 */
function asTheStandInSays(action: string): string[] {
  const [prefix, name = ''] = action.split(':');
  if (prefix === 'batch') return [action, action.toLowerCase()];
  return prefix === 'cloudwatch' ? [action, `monitoring:${name}`] : [action];
}

/**
 * What a look into the other account finds with this role.
 * @param taken actions that are taken from its policy.
 */
async function looked(role: MemberRole, taken: readonly string[] = []): Promise<Snapshot> {
  const { roleName } = role;
  // The first four calls set it up: entering, one machine, the role and its policy.
  await resetMoto(moto);
  await authoriseAfter(moto, 4);
  const base = { endpoint: moto, region: REGION, ...AWS_RETRY, maxAttempts: 2 };
  const sts = new STSClient({ ...base, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const credentials = assumedRole(sts, { accountId: OTHER, partition: 'aws', roleName }, new Meter());
  const { accessKeyId } = await credentials();
  await launch(makeClients({ ...base, credentials }).ec2, 't3.micro', 1, { Name: 'one' });
  const iam = async (call: Record<string, string>) => {
    const answer = await fetch(moto, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x`,
      },
      body: new URLSearchParams({ ...call, Version: '2010-05-08' }),
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  };
  await iam({ Action: 'CreateRole', RoleName: roleName, AssumeRolePolicyDocument: '{}' });
  const Statement = role.statements(inAccount({ partition: 'aws', account: OTHER })).map((statement) => ({
    ...statement,
    Action: statement.Action.filter((action) => !taken.includes(action)).flatMap(asTheStandInSays),
  }));
  await iam({
    Action: 'PutRolePolicy',
    RoleName: roleName,
    PolicyName: 'Bursar',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
  const session = {
    accountId: OTHER,
    region: REGION,
    partition: 'aws',
    ...makeClients({ ...base, credentials }),
  };
  const scope = { provider: 'aws', accountId: OTHER, region: REGION } as const;
  return await collectScope(scope, session, AWS_DATASETS, NOW, new Meter());
}

test('every dataset is collected with it', async () => {
  const { resources, coverage } = await looked(readRole());
  expect(resources.map(({ type }) => type)).toContain('aws:ec2:instance');
  expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
});

test('what is taken from it is missed by the dataset that declares it, and by no other', async () => {
  const { coverage } = await looked(readRole(), ['ec2:DescribeVolumes', 'lambda:ListFunctions']);
  expect(coverage).toMatchObject([
    { status: 'partial', incomplete: ['aws.ec2.volumes', 'aws.lambda.functions'] },
  ]);
});
