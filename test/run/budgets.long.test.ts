import { expect, test } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import { silent } from '../../lib/platform/progress.ts';
import type { BudgetSettings } from '../../lib/run/budget-model.ts';
import { budgetReport } from '../../lib/run/budgets.ts';
import { bench, delivery, row } from '../lake/bills.ts';
import { auditorOf, opened } from './auditor.ts';

const NOW = new Date('2026-11-04T00:00:00Z');
const PROVIDERS = ['AWS', 'Amazon Web Services', 'Google Cloud', 'Google'];
const TEAMS = ['search', 'vision', 'data'];
const SERVICES = ['Compute', 'Storage'];

/** What each costs in the one day of the bill: powers of two, so that any sum tells of what it is made. */
const CHARGES = PROVIDERS.flatMap((provider) =>
  TEAMS.flatMap((team) => SERVICES.map((service) => ({ provider, team, service }))),
).map((each, at) => ({ ...each, cost: new Decimal(2).pow(at).toFixed() }));

const budget = (name: string, where: BudgetSettings['where']): BudgetSettings => ({
  name,
  amount: { USD: '1000' },
  period: 'month',
  tiers: [],
  forecast: false,
  where,
});

const sumOf = (counts: (charge: (typeof CHARGES)[number]) => boolean) =>
  CHARGES.filter(counts)
    .reduce((sum, { cost }) => sum.plus(cost), new Decimal(0))
    .toFixed();

test('a budget holds what its values name, whatever its axes, and a provider however bills write it', async () => {
  await using bills = await bench();
  const rows = CHARGES.map(({ provider, team, service, cost }) =>
    row({
      ProviderName: provider,
      ServiceName: service,
      Tags: JSON.stringify({ squad: team }),
      BilledCost: cost,
      EffectiveCost: cost,
      ChargePeriodStart: '2026-11-01T00:00:00Z',
      ChargePeriodEnd: '2026-11-02T00:00:00Z',
    }),
  );
  const { lake, ledger } = await opened();
  await lake.ingest(delivery('acme', [await bills.file(rows)]), NOW, silent);
  const asked: [BudgetSettings, string][] = [
    [budget('all', undefined), sumOf(() => true)],
    [budget('google', { provider: 'gcp' }), sumOf(({ provider }) => provider.startsWith('Google'))],
    [budget('search', { tags: { squad: 'search' } }), sumOf(({ team }) => team === 'search')],
    [
      budget('two teams of aws', { provider: ['aws'], tags: { squad: ['search', 'data', 'none'] } }),
      sumOf(({ provider, team }) => provider.startsWith('A') && team !== 'vision'),
    ],
    [
      budget('three axes', { provider: ['aws', 'gcp'], service: 'Storage', tags: { squad: 'vision' } }),
      sumOf(({ team, service }) => team === 'vision' && service === 'Storage'),
    ],
    [budget('nothing', { service: 'Storage', tags: { squad: 'none' } }), '0'],
  ];
  const report = await budgetReport(
    auditorOf({ lake, ledger }, []),
    { budgets: asked.map(([each]) => each), dimensions: {}, rates: null },
    null,
    NOW,
  );
  const running = report.rows.filter(({ start }) => start === '2026-11-01T00:00:00.000Z');
  expect(running.map(({ name, spent }) => [name, spent.amount])).toEqual(
    asked.map(([{ name }, spent]) => [name, spent]),
  );
});

test('where forecasts mostly came out too low, a budget says that its probability reckons with that, and nowhere else', async () => {
  await using bills = await bench();
  const first = Date.UTC(2026, 6, 1);
  const day = (at: number) => new Date(first + at * 86_400_000).toISOString();
  // Spend that grows faster and faster: what is expected runs behind.
  const rows = Array.from({ length: 138 }, (_, at) => {
    const cost = (100 + 0.08 * at ** 2 + ((at * 37) % 11)).toFixed(2);
    return row({
      BilledCost: cost,
      EffectiveCost: cost,
      ChargePeriodStart: day(at),
      ChargePeriodEnd: day(at + 1),
    });
  });
  const { lake, ledger } = await opened();
  const now = new Date(day(138));
  await lake.ingest(delivery('acme', [await bills.file(rows)]), now, silent);
  const limited = async (limits: readonly string[]) => {
    const budgets = limits.map((limit, at) => ({
      ...budget(`limit ${at}`, undefined),
      amount: { USD: limit },
      forecast: true,
    }));
    const report = await budgetReport(
      auditorOf({ lake, ledger }, []),
      { budgets, dimensions: {}, rates: null },
      null,
      now,
    );
    return report.rows.flatMap(({ outlook, notes, limit }) =>
      outlook === null ? [] : [{ outlook, notes, limit: new Decimal(limit.amount) }],
    );
  };
  const [any] = await limited(['1000000']);
  const total = new Decimal(any?.outlook.total.amount ?? 'NaN');
  const told = await limited(
    Array.from({ length: 21 }, (_, at) =>
      total
        .times(0.905 + at / 100)
        .toDecimalPlaces(2)
        .toFixed(),
    ),
  );
  expect(told).toHaveLength(21);
  const noted = told.map(({ notes }) => notes.find((note) => note.startsWith('Forecasts over')));
  expect(noted).toEqual(
    told.map(({ outlook, limit }) =>
      outlook.probability > 0.5 && total.lte(limit)
        ? 'Forecasts over as many days came out too low more often than not: the probability reckons with that, the expected total does not.'
        : undefined,
    ),
  );
  expect(noted.filter((note) => note !== undefined).length).toBeGreaterThan(0);
});
