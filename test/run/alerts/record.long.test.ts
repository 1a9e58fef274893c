import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decimal } from '../../../lib/focus/decimal.ts';
import { ratesOf } from '../../../lib/focus/rates.ts';
import { openLake } from '../../../lib/lake/lake.ts';
import type { Lake } from '../../../lib/lake/model.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { stepAlert } from '../../../lib/ledger/alerts/decide.ts';
import type { Alert } from '../../../lib/ledger/alerts/model.ts';
import { changeAlert, listAlerts } from '../../../lib/ledger/alerts/store.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { AlertSettings } from '../../../lib/run/alerts/model.ts';
import { recordAlerts } from '../../../lib/run/alerts/record.ts';
import { anomalyStates, statesOf } from '../../../lib/run/alerts/states.ts';
import { anomalyReport } from '../../../lib/run/anomalies.ts';
import type { BudgetRow, BudgetSettings } from '../../../lib/run/budget-model.ts';
import { budgetReport } from '../../../lib/run/budgets.ts';
import { SCHEMAS } from '../../../lib/run/schemas.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../../lake/bills.ts';
import { ANA } from '../../ledger/alerts/fixtures.ts';
import { type MemoryLedger, memoryLedger } from '../../ledger/memory.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-06-01T00:00:00Z');
const DIMENSIONS = { team: [{ tag: 'team' }] };
const DEFAULTS = { period: 'month', tiers: [50, 80, 100], forecast: true } as const;

let bills: Bench;
let lake: Lake;
let ledger: MemoryLedger;
beforeAll(async () => {
  bills = await bench();
});
beforeEach(async () => {
  ledger = memoryLedger();
});
afterAll(() => bills[Symbol.asyncDispose]());

const dayOf = (at: number) => new Date(START + at * DAY).toISOString().slice(0, 10);
/** The index of a day, and the moment two days after its end: it has settled, if only just. */
const indexOf = (day: string) => Math.round((Date.parse(day) - START) / DAY);
const whenSettled = (day: string) => new Date(Date.parse(day) + 3 * DAY + 60_000);

function charge(day: string, amount: string, more: BillRow): BillRow {
  const month = day.slice(0, 7);
  return row({
    BilledCost: amount,
    EffectiveCost: amount,
    BillingPeriodStart: `${month}-01T00:00:00Z`,
    BillingPeriodEnd: new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1)).toISOString(),
    ChargePeriodStart: `${day}T00:00:00Z`,
    ChargePeriodEnd: new Date(Date.parse(day) + DAY).toISOString(),
    ...more,
  });
}

/** Search of team a costs about 100 a day, and 90 more from a day to another; Vectors of team b 50 EUR. */
function rows(until: string, up: readonly [string, string]): BillRow[] {
  return Array.from({ length: indexOf(until) + 1 }, (_, at): BillRow[] => {
    const day = dayOf(at);
    const more = day >= up[0] && day < up[1] ? 90 : 0;
    const wave = 3 * Math.sin(at * 1.7);
    return [
      charge(day, (100 + wave + more).toFixed(2), {
        ServiceName: 'Search',
        ResourceId: 'i-up',
        Tags: '{"team":"a","stage":"try out"}',
      }),
      charge(day, '50.00', {
        ProviderName: 'Google Cloud',
        ServiceName: 'Vectors',
        SubAccountId: 'vectors',
        BillingCurrency: 'EUR',
        Tags: '{"team":"b"}',
      }),
      ...(day === '2026-11-02'
        ? [charge(day, '-5000', { ServiceName: 'Search', ChargeCategory: 'Credit', Tags: '{"team":"a"}' })]
        : []),
    ];
  }).flat();
}

/** Reads a bill that has settled up to and with a day, and gives the moment at which it was read. */
async function read(until: string, up: readonly [string, string] = ['9999', '9999']): Promise<Date> {
  const now = whenSettled(until);
  // What came after that day is in the bill, too, and has not settled.
  const later = dayOf(indexOf(until) + 2);
  await lake.ingest(delivery('acme', [await bills.file(rows(later, up))]), now, silent);
  return now;
}

async function opened(name: string): Promise<Lake> {
  return await openLake({
    store: folderStore(join(bills.folder, name, 'lake')),
    workDir: join(bills.folder, name, 'work'),
    memoryMiB: 256,
    dimensions: DIMENSIONS,
  });
}

