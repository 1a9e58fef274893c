import { expect, it } from 'vitest';
import { checks } from '../../lib/checks/index.ts';
import { DATASET_PERMISSIONS } from '../../lib/run/assemble/datasets.ts';
import { listChecks } from '../../lib/run/checks.ts';

it('knows every dataset that a check rests on, and what it calls and costs', () => {
  for (const { id, datasets } of checks)
    for (const dataset of datasets === 'all' ? [] : datasets)
      expect(DATASET_PERMISSIONS.has(dataset), `${id} rests on ${dataset}`).toBe(true);
  const idle = listChecks(DATASET_PERMISSIONS).find(({ id }) => id === 'idle-gpu');
  expect(idle?.permissions.map(({ action }) => action)).toContain('ec2:DescribeInstances');
  expect(idle?.permissions.filter(({ price }) => price !== undefined)).toContainEqual(
    expect.objectContaining({ action: 'cloudwatch:GetMetricData', price: '0.01 USD per 1,000 metrics' }),
  );
});

it('judges the vectors of every kind of store', () => {
  const stores = [...DATASET_PERMISSIONS.keys()].filter((id) => !/^(aws|gcp)\./.test(id));
  expect(stores).toHaveLength(7);
  expect(checks.find(({ id }) => id === 'stale-embeddings')?.datasets).toEqual(
    expect.arrayContaining([...stores, 'gcp.aiplatform.vector-search']),
  );
});
