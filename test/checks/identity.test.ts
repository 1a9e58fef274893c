import { expect, test } from 'vitest';
import { Identities } from '../../lib/checks/identity.ts';
import { ACCOUNT, arn, machine, REGION } from './facts.ts';

const resource = (type: string, id: string) => machine({ type, id });
const billed = (resourceId: string) => ({
  provider: 'aws' as const,
  accountId: ACCOUNT,
  region: REGION,
  resourceId,
});

test('a bill names a bucket by its name, an instance by its bare id, and both by their ARN', () => {
  const bucket = resource('aws:s3:bucket', 'arn:aws:s3:::models');
  const instance = resource('aws:ec2:instance', arn('i-0000000000000001'));
  const known = new Identities([bucket, instance]);
  for (const id of ['models', 'arn:aws:s3:::models']) expect(known.find(billed(id))).toBe(bucket);
  for (const id of ['i-0000000000000001', instance.id]) expect(known.find(billed(id))).toBe(instance);
});

test('a log group, a repository or a load balancer whose name ends like a bucket takes none of its cost', () => {
  const bucket = resource('aws:s3:bucket', 'arn:aws:s3:::models');
  const group = resource('aws:logs:log-group', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/models`);
  const repository = resource(
    'aws:ecr:repository',
    `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/team/models`,
  );
  const balancer = resource(
    'aws:elasticloadbalancing:loadbalancer',
    `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/models`,
  );
  const known = new Identities([bucket, group, repository, balancer]);
  expect(known.find(billed('models'))).toBe(bucket);
  for (const one of [group, repository, balancer]) expect(known.find(billed(one.id))).toBe(one);
  expect(new Identities([group, repository, balancer]).find(billed('models'))).toBeNull();
});
