import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { digestFormat } from '../../../lib/digest/format.ts';
import { tableHtml } from '../../../lib/digest/html-table.ts';
import type { Snapshot } from '../../../lib/estate/model.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { UNALLOCATED } from '../../../lib/lake/dimensions.ts';
import type { SpendPart } from '../../../lib/lake/queries/spend-by.ts';
import { type AiFacts, aiPanels } from '../../../lib/run/report/ai-panels.ts';
import { byDimension, byModel } from '../../../lib/run/report/ai-spend.ts';

const NOW = '2026-11-16T08:00:00Z';

/** Key: class, team, product, feature, environment, model, request type. */
function part(key: readonly string[], effective: string, changes: Partial<SpendPart> = {}): SpendPart {
  return {
    key,
    currency: 'USD',
    billed: effective,
    effective,
    tokens: '0',
    listEstimate: '0',
    rows: 1,
    since: '2026-11-01',
    estimated: false,
    ...changes,
  };
}

const PARTS: readonly SpendPart[] = [
  part(['model API', 'support', 'assistant', UNALLOCATED, 'prod', 'claude', 'input'], '100.25', {
    tokens: '5000000',
  }),
  part(['model API', 'support', 'assistant', UNALLOCATED, 'prod', 'claude', 'output'], '300.5', {
    tokens: '900000',
  }),
  part(['GPU compute', UNALLOCATED, UNALLOCATED, UNALLOCATED, 'research', UNALLOCATED, ''], '4000'),
  part(['model API', 'vision', '', '', 'prod', 'gemini', 'input'], '20', { currency: 'EUR' }),
];

function facts(changes: Partial<AiFacts> = {}): AiFacts {
  const rate = {
    window: null,
    busyPercent: 5,
    totals: [],
    machines: [],
    leftOut: [],
    why: 'Nothing was seen.',
  };
  return {
    period: { start: '2026-11-09T00:00:00.000Z', end: '2026-11-16T00:00:00.000Z' },
    spend: [],
    spendSource: 'bills',
    usage: { schemaVersion: 1, now: NOW, rows: [], blindSpots: [], coverage: [], freshness: [] },
    units: {
      schemaVersion: 1,
      now: NOW,
      grain: 'week',
      window: { start: '2026-11-09', end: '2026-11-16' },
      units: [],
      builtIn: { tokens: [], savingsRates: [], gpu: rate },
      savings: [],
      freshness: [],
    },
    looks: [],
    forecasts: [],
    budgets: [],
    aiBudgets: new Set(),
    now: NOW,
    ...changes,
  };
}

test('without any data each question says what to connect, in lines that the config takes', () => {
  const panels = aiPanels(facts());
  expect(panels.map(({ title }) => title)).toEqual([
    'AI spend by kind of work',
    'AI spend by team',
    'AI spend by product',
    'AI spend by feature',
    'AI spend by environment',
    'Cost by model and request type',
    'Tokens a request, cache and retries',
    'Cost of a successful output',
    'Hours of GPUs: used, idle, not observed',
    'Jobs that failed',
    'Vector stores: size and queries',
    'Cost of evaluation',
    'AI forecast against budget',
    'Quality beside each saving',
  ]);
  for (const { title, tables, connect } of panels) {
    expect({ title, tables, told: connect !== null }).toEqual({ title, tables: [], told: true });
    const config = `schemaVersion: 1\norganisation: { name: Acme, currency: USD, timezone: UTC }\n${connect?.config ?? ''}\n`;
    expect(() => parseConfig(config, title)).not.toThrow();
  }
});

test('spend by a dimension has every charge, also those that name none; currencies stay apart', () => {
  const panel = byDimension({ parts: PARTS, source: 'bills' }, 'team', '');
  expect(panel.tables[0]?.rows).toEqual([
    ['vision', 'EUR', '20'],
    ['no team', 'USD', '4000'],
    ['support', 'USD', '400.75'],
  ]);
  expect(panel.connect).toBeNull();
});

test('models stand by request type with their tokens; what names no model is told', () => {
  const { tables, notes } = byModel({ parts: PARTS, source: 'bills' });
  expect(tables[0]?.rows).toEqual([
    ['gemini', 'input', 'EUR', '20', null],
    ['claude', 'output', 'USD', '300.5', '900000'],
    ['claude', 'input', 'USD', '100.25', '5000000'],
  ]);
  expect(notes).toHaveLength(1);
});

