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
