import { expect, test } from 'vitest';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { anthropic, deliver, sum } from '../ai-vendor/deliver.ts';
import { WORLD } from './world.ts';

test('cents become dollars, and the rows add up to the cost report to the last digit', async () => {
  await using fake = await anthropicFake(WORLD);
  const { rows } = await deliver(anthropic(fake.url));
  // 3 + 0.6 + 1.5 + 0.6 + 0.75, 0.999999 + 0.000105, 0.000003 + 0.000015, 0.0015 + 0.0000225, 0.40, 1.2378912.
  expect(sum(rows, 'BilledCost')).toBe('9.0895357');
});