test('whatever charges there are, each dimension adds up to AI spend of its currency, to the last digit', () => {
  const value = fc.constantFrom('a', 'b', '', UNALLOCATED);
  const charge = fc
    .tuple(
      fc.array(value, { minLength: 7, maxLength: 7 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.constantFrom('USD', 'EUR'),
    )
    .map(([key, micros, currency]) => part(key, new Decimal(micros).div(1_000_000).toFixed(), { currency }));
  fc.assert(
    fc.property(fc.array(charge, { maxLength: 20 }), (parts) => {
      for (const axis of ['team', 'product', 'feature', 'environment'] as const)
        for (const { rows } of byDimension({ parts, source: '' }, axis, '').tables)
          for (const currency of ['USD', 'EUR']) {
            const sum = (all: readonly (readonly [string, string])[]) =>
              all
                .filter(([own]) => own === currency)
                .reduce((total, [, amount]) => total.plus(amount), new Decimal(0))
                .toFixed();
            expect(sum(rows.map((row) => [row[1] ?? '', row[2] ?? '0']))).toBe(
              sum(parts.map((each) => [each.currency, each.effective])),
            );
          }
    }),
  );
});

const LOOK: Snapshot = {
  schemaVersion: 2,
  scope: { provider: 'aws', accountId: '111122223333', region: 'us-east-1' },
  takenAt: '2026-11-16T07:00:00Z',
  resources: ['Completed', 'Failed', 'Failed'].map((state, at) => ({
    provider: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    type: 'aws:sagemaker:training-job',
    id: `arn:aws:sagemaker:us-east-1:111122223333:training-job/tune-${at}`,
    name: `tune-${at}`,
    state,
    created: '2026-11-10T00:00:00Z',
    tags: {},
    sku: 'ml.g5.xlarge',
    accelerators: [],
    parent: null,
    attributes: { billableSeconds: 3600, ...(at === 2 ? {} : { instanceCount: 2 }) },
  })),
  telemetry: [],
  vectorIndexes: [],
  coverage: [],
};

const money = (amount: string) => ({ amount, currency: 'USD' });

function panelOf(id: string, changes: Partial<AiFacts>) {
  return aiPanels(facts(changes)).find((panel) => panel.id === id);
}

test('runs of jobs are counted by how they ended; hours of those whose machines nobody tells are not guessed', () => {
  expect(panelOf('ai-jobs', { looks: [LOOK] })?.tables[0]?.rows).toEqual([
    ['aws:sagemaker:training-job', '3', '1', '2', '0', '0', '0', '2.0'],
  ]);
  const old = { ...LOOK, takenAt: '2026-10-30T00:00:00Z' };
  expect(panelOf('ai-jobs', { looks: [old] })?.tables).toEqual([]);
});

test('the forecast of AI stands with its range, and beside the budgets for AI alone', () => {
  const panel = panelOf('ai-forecast', {
    forecasts: [
      {
        currency: 'USD',
        until: '2026-11-14',
        month: {
          period: 'month',
          start: '2026-11-01T00:00:00.000Z',
          end: '2026-12-01T00:00:00.000Z',
          actual: money('100'),
          total: money('250'),
          ranges: [{ level: 0.8, low: money('200'), high: money('300') }],
          extended: false,
          unknownDays: 0,
        },
        notEnough: null,
      },
      { currency: 'EUR', until: '2026-11-14', month: null, notEnough: '3 known days; 28 are needed.' },
    ],
  });
  expect(panel?.tables[0]?.rows).toEqual([['USD', '2026-11-14', '100', '250', '200', '300']]);
  expect(panel?.notes).toEqual(['EUR: no forecast: 3 known days; 28 are needed.']);
  expect(panel?.connect?.config).toContain('aiClass');
});

test('a table of many rows shows the first and says how many there are', () => {
  const parts = Array.from({ length: 60 }, (_, at) =>
    part(['model API', `team-${at}`, '', '', '', 'm', ''], `${100 - at}`),
  );
  const [table] = byDimension({ parts, source: 'bills' }, 'team', '').tables;
  expect(table?.rows).toHaveLength(60);
  if (table === undefined) return;
  const html = tableHtml(table, digestFormat('UTC'), { bars: true }).text;
  expect(html).toContain('AI spend of the period by team: the first 50 of 60');
  expect(html.match(/<th scope="row"/g)).toHaveLength(50);
});
