import { expect, test } from 'vitest';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { anthropic } from '../ai-vendor/deliver.ts';
import { ingested } from '../ai-vendor/lake.ts';
import { costResult, page, report } from './answers.ts';
import { WORLD } from './world.ts';

test('the lake takes it whole; what it cannot hold is rejected by name', async () => {
  await using fake = await anthropicFake(WORLD);
  await ingested(anthropic(fake.url), async ({ rowsRejected, repairs, periods }) => {
    expect({ rowsRejected, repairs }).toEqual({ rowsRejected: 0, repairs: {} });
    expect(periods[0]?.totals[0]).toMatchObject({
      provider: 'Anthropic',
      currency: 'USD',
      billed: '9.0895357',
    });
  });
  await using odd = await anthropicFake({
    events: [],
    instead: report(
      'cost_report',
      page([
        costResult('0.0000000000000001'),
        costResult('0.00000000000000001', { description: 'nineteen places of a dollar' }),
        costResult('1e-7', { description: 'with an exponent' }),
        costResult('-0.00', { description: 'zero' }),
        costResult('9'.repeat(40), { description: 'forty digits' }),
      ]),
    ),
  });
  await ingested(anthropic(odd.url), async ({ rowsIn, rowsRejected, periods }) => {
    expect({ rowsIn, rowsRejected }).toEqual({ rowsIn: 5, rowsRejected: 2 });
    expect(periods[0]?.totals[0]).toMatchObject({ billed: '0.000000001000000001' });
  });
});
