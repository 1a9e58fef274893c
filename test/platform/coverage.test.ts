import { expect, test } from 'vitest';
import { type Coverage, datasetOf, gapOf } from '../../lib/platform/coverage.ts';

const asOf = '2026-11-20T00:00:00.000Z';
const entry = (more: Partial<Coverage>): Coverage => ({
  scope: 'aws:1:eu',
  status: 'complete',
  reason: null,
  asOf,
  ...more,
});

test('of a complete scope every dataset was read whole', () => {
  expect(gapOf([entry({})], 'aws:1:eu')).toBeNull();
  expect(gapOf([entry({})], datasetOf('aws:1:eu', 'volumes'))).toBeNull();
});

test('of a partial scope those are whole that it does not name, where it names any', () => {
  const partial = entry({ status: 'partial', reason: 'volumes: denied', incomplete: ['volumes'] });
  expect(gapOf([partial], 'aws:1:eu#instances')).toBeNull();
  expect(gapOf([partial], 'aws:1:eu#volumes')).toBe('aws:1:eu is partial: volumes: denied');
  expect(gapOf([partial], 'aws:1:eu')).toBe('aws:1:eu is partial: volumes: denied');
  const unsaid = entry({ status: 'partial', reason: 'something' });
  expect(gapOf([unsaid], 'aws:1:eu#instances')).toBe('aws:1:eu is partial: something');
});

test.each(['failed', 'not-covered'] as const)(
  'a scope that is %s holds nothing, whatever it names',
  (status) => {
    expect(gapOf([entry({ status, incomplete: ['x'] })], 'aws:1:eu#instances')).toContain(status);
  },
);

test('what nobody looked at is a gap, and the worst of two entries counts', () => {
  expect(gapOf([entry({})], 'aws:2:eu#instances')).toBe('aws:2:eu was not looked at');
  expect(gapOf([], 'bill:a#b')).toBe('bill:a was not looked at');
  expect(gapOf([entry({}), entry({ status: 'failed' })], 'aws:1:eu#instances')).toContain('failed');
});
