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

const at = (kind: string) => `//compute.googleapis.com/projects/acme/zones/z/${kind}`;
const of = (type: string, id: string, number: string) =>
  machine({ provider: 'gcp', accountId: 'acme', type, id, attributes: { numericId: number } });
const find = (known: Identities, resourceId: string) =>
  known.find({ provider: 'gcp', accountId: 'acme', region: 'z', resourceId });

test('a name that two things of Google Cloud bear is nobody’s, and each is found by its own', () => {
  const vm = of('gcp:compute:instance', `${at('instances')}/trainer`, '1');
  const disk = of('gcp:compute:disk', `${at('disks')}/trainer`, '2');
  const lab = of(
    'gcp:notebooks:instance',
    '//notebooks.googleapis.com/projects/acme/locations/z/instances/trainer',
    '1',
  );
  const alone = of('gcp:compute:disk', `${at('disks')}/scratch`, '3');
  for (const all of [
    [vm, disk, lab, alone],
    [alone, lab, disk, vm],
  ]) {
    const known = new Identities(all);
    expect(find(known, 'trainer')).toBeNull();
    expect(find(known, 'scratch')).toBe(alone);
    expect(find(known, vm.id)).toBe(vm);
    expect(find(known, `${at('instances')}/1`)).toBe(vm);
    expect(find(known, `${at('disks')}/2`)).toBe(disk);
    expect(find(known, '//compute.googleapis.com/projects/123456789012/zones/z/disk/2')).toBe(disk);
    expect(find(known, '//compute.googleapis.com/projects/123456789012/zones/z/disk/9')).toBeNull();
  }
  expect(find(new Identities([vm, vm]), 'trainer')).toBe(vm);
});

test.each([
  ['aiplatform', 'gcp:aiplatform:endpoint', 'locations/us-central1/endpoints/42'],
  ['aiplatform', 'gcp:aiplatform:custom-job', 'locations/us-central1/customJobs/900'],
  ['aiplatform', 'gcp:aiplatform:persistent-resource', 'locations/us-central1/persistentResources/ray-1'],
  ['tpu', 'gcp:tpu:node', 'locations/us-central1-a/nodes/slice-1'],
  ['cloudsql', 'gcp:sqladmin:instance', 'instances/vectors'],
])('a thing of %s that a bill names by the number of the project is found: %s', (service, type, path) => {
  const one = of(type, `//${service}.googleapis.com/projects/acme/${path}`, '1');
  const known = new Identities([one]);
  const named = `//${service}.googleapis.com/projects/123456789012/${path}`;
  expect(find(known, named)).toBe(one);
  // Of another project nothing is found by its number.
  expect(known.find({ provider: 'gcp', accountId: 'other', region: 'z', resourceId: named })).toBeNull();
  expect(find(known, `${named}0`)).toBeNull();
});

test('a bucket is found by its name, whatever else bears it', () => {
  const bucket = resource('aws:s3:bucket', 'arn:aws:s3:::chat');
  const endpoint = resource('aws:sagemaker:endpoint', `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/chat`);
  for (const all of [
    [bucket, endpoint],
    [endpoint, bucket],
  ])
    expect(new Identities(all).find(billed('chat'))).toBe(bucket);
});
