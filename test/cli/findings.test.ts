import { expect, test } from 'vitest';
import { dearestFirst } from '../../lib/cli/findings.ts';
import { finding, usd } from '../digest/inputs.ts';

function one(id: string, saving: string | null, cost: string | null, state: 'DETECTED' | 'RESOLVED') {
  return finding({
    id,
    state,
    monthlySaving: saving === null ? null : usd(saving),
    monthlyCost: cost === null ? null : usd(cost),
  });
}

test('findings: the largest saving first, then the largest cost, what is unknown last; resolved ones below all', () => {
  const all = [
    one('f-a', null, null, 'DETECTED'),
    one('f-b', null, '900', 'DETECTED'),
    one('f-c', '99', '100', 'DETECTED'),
    one('f-d', '5000', '5000', 'RESOLVED'),
    one('f-e', '100', '100', 'DETECTED'),
    one('f-f', '0', '300', 'DETECTED'),
  ];
  expect(dearestFirst(all, '2026-11-16T08:00:00.000Z', 'USD').map(({ id }) => id)).toEqual([
    'f-e',
    'f-c',
    'f-f',
    'f-b',
    'f-a',
    'f-d',
  ]);
});