function settings(more: Partial<AlertSettings> = {}): AlertSettings {
  return {
    anomalies: true,
    minimum: '100',
    runawayMinimum: '50',
    runawayTokens: 10_000_000,
    runawayAtOnce: true,
    expectedDays: 30,
    escalate: '#finops',
    escalateAfter: 8,
    teams: { a: '#team-a' },
    fallback: '#finops',
    budgets: [],
    rates: null,
    dimensions: DIMENSIONS,
    ...more,
  };
}

const ownerOf = () => null;

async function recorded(now: Date, more: Partial<AlertSettings> = {}): Promise<Alert[]> {
  await recordAlerts(
    { lake, ledger, ownerOf, progress: silent, asking: new Meter() },
    settings(more),
    null,
    `run-${now.toISOString()}`,
    now,
  );
  return await listAlerts(ledger);
}

/** Alerts of what costs more, after an audit. */
async function rises(now: Date): Promise<Alert[]> {
  return (await recorded(now)).filter(({ money }) => money?.amount.startsWith('-') === false);
}

test('what keeps anomalies, budgets and units from being judged is told once', async () => {
  lake = await opened('unread');
  await read('2026-11-04');
  const unread = new BursarError('unavailable', 'the lake cannot be read');
  const away = { ...lake, sources: () => Promise.reject(unread), ask: () => Promise.reject(unread) };
  const told: string[] = [];
  const progress = { step: () => {}, warn: (line: string) => told.push(line) };
  await recordAlerts(
    { lake: away, ledger, ownerOf, progress, asking: new Meter() },
    settings({ budgets: [{ ...DEFAULTS, name: 'a', amount: { USD: '1' } }] }),
    null,
    'run-1',
    new Date('2026-11-08T00:00:00Z'),
  );
  expect(told).toEqual(['alerts could not be judged: the lake cannot be read']);
});

describe('anomalies as alerts', () => {
  test('one alert from its first day to its end, told to the team, and closed after three quiet days', async () => {
    lake = await opened('life');
    const up = ['2026-11-05', '2026-11-12'] as const;
    expect(await recorded(await read('2026-11-04', up))).toEqual([]);
    const [first, ...others] = await recorded(await read('2026-11-06', up));
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      kind: 'anomaly',
      state: 'open',
      firstDay: '2026-11-05',
      subject: { service: 'Search', team: 'a' },
      route: { first: '#team-a', escalation: '#finops' },
    });
    expect(first?.causes.join(' ')).toContain('i-up');
    const id = first?.id ?? '';
    await changeAlert(ledger, id, (alert) =>
      stepAlert(alert, { type: 'expected', by: ANA }, whenSettled('2026-11-06'), {
        actor: 'slack:T0:U0ANA',
        runId: 'click',
      }),
    );
    for (const day of ['2026-11-08', '2026-11-11'])
      expect(await recorded(await read(day, up))).toMatchObject([{ id, state: 'expected', lastDay: day }]);
    const now = await read('2026-11-13', up);
    // The way back down is another thing, of which nobody is told; two quiet days do not end it.
    expect(await rises(now)).toMatchObject([{ id, state: 'expected', lastDay: '2026-11-11' }]);
    const { rows: told } = await anomalyReport(
      { lake, ownerOf },
      { days: 30, minimum: 100, sources: null },
      now,
    );
    const { rows: kept } = await anomalyStates(ledger, { rows: told });
    expect(kept.find(({ kind }) => kind === 'step up')?.alert).toMatchObject({
      id,
      state: 'expected',
      by: 'slack:T0:U0ANA',
    });
    const closed = await rises(await read('2026-11-15', up));
    expect(closed).toMatchObject([{ id, state: 'closed' }]);
    expect(await rises(await read('2026-11-20', up))).toEqual(closed);
    await lake[Symbol.asyncDispose]();
  });

  test('less cost than expected is kept, and nobody is told; what was over before it was seen is no news', async () => {
    lake = await opened('less');
    const down = await recorded(await read('2026-11-16', ['2026-06-01', '2026-11-12']));
    expect(down).toMatchObject([
      {
        what: expect.stringMatching(/^(dip|step down)$/),
        route: { first: null, also: null, escalation: null },
      },
    ]);
    ledger = memoryLedger();
    expect(await rises(await read('2026-11-20', ['2026-11-10', '2026-11-12']))).toEqual([]);
    await lake[Symbol.asyncDispose]();
  });

  test('the same judgement twice, or two at once, leaves one alert with one trail', async () => {
    lake = await opened('twice');
    const now = await read('2026-11-06', ['2026-11-05', '9999']);
    const [a] = await Promise.all([recorded(now), recorded(now)]);
    expect(a).toHaveLength(1);
    expect(a[0]?.history).toHaveLength(1);
    expect(await recorded(now)).toEqual(a);
    await lake[Symbol.asyncDispose]();
  });
});

