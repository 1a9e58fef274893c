import { describe, expect, test } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { networkOf, openStores, storeNetworks } from '../../../lib/run/assemble/store-networks.ts';
import type { Task } from '../../../lib/run/tasks.ts';

const network = (subnets: readonly string[]) => ({
  vpcId: 'vpc-0123456789abcdef1',
  subnets,
  securityGroups: ['sg-0123456789abcdef1', 'sg-0123456789abcdef2'],
});
const url = { env: 'X' };

const { stores } = configSchema.parse({
  schemaVersion: 1,
  estate: {
    stores: {
      b: {
        type: 'pgvector',
        url,
        network: network(['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2']),
      },
      a: {
        type: 'pgvector',
        url,
        network: {
          ...network(['subnet-0123456789abcdef2', 'subnet-0123456789abcdef1']),
          securityGroups: ['sg-0123456789abcdef2', 'sg-0123456789abcdef1'],
        },
      },
      c: {
        type: 'opensearch',
        url: 'https://docs.example',
        auth: 'none',
        network: network(['subnet-0123456789abcdef3']),
      },
      open: { type: 'pgvector', url },
    },
  },
}).estate;

const task = (accountId: string, provider: 'postgres' | 'other' | 'aws' = 'postgres'): Task => ({
  schemaVersion: 1,
  runId: 'r',
  kind: 'estate',
  scope: { provider, accountId, region: 'global' },
});

describe('places in VPCs', () => {
  test('are each one, however their subnets and groups are ordered', () => {
    expect(storeNetworks(stores).map((place) => place.stores)).toEqual([['a', 'b'], ['c']]);
    expect(new Set(storeNetworks(stores).map(({ id }) => id)).size).toBe(2);
  });

  test('keep their ids when a store is added or leaves', () => {
    const [, ofC] = storeNetworks(stores);
    const { a: _a, b: _b, ...fewer } = stores;
    expect(storeNetworks(fewer)).toEqual([ofC]);
  });

  test('tell the task of which store is collected where', () => {
    const [ofAB, ofC] = storeNetworks(stores);
    expect(networkOf(stores, task('a'))).toBe(ofAB?.id);
    expect(networkOf(stores, task('c', 'other'))).toBe(ofC?.id);
    for (const other of [
      task('open'),
      task('a', 'aws'),
      task('constructor'),
      { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'a' } as const,
    ])
      expect(networkOf(stores, other)).toBeNull();
    expect(Object.keys(openStores(stores))).toEqual(['open']);
  });
});
