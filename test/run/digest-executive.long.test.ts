import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import type { ExecutiveFigure } from '../../lib/digest/content-model.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { executiveFigures } from '../../lib/run/digest-executive.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { emptyInput, finding, fullInput, usd } from '../digest/inputs.ts';
import { fullInsight, unitOf } from '../digest/insight-inputs.ts';
import type { Charge } from '../journeys/bills.ts';
import { auditorOf, bill, opened } from './auditor.ts';

const NOW = new Date('2026-11-16T08:00:00Z');
const DAY = 86_400_000;
const PERIOD = { start: '2026-11-09T00:00:00.000Z', end: '2026-11-16T00:00:00.000Z' };
const format = digestFormat('UTC');
const EVERY = ['allocated', 'idle-gpu-share', 'forecast-error', 'commitment-coverage', 'unit-cost'] as const;

/** A charge of one day. */
function charge(day: string, amount: string, more: Charge = {}): Charge {
  const month = `${day.slice(0, 7)}-01T00:00:00Z`;
  return {
    BilledCost: amount,
    EffectiveCost: amount,
    ListCost: amount,
    ContractedCost: amount,
    BillingPeriodStart: month,
    BillingPeriodEnd: new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 1)).toISOString(),
    ChargePeriodStart: `${day}T00:00:00Z`,
    ChargePeriodEnd: new Date(Date.parse(day) + DAY).toISOString(),
    Tags: '{}',
    ...more,
  };
}

/** Days before `end`, `count` of them, oldest first. */
function daysTo(end: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) =>
    new Date(Date.parse(end) - (count - at) * DAY).toISOString().slice(0, 10),
  );
}

type Given = Partial<Parameters<typeof executiveFigures>[1]>;