const at = (budgets: readonly BudgetSettings[], now: Date, more: Partial<AlertSettings> = {}) =>
  budgetReport({ lake, ledger }, settings({ budgets, ...more }), null, now);

/** What the bill itself says: settled days of November, without the credit. */
const spent = (currency: string) =>
  rows('2026-11-20', ['9999', '9999'])
    .filter(
      (each) =>
        each.BillingCurrency === currency &&
        each.ChargeCategory !== 'Credit' &&
        (each.ChargePeriodStart ?? '') >= '2026-11-01',
    )
    .reduce((sum, { EffectiveCost }) => sum.plus(decimal(EffectiveCost ?? '0')), decimal('0'));

const table = (text: string) => async (into: string) => ({
  into,
  rates: ratesOf(text, 'rates.csv'),
  mostDays: 40,
});

const fails = async () => {
  throw new BursarError('input', 'the exchange rates cannot be read: no such file');
};

// October, whose last days settle in these, is told once as well.
const states = (alerts: readonly Alert[]) =>
  alerts
    .filter(({ window }) => window?.start.startsWith('2026-11'))
    .map(({ what, state }) => `${what}: ${state}`)
    .toSorted();

describe('budgets', () => {
  let now: Date;
  beforeAll(async () => {
    lake = await opened('budgets');
    now = await read('2026-11-20');
  });
  afterAll(() => lake[Symbol.asyncDispose]());

  test('by dimension, tag, provider and account: each the same charges, to the cent, as the bill has them', async () => {
    const limit = { amount: { USD: '4000' } };
    const { rows: told } = await at(
      [
        { ...DEFAULTS, ...limit, name: 'team', where: { team: 'a' } },
        { ...DEFAULTS, ...limit, name: 'tag', where: { tags: { stage: ['try out', 'x'] } } },
        { ...DEFAULTS, ...limit, name: 'provider', where: { provider: 'aws' } },
        { ...DEFAULTS, ...limit, name: 'both', where: { service: 'Search', account: '111122223333' } },
      ],
      now,
    );
    expect(told.map(({ spent: { amount } }) => amount)).toEqual(
      Array.from({ length: 4 }, () => spent('USD').toString()),
    );
    expect(told[0]).toMatchObject({ until: '2026-11-21', reached: [50], notComparable: [], notes: [] });
    expect(Number(told[0]?.outlook?.total.amount)).toBeCloseTo(3000, -2);
  });

  test('without rates another currency is in no figure and said so; with rates it is converted day by day', async () => {
    const budget = { ...DEFAULTS, name: 'all', amount: { USD: '6000' } };
    const [apart] = (await at([budget], now)).rows;
    expect(apart?.spent.amount).toBe(spent('USD').toString());
    expect(apart?.notComparable).toEqual([
      { amount: { amount: '1000', currency: 'EUR' }, why: 'the config names no exchange rates' },
    ]);
    const rates = table(
      'date,from,to,rate\n2026-05,EUR,USD,1.1\n2026-10,EUR,USD,1.2\n2026-11-11,EUR,USD,1.3\n',
    );
    const [whole] = (await at([budget], now, { rates })).rows;
    // Ten days at the rate of October, ten at that of 11 November.
    const converted = decimal('50').times('1.2').times(10).plus(decimal('50').times('1.3').times(10));
    expect(whole?.spent.amount).toBe(spent('USD').plus(converted).toString());
    expect(whole?.notComparable).toEqual([]);
    const [unread] = (await at([budget], now, { rates: fails })).rows;
    expect(unread?.notComparable[0]?.why).toBe('the exchange rates cannot be read: no such file');
  });

  test('limits in two currencies each count their own', async () => {
    const { rows: told } = await at(
      [{ ...DEFAULTS, name: 'two', amount: { USD: '3000', EUR: '1000' } }],
      now,
    );
    expect(
      told.map(({ spent: { currency }, reached, notComparable }) => [currency, reached, notComparable]),
    ).toEqual([
      ['USD', [50], []],
      ['EUR', [50, 80, 100], []],
    ]);
  });

  test('a value that no bill has is told, not taken for nothing spent; a dimension that there is not is refused', async () => {
    const [typo] = (
      await at([{ ...DEFAULTS, name: 'typo', amount: { USD: '1' }, where: { team: 'A' } }], now)
    ).rows;
    expect(typo?.notes.join(' ')).toContain('No charge in any bill matches it');
    await expect(
      at([{ ...DEFAULTS, name: 'x', amount: { USD: '1' }, where: { teem: 'a' } }], now),
    ).rejects.toMatchObject({ code: 'input' });
  });

  test('each tier once a period, one message for those passed at once; the forecast beside them', async () => {
    const amount = { USD: '2200' };
    const budgets = [{ ...DEFAULTS, name: 'a', amount, where: { team: 'a' }, owner: 'ana@acme.example' }];
    const quiet = { anomalies: false, budgets };
    const begun = await recorded(await read('2026-11-04'), quiet);
    expect(states(begun)).toEqual(['will be exceeded: open']);
    const breaking = begun.find(({ kind }) => kind === 'forecast');
    expect(breaking?.probability).toBeGreaterThan(0.5);
    expect(breaking?.route).toMatchObject({ first: 'ana@acme.example', escalation: '#finops' });
    // 50% and 80% are passed at once.
    const most = await recorded(await read('2026-11-18'), quiet);
    expect(states(most)).toEqual(['reached 50%: closed', 'reached 80%: open', 'will be exceeded: open']);
    expect(states(await recorded(await read('2026-11-19'), quiet))).toEqual(states(most));
    const full = await recorded(await read('2026-11-25'), quiet);
    expect(states(full)).toEqual([
      'reached 100%: open',
      'reached 50%: closed',
      'reached 80%: closed',
      'will be exceeded: closed',
    ]);
    // The day on which the charges of the bill itself add up to the limit.
    let sum = decimal('0');
    const days = rows('2026-11-30', ['9999', '9999']).filter(
      ({ ServiceName, ChargeCategory, ChargePeriodStart = '' }) =>
        ServiceName === 'Search' && ChargeCategory !== 'Credit' && ChargePeriodStart >= '2026-11-01',
    );
    const reached = days.find(({ EffectiveCost = '0' }) => {
      sum = sum.plus(decimal(EffectiveCost));
      return sum.gte(amount.USD);
    });
    expect(full.find(({ tier, state }) => tier === 100 && state === 'open')?.firstDay).toBe(
      reached?.ChargePeriodStart?.slice(0, 10),
    );
    // The next month begins anew, and this one is over once its days have settled.
    const next = await recorded(await read('2026-12-14'), quiet);
    expect(
      next.filter(({ window }) => window?.start.startsWith('2026-11')).map(({ state }) => state),
    ).toEqual(Array.from({ length: 4 }, () => 'closed'));
    expect(next.some(({ window, state }) => window?.start.startsWith('2026-12') && state === 'open')).toBe(
      true,
    );
    const valid = new Ajv2020().compile(SCHEMAS['budgets']?.() ?? false);
    const report = await statesOf(ledger, await at(budgets, whenSettled('2026-12-14')));
    expect(report.rows.at(-1)?.alerts.map(({ state }) => state)).toContain('open');
    valid(JSON.parse(JSON.stringify(report)));
    expect(valid.errors ?? []).toEqual([]);
    expect(
      (await recorded(whenSettled('2026-12-14'), { ...quiet, budgets: [] })).every(
        ({ state }) => state === 'closed',
      ),
    ).toBe(true);
  });

  test('an experiment that should have ended and still costs is told once', async () => {
    ledger = memoryLedger();
    const experiment = { until: '2026-11-10' };
    const budgets: BudgetSettings[] = [
      {
        ...DEFAULTS,
        name: 'try',
        amount: { USD: '90000' },
        where: { tags: { stage: 'try out' } },
        experiment,
      },
    ];
    const quiet = { anomalies: false, budgets };
    expect(await recorded(await read('2026-11-09'), quiet)).toEqual([]);
    const [alert, ...more] = await recorded(await read('2026-11-12'), quiet);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ kind: 'expired', firstDay: '2026-11-10', state: 'open' });
    const since: BudgetRow['experiment'] =
      (await at(budgets, whenSettled('2026-11-12'))).rows[0]?.experiment ?? null;
    expect(alert?.money).toEqual(since?.since);
    expect(Number(since?.since.amount)).toBeGreaterThan(290);
    expect(await recorded(await read('2026-11-20'), quiet)).toHaveLength(1);
  });
});
