import type { BudgetLine } from '../../digest/content-model.ts';
import type { AiPanel } from '../../digest/detail-model.ts';
import type { Interval } from '../../digest/model.ts';
import type { DataTable } from '../../digest/table.ts';
import type { Snapshot } from '../../estate/model.ts';
import type { SpendPart } from '../../lake/queries/spend-by.ts';
import type { EfficiencyReport } from '../efficiency.ts';
import type { PeriodForecast } from '../forecast.ts';
import type { UnitReport } from '../units.ts';
import { gpuPanel, jobsPanel, vectorsPanel } from './ai-machines.ts';
import { byDimension, byKind, byModel, evaluation } from './ai-spend.ts';
import { qualityPanel, unitPanel, usagePanel } from './ai-work.ts';

/** AI spend of the running month in one currency. */
export interface AiForecast {
  readonly currency: string;
  readonly month: PeriodForecast | null;
  /** First UTC day that has not settled. */
  readonly until: string;
  /** Why there is no forecast; null where there is one. */
  readonly notEnough: string | null;
}

/** What the panels are made from: values that were read, the same for the same values. */
export interface AiFacts {
  readonly period: Interval;
  /** By the axes of `AI_AXES`. */
  readonly spend: readonly SpendPart[];
  readonly spendSource: string;
  readonly usage: EfficiencyReport;
  readonly units: UnitReport;
  /** The newest look at each scope. */
  readonly looks: readonly Snapshot[];
  readonly forecasts: readonly AiForecast[];
  readonly budgets: readonly BudgetLine[];
  /** Names of the budgets that are for AI spend alone. */
  readonly aiBudgets: ReadonlySet<string>;
  readonly now: string;
}

/** The AI view: each question with its answer, or with what to connect for one. */
export function aiPanels(facts: AiFacts): AiPanel[] {
  const spend = { parts: facts.spend, source: facts.spendSource };
  return [
    byKind(spend),
    byDimension(spend, 'team', 'dimensions:\n  team: [{ tag: team }]'),
    byDimension(spend, 'product', 'dimensions:\n  product: [{ tag: product }]'),
    byDimension(spend, 'feature', 'dimensions:\n  feature: [{ tag: feature }]'),
    byDimension(spend, 'environment', 'dimensions:\n  environment: [{ tag: env }]'),
    byModel(spend),
    usagePanel(facts.usage),
    unitPanel(facts.units),
    gpuPanel(facts.units.builtIn.gpu),
    jobsPanel(facts.looks, facts.now),
    vectorsPanel(facts.looks),
    evaluation(spend),
    forecastPanel(facts),
    qualityPanel(facts.units),
  ];
}

/** What AI spend of the month will be, beside the budgets that watch it. */
function forecastPanel({ forecasts, budgets, aiBudgets }: AiFacts): AiPanel {
  const told = forecasts.flatMap(({ currency, month, until }) =>
    month === null ? [] : [{ currency, month, until }],
  );
  const watched = budgets.filter(({ name }) => aiBudgets.has(name));
  const tables: DataTable[] = [
    ...(told.length === 0
      ? []
      : [
          {
            id: 'ai-forecast',
            caption: 'AI spend of the running month: settled so far, and expected at its end',
            columns: [
              { id: 'currency', label: 'Currency', kind: 'text' },
              { id: 'settled_before', label: 'Settled before', kind: 'day' },
              { id: 'settled', label: 'Settled', kind: 'money' },
              { id: 'expected', label: 'Expected', kind: 'money' },
              { id: 'low_80', label: '80% from', kind: 'money' },
              { id: 'high_80', label: '80% to', kind: 'money' },
            ],
            rows: told.map(({ currency, month, until }) => {
              const range = month.ranges.find(({ level }) => level === 0.8);
              return [
                currency,
                until,
                month.actual.amount,
                month.total.amount,
                range?.low.amount ?? null,
                range?.high.amount ?? null,
              ];
            }),
            source: 'bursar forecast: EffectiveCost a day of AI classes, without credits and corrections',
          } satisfies DataTable,
        ]),
    ...(watched.length === 0
      ? []
      : [
          {
            id: 'ai-budgets',
            caption: 'Budgets of AI spend',
            columns: [
              { id: 'budget', label: 'Budget', kind: 'text' },
              { id: 'currency', label: 'Currency', kind: 'text' },
              { id: 'limit', label: 'Limit', kind: 'money' },
              { id: 'spent', label: 'Spent', kind: 'money' },
              { id: 'percent', label: 'Of the limit', kind: 'percent' },
              { id: 'expected', label: 'Expected', kind: 'money' },
            ],
            rows: watched.map(({ name, limit, spent, percent, outlook }) => [
              name,
              limit.currency,
              limit.amount,
              spent.amount,
              percent,
              outlook?.total.amount ?? null,
            ]),
            source: watched[0]?.source ?? '',
          } satisfies DataTable,
        ]),
  ];
  return {
    id: 'ai-forecast',
    title: 'AI forecast against budget',
    tables,
    notes: forecasts.flatMap(({ currency, notEnough }) =>
      notEnough === null ? [] : [`${currency}: no forecast: ${notEnough}`],
    ),
    connect:
      watched.length > 0
        ? null
        : {
            what: 'No budget watches AI spend alone. One that does:',
            config:
              'budgets:\n  - name: models\n    amount: { USD: "5000" }\n    where: { aiClass: [model API, inference, training] }',
          },
  };
}
