import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import type { Audience, PeriodKind } from '../../lib/digest/model.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
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

async function told(
  all: readonly Charge[],
  others: readonly Charge[] = [],
  audience: Audience = { kind: 'everyone' },
  kind: PeriodKind = 'week',
) {
  const parts = await opened({ team: [{ tag: 'team' }] });
  const bills = [await bill(parts.folder, 'bills', all)];
  if (others.length > 0) bills.push(await bill(parts.folder, 'others', others));
  const auditor = auditorOf(parts, bills);
  await wholeAudit(auditor, 'r-1', false, NOW);
  const content = digestContent(
    await digestInput(auditor, kind, { sources: null, scopes: null }, NOW, audience),
  );
  return { content, text: digestText(content) };
}

test('a week that no bill speaks of is not one that cost nothing', async () => {
  const { content, text } = await told(charges((at) => at < 21 || at >= 28));
  expect(content.spend).toMatchObject([{ current: '8.75', former: null, difference: null, percent: null }]);
  expect([content.movers, content.aiDrivers]).toEqual([[], []]);
  expect(text).not.toContain('more than the week before');
  expect(text).not.toContain('new resource');
});

test('the days of a month that are told are all of it, and add up to what was spent', async () => {
  const { content } = await told(
    Array.from({ length: 31 }, (_, at) => ({
      ChargePeriodStart: new Date(Date.UTC(2026, 9, 1 + at)).toISOString(),
      ChargePeriodEnd: new Date(Date.UTC(2026, 9, 2 + at)).toISOString(),
    })),
    [],
    { kind: 'everyone' },
    'month',
  );
  const days = content.daily[0]?.days.filter(({ inPeriod }) => inPeriod) ?? [];
  expect([days.length, days[0]?.day]).toEqual([31, '2026-10-01']);
  const sum = days.reduce((all, { amount }) => all.plus(amount), new Decimal(0));
  expect(content.spend).toMatchObject([{ currency: 'USD', current: sum.toFixed() }]);
});

test('a first week is told from the day on which the bills begin, and a month before them is not free', async () => {
  const begun = charges((at) => at >= 30);
  const { content, text } = await told(begun);
  expect(content.spend).toMatchObject([{ current: '6.25', former: null, since: '2026-11-11' }]);
  expect(text).toContain('$6.25 spent since Nov 11, when the bills begin');
  const month = await told(begun, [], { kind: 'everyone' }, 'month');
  expect(month.content.spend).toEqual([]);
  expect(month.text).toContain('The bills begin on Nov 11: what this month cost is not known');
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

test('one of two bills of a currency lacks days: coverage says which, and the total is partial', async () => {
  const { content, text } = await told(
    charges(() => true),
    charges((at) => at !== 29 && at !== 30 && at !== 33),
  );
  // Seven days of one, and four of the other.
  expect(content.spend).toMatchObject([
    {
      current: '13.75',
      former: null,
      difference: null,
      missing: [{ bill: 'others', days: ['2026-11-10', '2026-11-11', '2026-11-14'] }],
    },
  ]);
  expect(content.gaps).toEqual([
    {
      status: 'partial',
      scopes: ['bill:others'],
      reason: 'no charge of 2026-11-10 to 2026-11-11, 2026-11-14: what these days cost is in no total',
    },
  ]);
  expect(content.scopes).toEqual({ all: 2, complete: 1 });
  expect(content.movers).toEqual([]);
  expect(text).toContain('partial, without 3 days of others');
  expect(text).toContain('spent, as far as bills tell (3 days are missing in one)');
  expect(JSON.stringify(digestAnnouncement(content).message)).toContain('partial: 3 days missing');
});

test('a gap of the week before makes that one partial and no comparison, the week itself is whole', async () => {
  const { content, text } = await told(
    charges(() => true),
    charges((at) => at !== 24),
  );
  expect(content.spend).toMatchObject([{ current: '17.5', former: null, missing: [] }]);
  expect(content.gaps).toMatchObject([{ reason: expect.stringContaining('no charge of 2026-11-05:') }]);
  expect(text).not.toContain('partial, without');
});

test('a bill that ends before the others is named with the days that it has not told yet', async () => {
  const { content } = await told(
    charges(() => true),
    charges((at) => at < 33),
  );
  expect(content.spend).toMatchObject([
    { missing: [{ bill: 'others', days: ['2026-11-14', '2026-11-15'] }] },
  ]);
});

/** A fee of each month for the whole of it, as AWS charges support and taxes. */
const fees = ['2026-10', '2026-11'].map((month) => ({
  ChargeCategory: 'Purchase',
  BillingPeriodStart: `${month}-01T00:00:00Z`,
  ChargePeriodStart: `${month}-01T00:00:00Z`,
  ChargePeriodEnd: new Date(Date.UTC(2026, Number(month.slice(5)), 1)).toISOString(),
}));

test('a fee of the whole month is no sign that the bill tells of days to come', async () => {
  for (const others of [[], fees]) {
    const { content } = await told([...charges((at) => at < 32), ...(others.length > 0 ? [] : fees)], others);
    expect(content.asOf).toBe('2026-11-13T00:00:00.000Z');
    expect(content.period).toEqual({ start: '2026-11-02T00:00:00.000Z', end: '2026-11-09T00:00:00.000Z' });
    expect(content.spend).toMatchObject([{ current: '8.75', former: '10', missing: [] }]);
    expect(content.gaps).toEqual([]);
  }
});

test('a bill of such fees alone speaks as far as they do', async () => {
  const { content } = await told(fees.slice(0, 1), [], { kind: 'everyone' }, 'month');
  expect(content.asOf).toBe('2026-11-01T00:00:00.000Z');
  expect(content.spend).toMatchObject([{ current: '1.25' }]);
});

const workdays = (at: number) => new Date(Date.parse('2026-10-12') + at * DAY).getUTCDay() % 6 !== 0;

test('an invoice that comes but now and then, one of working days, and one that begins lack nothing', async () => {
  for (const others of [
    charges((at) => at === 2 || at === 34),
    charges(workdays),
    charges((at) => at > 30),
  ]) {
    const { content } = await told(
      charges(() => true),
      others,
    );
    expect(content.spend[0]?.missing).toEqual([]);
    expect(content.gaps).toEqual([]);
  }
});

test('a team is told that its total is partial, not of whose bill', async () => {
  const tags = { Tags: '{"team":"search"}' };
  const { content, text } = await told(
    charges(() => true, tags),
    charges((at) => at !== 30),
    { kind: 'team', team: 'search' },
  );
  expect(content.spend[0]?.missing).toEqual([{ bill: null, days: ['2026-11-11'] }]);
  expect(text).toContain('partial, without 1 day of a bill');
  expect(text).not.toContain('others');
});