/** The figures of these charges, with what the digest knows beside them. */
async function figures(charges: readonly Charge[], given: Given = {}) {
  const parts = await opened({ team: [{ tag: 'team' }] });
  const auditor = auditorOf(parts, [await bill(parts.folder, 'bills', charges)]);
  await wholeAudit(auditor, 'r-1', false, NOW);
  const input = {
    organisation: { name: 'Acme', timezone: 'UTC', currency: 'USD' },
    period: PERIOD,
    asOf: PERIOD.end,
    findings: [],
    insight: undefined,
    spend: [{ currency: 'USD', current: '1', former: null, estimated: false }],
    ...given,
  };
  const all = await executiveFigures(auditor, input, null, NOW);
  const one = (id: ExecutiveFigure['id']) => {
    const found = all.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no ${id}`);
    return { value: found.value, note: format.phrase(found.note) };
  };
  return { all, one };
}

const team = (name: string) => ({ Tags: JSON.stringify({ team: name }) });
const GPU = {
  ResourceId: 'i-gpu',
  ServiceName: 'Amazon Elastic Compute Cloud',
  SkuMeter: 'BoxUsage:p4d.24xlarge',
};

describe('the share that has a team', () => {
  test('of the period, in the one currency', async () => {
    const { one } = await figures([
      charge('2026-11-09', '60.5', team('search')),
      charge('2026-11-15', '29.5', team('platform')),
      charge('2026-11-12', '10'),
      // Before and after the period, and in another currency.
      charge('2026-11-08', '1000'),
      charge('2026-11-16', '1000'),
      charge('2026-11-12', '500', { BillingCurrency: 'EUR' }),
    ]);
    expect(one('allocated')).toEqual({
      value: { percent: '90' },
      note: 'of $100 has a team; $10.00 has none',
    });
  });

  test('is in the first currency of the bills where the own one is not among them', async () => {
    const { one } = await figures(
      [
        charge('2026-11-12', '30', { BillingCurrency: 'EUR', ...team('a') }),
        charge('2026-11-12', '10', { BillingCurrency: 'EUR' }),
      ],
      { spend: [{ currency: 'EUR', current: '40', former: null, estimated: false }] },
    );
    expect(one('allocated')).toEqual({
      value: { percent: '75' },
      note: 'of €40.00 has a team; €10.00 has none',
    });
  });

  test('is at most all of it, whatever credits have no team', async () => {
    const { one } = await figures([charge('2026-11-10', '10', team('a')), charge('2026-11-11', '-5')]);
    expect(one('allocated')).toMatchObject({ value: { percent: '100' } });
    const none = await figures([charge('2026-11-10', '-5', team('a')), charge('2026-11-11', '10')]);
    expect(none.one('allocated')).toMatchObject({ value: { percent: '0' } });
  });

  test('is no number of nothing, nor of credits alone', async () => {
    for (const [charges, note] of [
      [[charge('2026-11-01', '5')], 'nothing was spent'],
      [[charge('2026-11-10', '-5', team('a'))], 'more was credited than charged'],
    ] as const) {
      const { one } = await figures(charges);
      expect(one('allocated')).toEqual({ value: null, note });
    }
  });
});

describe('the share of GPUs that are idle', () => {
  // Thirty days to the end of the bills: ten dollars a day.
  const charges = daysTo('2026-11-16', 40).map((day) => charge(day, '10', GPU));

  test('what machines cost that are proven idle, once each, of what GPUs cost', async () => {
    const idle = { resourceId: 'i-gpu', monthlyCost: usd('75') };
    const { one } = await figures(charges, {
      findings: [
        finding(idle),
        finding({ ...idle, id: 'f-again' }),
        finding({ resourceId: 'i-estimated', monthlyCost: usd('900'), costBasis: 'list-estimate' }),
        finding({ resourceId: 'i-euro', monthlyCost: { amount: '900', currency: 'EUR' } }),
        finding({ resourceId: 'i-other', check: 'idle-instance', monthlyCost: usd('900') }),
        finding({ resourceId: 'i-blind', verdict: 'UNOBSERVED', monthlyCost: usd('900') }),
      ],
    });
    expect(one('idle-gpu-share')).toEqual({
      value: { percent: '25' },
      note: '$75.00 of $300 a month for GPUs; 1 more that nobody measures',
    });
  });

  test('what was stopped is idle no more, as the figure of idle GPUs has it', async () => {
    const { one } = await figures(charges, {
      findings: [
        finding({ resourceId: 'i-gpu', monthlyCost: usd('75') }),
        finding({ resourceId: 'i-stopped', monthlyCost: usd('100'), state: 'STOPPED' }),
        finding({ resourceId: 'i-back', verdict: 'UNOBSERVED', state: 'RESTORED' }),
      ],
    });
    expect(one('idle-gpu-share')).toEqual({
      value: { percent: '25' },
      note: '$75.00 of $300 a month for GPUs',
    });
  });

  test('none idle is none, and no GPU is no number', async () => {
    expect((await figures(charges)).one('idle-gpu-share').value).toEqual({ percent: '0' });
    expect((await figures([charge('2026-11-12', '10')])).one('idle-gpu-share')).toEqual({
      value: null,
      note: 'no GPU is on the bill',
    });
  });
});

/** As much each day up to October, and `october` in each of its days. */
const months = (october: string, left: readonly string[] = []) =>
  daysTo('2026-11-16', 139)
    .filter((day) => !left.includes(day))
    .map((day) => charge(day, day.startsWith('2026-10') ? october : '100'));

test('a tenth more a day than ever before', async () => {
  const { one } = await figures(months('110'));
  // 31 days of 100 foreseen, 31 of 110 charged: 310 / 3410.
  expect(one('forecast-error')).toEqual({
    value: { percent: '9.1' },
    note: '$3,100 foreseen, $3,410 charged in 2026-10',
  });
});

describe('how far the last month was off its forecast', () => {
  test('nothing where it came as foreseen, and a half too much', async () => {
    expect((await figures(months('100'))).one('forecast-error').value).toEqual({ percent: '0' });
    expect((await figures(months('200'))).one('forecast-error').value).toEqual({ percent: '50' });
  });

  test('a month with a day that no bill tells, a new bill and a free month have none', async () => {
    expect((await figures(months('100', ['2026-10-14']))).one('forecast-error')).toEqual({
      value: null,
      note: '2026-10 is not wholly on the bills, or has not settled',
    });
    const fresh = await figures(daysTo('2026-11-16', 10).map((day) => charge(day, '100')));
    expect(fresh.one('forecast-error').value).toBeNull();
    const first = await figures(daysTo('2026-11-16', 46).map((day) => charge(day, '100')));
    expect(first.one('forecast-error')).toEqual({
      value: null,
      note: 'the bills begin with 2026-10: there was nothing to foresee it from',
    });
    expect((await figures(months('0'))).one('forecast-error')).toEqual({
      value: null,
      note: '2026-10 cost nothing',
    });
  });
});

const row = (currency: string, covered: string, onDemand: string) => ({
  kind: 'aws-compute',
  currency,
  covered,
  onDemand,
  share: null,
});

describe('coverage by commitments, and cost of units', () => {
  const charges = [charge('2026-11-12', '10')];
  const { commitments } = fullInsight();

  test('all kinds of the one currency together', async () => {
    const coverage = [row('USD', '30', '60'), row('USD', '10', '0'), row('EUR', '1000', '0')];
    const insight = fullInsight({ commitments: { ...commitments, coverage } });
    expect((await figures(charges, { insight })).one('commitment-coverage')).toEqual({
      value: { percent: '40' },
      note: 'of $100 at on-demand prices that could be committed to',
    });
  });

  test('nothing that could be covered is no number', async () => {
    const insight = fullInsight({ commitments: { ...commitments, coverage: [row('EUR', '5', '5')] } });
    for (const given of [{ insight }, {}])
      expect((await figures(charges, given)).one('commitment-coverage')).toEqual({
        value: null,
        note: 'nothing on the bills can be committed to',
      });
  });

  test('three units in the order of the config, each once, with why one is unknown', async () => {
    const nothing = { total: null, trend: null, changes: [] };
    const insight = fullInsight({
      units: [
        unitOf({ name: 'assistant', currency: 'EUR' }),
        unitOf({ name: 'assistant' }),
        unitOf({ name: 'shop', per: 'order', ...nothing, problems: ['metric (a.csv) cannot be read'] }),
        unitOf({ name: 'search', per: 'query', currency: 'EUR', ...nothing }),
        unitOf({ name: 'a fourth' }),
      ],
    });
    const { all } = await figures(charges, { insight });
    const told = all
      .filter(({ id }) => id === 'unit-cost')
      .map(({ label, value, note }) => [label, value, format.phrase(note)]);
    expect(told).toEqual([
      ['Cost per answer', { money: usd('0.0123') }, 'assistant'],
      ['Cost per order', null, 'shop: metric (a.csv) cannot be read'],
      ['Cost per query', null, 'search: it has no cost in USD'],
    ]);
  });
});

describe('what is absent', () => {
  test('without a bill there is no figure at all', async () => {
    const parts = await opened();
    const input = { ...emptyInput(), insight: undefined };
    expect(await executiveFigures(auditorOf(parts, []), input, null, NOW)).toEqual([]);
  });

  test('each figure is there or says why not, and every rendering says the same', async () => {
    const { all } = await figures([charge('2026-11-12', '10')]);
    expect(all.map(({ id }) => id)).toEqual(EVERY);
    const unknown = all.filter(({ value }) => value === null);
    expect(unknown.map(({ id }) => id)).toEqual(EVERY.slice(1));
    const content = digestContent(fullInput({ audience: { kind: 'executive' }, executive: all }));
    const slack = JSON.stringify(digestAnnouncement(content).message);
    const text = digestText(content).replaceAll(/\s+/g, ' ');
    const page = digestHtml(content);
    for (const { label, note } of unknown) {
      for (const told of [slack, text, page]) expect(told).toContain(label);
      for (const told of [slack, text, page]) expect(told).toContain(format.phrase(note));
    }
    for (const told of [slack, text, page]) expect(told).not.toContain('NaN');
  });
});
