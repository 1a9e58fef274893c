import { z } from 'zod';
import { moneySchema } from '../ledger/schema.ts';
import type { AnomalyReport } from './anomalies.ts';
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
