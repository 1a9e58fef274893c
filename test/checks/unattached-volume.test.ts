import { describe, expect, test } from 'vitest';
import { settings, unattachedVolume } from '../../lib/checks/unattached-volume.ts';
import type { Resource } from '../../lib/estate/model.ts';
import { arn, cost, facts, machine, NOW, SCOPE } from './facts.ts';

const defaults = settings.parse({});
const ID = arn('vol-0000000000000001', 'volume');

function volume(given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}): Resource {
  return machine({
    type: 'aws:ec2:volume',
    id: ID,
    name: 'scratch',
    state: 'available',
    sku: 'gp3',
    created: '2026-10-01T00:00:00Z',
    accelerators: [],
    dataset: 'aws.ec2.volumes',
    attributes: { sizeGiB: 500, attachments: [], systemTags: {}, ...attributes },
    ...given,
  });
}

const judge = (resource: Resource, given: Parameters<typeof facts>[0] = {}) =>
  unattachedVolume.judge(facts({ resources: [resource], ...given }), defaults, NOW);

test('a free volume is UNUSED, with its cost and no saving that nobody knows', () => {
  const billed = { ...cost(), resourceId: ID, effective: '40', committed: '0' };
  expect(judge(volume(), { costs: [billed] })).toMatchObject([
    {
      verdict: 'UNUSED',
      resourceId: ID,
      costBasis: 'billed',
      monthlyCost: { amount: '40', currency: 'USD' },
      monthlySaving: null,
      reason: 'It is attached to nothing, and 50 days old.',
      scopes: [`${SCOPE}#aws.ec2.volumes`],
    },
  ]);
});

describe('nothing is said of a volume', () => {
  test.each<[string, Resource]>([
    ['that is in use', volume({ state: 'in-use' })],
    ['that is being deleted', volume({ state: 'deleting' })],
    ['that still names an attachment', volume({}, { attachments: [{ instanceId: 'i-1' }] })],
    ['whose attachments nobody told', volume({}, { attachments: null })],
    ['that is young', volume({ created: '2026-11-10T00:00:00Z' })],
    ['that has no date', volume({ created: null })],
    ['of a Kubernetes claim', volume({ tags: { 'kubernetes.io/created-for/pvc/name': 'data' } })],
    ['of the CSI driver', volume({ tags: { 'ebs.csi.aws.com/cluster': 'true' } })],
    ['that a service keeps', volume({}, { systemTags: { 'aws:backup:source-resource': 'x' } })],
  ])('%s', (_, resource) => {
    expect(judge(resource)).toEqual([]);
  });

  test('of a region whose volumes were not read whole', () => {
    const entry = { scope: SCOPE, status: 'partial' as const, reason: 'cut short', asOf: NOW.toISOString() };
    expect(judge(volume(), { coverage: [{ ...entry, incomplete: ['aws.ec2.volumes'] }] })).toEqual([]);
    expect(judge(volume(), { coverage: [] })).toEqual([]);
    expect(judge(volume(), { coverage: [{ ...entry, incomplete: ['aws.ec2.instances'] }] })).toHaveLength(1);
  });
});

test('a stack that made it and left it keeps nothing', () => {
  expect(judge(volume({}, { systemTags: { 'aws:cloudformation:stack-name': 's' } }))).toHaveLength(1);
});
