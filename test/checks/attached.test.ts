import { expect, test } from 'vitest';
import { attachedTo, billedOn } from '../../lib/checks/attached.ts';
import { costsOf } from '../../lib/checks/cost.ts';
import { idleGpu, settings } from '../../lib/checks/idle-gpu.ts';
import type { Facts } from '../../lib/checks/model.ts';
import { arn, cost, facts, idleTelemetry, machine, NOW, WINDOW } from './facts.ts';

const MACHINE = machine({
  attributes: { instanceId: 'i-0000000000000001', volumeIds: ['vol-1', 'vol-2'] },
});
const ADDRESS = machine({
  type: 'aws:ec2:elastic-ip',
  id: arn('eipalloc-1', 'elastic-ip'),
  accelerators: [],
  attributes: { instanceId: 'i-0000000000000001' },
});
const FREE = { ...ADDRESS, id: arn('eipalloc-2', 'elastic-ip'), attributes: { instanceId: null } };
const OTHERS = { ...ADDRESS, id: arn('eipalloc-3', 'elastic-ip'), attributes: { instanceId: 'i-2' } };

const seen = (given: Partial<Facts> = {}) =>
  facts({
    resources: [MACHINE, ADDRESS, FREE, OTHERS],
    telemetry: idleTelemetry(),
    costs: [
      cost({ effective: '900' }),
      cost({ resourceId: arn('vol-1', 'volume'), effective: '40.5' }),
      cost({ resourceId: arn('vol-2', 'volume'), effective: '8', committed: '0' }),
      cost({ resourceId: arn('eipalloc-1', 'elastic-ip'), effective: '3.6' }),
      cost({ resourceId: arn('eipalloc-3', 'elastic-ip'), effective: '1000' }),
    ],
    ...given,
  });

test('a machine keeps its volumes and the addresses that name it, and no others', () => {
  expect(attachedTo(MACHINE, seen().resources)).toEqual([
    arn('vol-1', 'volume'),
    arn('vol-2', 'volume'),
    arn('eipalloc-1', 'elastic-ip'),
  ]);
});

test('what they cost is told beside the saving, which they are no part of', () => {
  const [finding] = idleGpu.judge(seen(), settings.parse({}), NOW);
  expect(finding?.monthlySaving).toEqual({ amount: '900', currency: 'USD' });
  expect(finding?.evidence).toContainEqual({
    name: 'billed on after a stop: 3 volumes and addresses',
    value: '52.1',
    unit: 'USD',
    window: `${WINDOW.start}/${WINDOW.end}`,
    source: 'bill EffectiveCost of each',
  });
});

test('without a bill of any of them nothing is told', () => {
  const none = seen({ costs: [cost()] });
  expect(billedOn(MACHINE, none.resources, costsOf(none))).toEqual([]);
});

test('where the bill tells of some alone, so much is said', () => {
  const some = seen({ costs: [cost({ resourceId: arn('vol-2', 'volume'), effective: '8' })] });
  expect(billedOn(MACHINE, some.resources, costsOf(some))).toMatchObject([
    { name: 'billed on after a stop: 1 of 3 volumes and addresses', value: '8' },
  ]);
});

test('in two currencies nothing is added', () => {
  const two = seen({
    costs: [
      cost({ resourceId: arn('vol-1', 'volume'), effective: '40' }),
      cost({ resourceId: arn('vol-2', 'volume'), effective: '8', currency: 'EUR' }),
    ],
  });
  expect(billedOn(MACHINE, two.resources, costsOf(two))).toEqual([]);
});

test('a disk of Google Cloud names its machines', () => {
  const zone = '//compute.googleapis.com/projects/p/zones/us-central1-a';
  const vm = machine({ provider: 'gcp', type: 'gcp:compute:instance', id: `${zone}/instances/trainer` });
  const disk = {
    ...vm,
    type: 'gcp:compute:disk',
    id: `${zone}/disks/data`,
    attributes: { users: [vm.id] },
  };
  const elsewhere = { ...disk, id: `${zone}/disks/b`, attributes: { users: [`${zone}/instances/b`] } };
  expect(attachedTo(vm, [vm, disk, elsewhere])).toEqual([disk.id]);
});
