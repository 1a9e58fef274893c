import { expect, test } from 'vitest';
import { parentByTags, partTags } from '../../../lib/estate/aws/tags.ts';

const list = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

test("the user's tags and those of AWS are kept apart", () => {
  expect(
    partTags([...list({ team: 'a', 'aws:autoscaling:groupName': 'g', 'AWS:x': 'mine' }), { Key: 'bare' }]),
  ).toEqual({
    tags: { team: 'a', 'AWS:x': 'mine', bare: '' },
    systemTags: { 'aws:autoscaling:groupName': 'g' },
  });
  expect(partTags(undefined)).toEqual({ tags: {}, systemTags: {} });
});

test.each([
  [{ 'aws:autoscaling:groupName': 'g' }, { type: 'aws:autoscaling:group', id: 'g' }],
  [
    { 'aws:autoscaling:groupName': 'g', 'eks:cluster-name': 'k' },
    { type: 'aws:eks:cluster', id: 'k' },
  ],
  [
    { 'aws:autoscaling:groupName': 'g', 'aws:batch:compute-environment': 'b' },
    { type: 'aws:batch:compute-environment', id: 'b' },
  ],
  [
    { 'parallelcluster:cluster-name': 'hpc', 'parallelcluster:node-type': 'Compute' },
    { type: 'aws:parallelcluster:cluster', id: 'hpc' },
  ],
  [{ 'aws:ecs:clusterName': 'c' }, { type: 'aws:ecs:cluster', id: 'c' }],
  [{ 'aws:elasticmapreduce:job-flow-id': 'j-1' }, { type: 'aws:emr:cluster', id: 'j-1' }],
  [{ 'kubernetes.io/cluster/prod': 'owned' }, { type: 'kubernetes:cluster', id: 'prod' }],
  [{ 'kubernetes.io/cluster/prod': 'shared' }, null],
  [{ 'aws:autoscaling:groupName': '' }, null],
  [{ team: 'a' }, null],
])('%j is run by %j', (tags, parent) => {
  expect(parentByTags(partTags(list(tags)))).toEqual(parent);
});
