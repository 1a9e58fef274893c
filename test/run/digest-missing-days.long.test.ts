import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestText } from '../../lib/digest/text.ts';
import { digestInput } from '../../lib/run/digest.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import type { Charge } from '../journeys/bills.ts';
import { auditorOf, bill, opened } from './auditor.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-16T08:00:00Z');

/** A charge of each day of the 35 before now that `on` names, counted from the oldest; the last week begins at 28. */
function charges(on: (at: number) => boolean, rest: Charge = {}): Charge[] {
  return Array.from({ length: 35 }, (_, at) => at)
    .filter(on)
    .map((at) => {
      const day = Date.parse('2026-11-16') - (35 - at) * DAY;
      return {
        ...rest,
        ChargePeriodStart: new Date(day).toISOString(),
        ChargePeriodEnd: new Date(day + DAY).toISOString(),
      };
    });
}

async function told(all: readonly Charge[]) {
  const parts = await opened();
  const auditor = auditorOf(parts, [await bill(parts.folder, 'bills', all)]);
  await wholeAudit(auditor, 'r-1', false, NOW);
  const content = digestContent(await digestInput(auditor, 'week', { sources: null, scopes: null }, NOW));
  return { content, text: digestText(content) };
}

test('a week that no bill speaks of is not one that cost nothing', async () => {
  const { content, text } = await told(charges((at) => at < 21 || at >= 28));
  expect(content.spend).toMatchObject([{ current: '8.75', former: null, difference: null, percent: null }]);
  expect([content.movers, content.aiDrivers]).toEqual([[], []]);
  expect(text).not.toContain('more than the week before');
  expect(text).not.toContain('new resource');
});

test('nor is one day of it, in either of the two weeks', async () => {
  for (const missing of [24, 30]) {
    const { content } = await told(charges((at) => at !== missing));
    expect([missing, content.spend[0]?.former]).toEqual([missing, null]);
  }
});

test('whole weeks are compared, and those of a bill that comes but now and then', async () => {
  const { content } = await told([
    ...charges(() => true),
    ...charges((at) => at === 22 || at === 29, { BillingCurrency: 'EUR' }),
  ]);
  expect(content.spend.map(({ currency, former, difference }) => [currency, former, difference])).toEqual([
    ['USD', '8.75', '0'],
    ['EUR', null, null],
  ]);
});

test('a bill that comes but now and then is compared where it reaches back', async () => {
  const { content } = await told(charges((at) => at === 1 || at === 22 || at === 34));
  expect(content.spend[0]).toMatchObject({ current: '1.25', former: '1.25', difference: '0' });
});
