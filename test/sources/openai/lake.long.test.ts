import { expect, test } from 'vitest';
import { describeWithShared } from '../../shared.ts';
import { openAi } from '../ai-vendor/deliver.ts';
import { ingested } from '../ai-vendor/lake.ts';
import { exactly } from '../ai-vendor/server.ts';
import { cost, openAiFake } from './fake.ts';
import { DAY, WORLD } from './world.ts';

describeWithShared('the bill of an OpenAI organisation in the lake', () => {
  test('amounts that the table cannot hold are rejected by name, and the rest is kept', async () => {
    const odd = [exactly(`0.${'1234567890'.repeat(4)}`), exactly('123456789012345678901'), exactly('1e-19')];
    await using fake = await openAiFake({
      costs: [
        ...odd.map((value, index) => cost(DAY, `line ${index}`, value)),
        cost(DAY, 'kept', exactly('1e-18')),
        cost(DAY, 'credit', exactly('-2.5')),
      ],
    });
    await ingested(openAi(fake.url), async ({ rowsIn, rowsRejected, rejectedMoney, periods }) => {
      expect({ rowsIn, rowsRejected }).toEqual({ rowsIn: 5, rowsRejected: 3 });
      expect(rejectedMoney).toHaveLength(1);
      expect(periods[0]?.totals).toEqual([
        {
          provider: 'OpenAI',
          currency: 'USD',
          billed: '-2.499999999999999999',
          effective: '-2.499999999999999999',
        },
      ]);
    });
  });

  test('the lake takes it whole: nothing rejected, nothing repaired', async () => {
    await using fake = await openAiFake(WORLD);
    await ingested(openAi(fake.url), async ({ rowsRejected, repairs, warnings, periods }) => {
      expect({ rowsRejected, repairs, warnings }).toEqual({ rowsRejected: 0, repairs: {}, warnings: [] });
      expect(periods[0]?.totals[0]).toMatchObject({ provider: 'OpenAI', billed: '3.2862711' });
    });
  });
});
