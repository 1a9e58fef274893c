import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { gpuJoin } from '../../../lib/estate/aws/gpu-join.ts';
import type { Json, Resource } from '../../../lib/estate/model.ts';

function instance(id: string, attributes: Record<string, Json> = {}): Resource {
  return {
    provider: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    type: 'aws:ec2:instance',
    id: `arn:${id}`,
    name: null,
    state: 'running',
    created: null,
    tags: {},
    sku: null,
    accelerators: [],
    parent: null,
    attributes: { instanceId: id, ...attributes },
  };
}

const dimensions = (of: Record<string, string>) =>
  Object.entries(of).map(([Name, Value]) => ({ Name, Value }));

const one = instance('i-1', {
  privateDnsName: 'ip-10-0-0-1.eu-west-1.compute.internal',
  privateIp: '10.0.0.1',
});
const two = instance('i-2', {
  privateDnsName: 'ip-10-0-0-2.eu-west-1.compute.internal',
  privateIp: '10.0.0.2',
});

test.each([
  [{ InstanceId: 'i-1', index: '3' }, 'arn:i-1', '3'],
  [{ host: 'ip-10-0-0-1.eu-west-1.compute.internal' }, 'arn:i-1', null],
  [{ host: 'ip-10-0-0-2', index: '0' }, 'arn:i-2', '0'],
  [{ host: 'IP-10-0-0-2.corp.example', index: '0' }, 'arn:i-2', '0'],
  [{ Hostname: '10.0.0.2', gpu: '1' }, 'arn:i-2', '1'],
  [{ host: 'i-1.eu-west-1.compute.internal' }, 'arn:i-1', null],
  [{ ClusterName: 'c', InstanceId: 'i-2', NodeName: 'n', GpuDevice: 'nvidia5' }, 'arn:i-2', '5'],
  [{ InstanceId: 'i-1', GpuId: 'GPU-f9ba' }, 'arn:i-1', 'GPU-f9ba'],
  [{ InstanceId: 'i-1', gpu: '0', GPU_I_ID: '3' }, 'arn:i-1', '0/mig-3'],
  [{ InstanceId: 'i-1', GPU_I_ID: '3' }, 'arn:i-1', '/mig-3'],
  [{ InstanceId: 'i-1', gpu: '0', GPU_I_ID: '' }, 'arn:i-1', '0'],
])('%j is %s, device %s', (named, resourceId, device) => {
  expect(gpuJoin([one, two])(dimensions(named))).toEqual({ resourceId, device });
});

test.each([
  [{ InstanceId: 'i-9', host: 'ip-10-0-0-1' }],
  [{ host: 'ip-10-9-9-9' }],
  [{ host: '10.0' }],
  [{ ClusterName: 'c' }],
  [{ index: '0' }],
])('%j is no machine of ours', (named) => {
  expect(gpuJoin([one, two])(dimensions(named))).toBeNull();
});

test('a host name that two instances bear belongs to neither, in whatever order they come', () => {
  const elsewhere = instance('i-3', { privateIp: '10.0.0.1' });
  fc.assert(
    fc.property(fc.shuffledSubarray([one, two, elsewhere], { minLength: 3 }), (instances) => {
      const join = gpuJoin(instances);
      expect(join(dimensions({ host: 'ip-10-0-0-1', index: '0' }))).toBeNull();
      expect(join(dimensions({ InstanceId: 'i-3' }))?.resourceId).toBe('arn:i-3');
      expect(join(dimensions({ host: 'ip-10-0-0-2' }))?.resourceId).toBe('arn:i-2');
    }),
  );
});

test('a join by instance id never names another instance', () => {
  const id = fc.stringMatching(/^i-[0-9a-f]{2}$/);
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 20 }), id, (ids, asked) => {
      const joined = gpuJoin(ids.map((name) => instance(name)))(dimensions({ InstanceId: asked }));
      expect(joined?.resourceId ?? null).toBe(ids.includes(asked) ? `arn:${asked}` : null);
    }),
  );
});
