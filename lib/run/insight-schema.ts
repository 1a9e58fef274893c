import { z } from 'zod';
import { moneySchema } from '../ledger/schema.ts';
import type { AnomalyReport } from './anomalies.ts';
import type { BudgetReport } from './budget-model.ts';
import type { ForecastReport } from './forecast.ts';

const time = z.string().describe('ISO-8601, UTC');
const day = z.string().describe('YYYY-MM-DD, UTC');
const key = z.record(z.string(), z.string());
const freshness = z.array(
  z.strictObject({ source: z.string(), end: time, readAt: time, unsettledFrom: day.nullable() }),
);

const period = z.strictObject({
  period: z.enum(['month', 'quarter', 'year']),
  start: time,
  end: time,
  actual: moneySchema.describe('Charged on settled days, exact.'),
  total: moneySchema.describe('Actual and what is expected of the rest.'),
  ranges: z.array(z.strictObject({ level: z.number(), low: moneySchema, high: moneySchema })),
  extended: z.boolean().describe('Are the ranges extended beyond what could be measured?'),
  unknownDays: z.int().min(0).describe('Days of the period that no bill tells of.'),
});

const forecastRow = z.strictObject({
  key,
  currency: z.string().min(1),
  from: day,
  until: day,
  periods: z.array(period),
  notes: z.array(z.string()),
  notEnough: z.string().nullable().describe('Why there is no forecast; null where there is one.'),
});

const forecastSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    now: time,
    by: z.array(z.string()),
    totals: z.array(forecastRow).describe('By currency; forecasts of their own, not sums of rows.'),
    rows: z.array(forecastRow),
    freshness,
  })
  .meta({ title: 'Bursar forecast' }) satisfies z.ZodType<ForecastReport>;

/** How an alert stands, where a report shows it. */
export const alertStanding = z.strictObject({
  id: z.string().regex(/^a-[0-9a-f]{26}$/),
  what: z.string(),
  state: z.enum(['open', 'acknowledged', 'expected', 'closed']),
  by: z.string().nullable().describe('Who answered it: slack:TEAM:USER.'),
  at: time.nullable(),
  until: time.nullable().describe('Of expected: until when.'),
});

const budgetRow = z.strictObject({
  name: z.string().min(1),
  period: z.enum(['month', 'quarter', 'year', 'window']),
  start: time,
  end: time,
  limit: moneySchema,
  spent: moneySchema.describe('Effective cost of settled days, without credits and corrections.'),
  percent: z.string().describe('Of the limit.'),
  reached: z.array(z.int()).describe('Tiers, percent of the limit.'),
  until: day.describe('First day that has not settled.'),
  exceededOn: day.nullable(),
  outlook: z
    .strictObject({
      total: moneySchema,
      ranges: z.array(z.strictObject({ level: z.number(), low: moneySchema, high: moneySchema })),
      probability: z.number().min(0).max(1).describe('That the limit will be exceeded.'),
      extended: z.boolean().describe('Does it reach beyond what could be measured?'),
    })
    .nullable(),
  notEnough: z.string().nullable().describe('Why there is no forecast; null where there is one.'),
  throttle: z
    .strictObject({ allowed: moneySchema, recent: moneySchema, percent: z.number() })
    .nullable()
    .describe('A day, for the rest of the period; planned only.'),
  experiment: z.strictObject({ until: day, since: moneySchema }).nullable(),
  notComparable: z
    .array(z.strictObject({ amount: moneySchema, why: z.string() }))
    .describe('Charges in other currencies that are in no figure.'),
  notes: z.array(z.string()),
  alerts: z.array(alertStanding),
});

const budgetSchema = z
  .strictObject({ schemaVersion: z.literal(1), now: time, rows: z.array(budgetRow) })
  .meta({ title: 'Bursar budgets' }) satisfies z.ZodType<BudgetReport>;

export function budgetJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(budgetSchema, { target: 'draft-2020-12' });
}

const anomalyRow = z.strictObject({
  key,
  source: z.string(),
  kind: z.enum(['spike', 'dip', 'step up', 'step down', 'drift up', 'drift down', 'new', 'stopped']),
  first: day,
  last: day,
  caught: day,
  actual: moneySchema,
  expected: moneySchema,
  effect: moneySchema,
  impact: moneySchema.describe('A month where it stays, the effect where it is over.'),
  judged: z.strictObject({ start: day, value: moneySchema, low: moneySchema, high: moneySchema }),
  deviations: z.number().nullable(),
  open: z.boolean(),
  causes: z.array(
    z.strictObject({
      kind: z.enum(['resource', 'usage', 'region', 'tag']),
      value: z.string(),
      difference: moneySchema.shape.amount,
      share: z.number(),
    }),
  ),
  against: z.strictObject({ start: day, end: day, difference: moneySchema }).nullable(),
  owner: z
    .strictObject({ id: z.string(), source: z.string(), confidence: z.enum(['high', 'medium', 'low']) })
    .nullable(),
  alsoSeen: z.array(key),
  alert: alertStanding.nullable().describe('What the ledger keeps of it; null until an audit has kept it.'),
});

const anomalySchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    now: time,
    since: day,
    minimum: z.string(),
    rows: z.array(anomalyRow),
    judged: z.int().min(0),
    notEnough: z.array(z.strictObject({ key, reason: z.string() })),
    notes: z.array(z.string()),
    freshness,
  })
  .meta({ title: 'Bursar anomalies' }) satisfies z.ZodType<AnomalyReport>;

/** JSON Schema (draft 2020-12) of a forecast: `bursar schema forecast`. */
export function forecastJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(forecastSchema);
}

/** JSON Schema (draft 2020-12) of anomalies: `bursar schema anomalies`. */
export function anomalyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(anomalySchema);
}
