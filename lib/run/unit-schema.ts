import { z } from 'zod';
import { moneySchema } from '../ledger/schema.ts';
import type { EfficiencyReport } from './efficiency.ts';
import { alertStanding } from './insight-schema.ts';
import type { UnitReport } from './units.ts';

const time = z.string().describe('ISO-8601, UTC');
const day = z.string().describe('YYYY-MM-DD, UTC');
const amount = z.string().describe('Decimal text.');
const span = z.strictObject({ start: day, end: day.describe('The first day after it.') });
const percent = z.string().describe('Percent, one decimal.');
const freshness = z.array(
  z.strictObject({ source: z.string(), end: time, readAt: time, unsettledFrom: day.nullable() }),
);
const coverage = z.array(
  z.strictObject({
    scope: z.string(),
    status: z.enum(['complete', 'partial', 'failed', 'not-covered']),
    reason: z.string().nullable(),
    asOf: time.nullable(),
  }),
);

const period = z.strictObject({
  start: day,
  end: day,
  cost: amount.describe('Of days on which cost and units are known.'),
  units: amount,
  perUnit: amount.nullable().describe('Null: no units above zero, or no day is known.'),
  days: z.int().min(0),
  costWithoutUnits: amount.describe('Of days whose units are not known: in no figure per unit.'),
  daysWithoutUnits: z.int().min(0),
  daysWithoutCost: z.int().min(0),
});
const stretch = z.strictObject({ start: day, end: day, perUnit: amount, days: z.int().min(0) });
const trend = z.strictObject({ former: stretch, current: stretch, percent });
const side = z.enum(['success', 'quality', 'latency', 'revenue']);
const sideOrCost = z.enum(['cost', 'success', 'quality', 'latency', 'revenue']);

const outlier = {
  kind: z.enum(['spike', 'dip', 'step up', 'step down', 'drift up', 'drift down', 'new', 'stopped']),
  first: day,
  last: day,
  caught: day,
  actual: z.number().describe('A day on average.'),
  expected: z.number(),
  low: z.number(),
  high: z.number(),
  deviations: z.number().nullable(),
  open: z.boolean(),
} as const;

const anomaly = z.strictObject({
  of: sideOrCost,
  ...outlier,
  worse: z.boolean(),
  owner: z.strictObject({ id: z.string(), source: z.string() }).nullable(),
  until: day.describe('The first day of which the number is not told.'),
  alert: alertStanding.nullable().describe('What the ledger keeps of it; null until an audit has kept it.'),
});

const unit = z.strictObject({
  name: z.string(),
  per: z.string(),
  currency: z.string().nullable(),
  metric: z.string(),
  zone: z.string().nullable().describe('Whose days the metric counts.'),
  periods: z.array(period),
  total: period.nullable(),
  perSuccess: amount
    .nullable()
    .describe('Cost of one that succeeded; null where success is not told as a share of 0 to 1.'),
  trend: trend.nullable(),
  notEnough: z.string().nullable(),
  sides: z.array(
    z.strictObject({
      of: side,
      shownAs: z.string(),
      days: z.int().min(0),
      recent: z.number().nullable(),
      notEnough: z.string().nullable(),
    }),
  ),
  anomalies: z.array(anomaly),
  problems: z.array(z.string()),
  notes: z.array(z.string()),
});

const tokens = z.strictObject({
  source: z.string(),
  provider: z.string(),
  model: z.string(),
  kind: z.string(),
  currency: z.string(),
  cost: amount,
  tokens: amount,
  perMillion: amount.nullable(),
  trend: trend.nullable(),
  outliers: z.array(z.strictObject(outlier)),
  costWithoutTokens: amount,
  tokensWithoutCost: amount,
});

const rate = z.strictObject({
  price: amount,
  effective: amount,
  percent: percent.nullable(),
  withoutPrice: amount,
});

const gpuHours = {
  paid: amount.describe('Device-hours.'),
  used: amount,
  idle: amount,
  unobserved: amount,
  cost: amount,
  unobservedCost: amount,
  perPaidHour: amount.nullable(),
  perUsedHour: amount.nullable(),
} as const;

const gpu = z.strictObject({
  window: span.nullable(),
  busyPercent: z.number(),
  totals: z.array(z.strictObject({ currency: z.string(), machines: z.int().min(0), ...gpuHours })),
  machines: z.array(
    z.strictObject({
      resourceId: z.string(),
      name: z.string().nullable(),
      devices: z.number(),
      currency: z.string(),
      ...gpuHours,
    }),
  ),
  leftOut: z.array(z.strictObject({ resourceId: z.string(), why: z.string(), cost: moneySchema.nullable() })),
  why: z.string().nullable(),
});

const change = z.strictObject({
  before: amount,
  after: amount,
  beforeDays: z.int().min(0),
  afterDays: z.int().min(0),
  percent: percent.nullable(),
});

const saving = z.strictObject({
  findingId: z.string(),
  check: z.string(),
  resourceId: z.string(),
  resourceName: z.string().nullable(),
  from: time,
  until: time.nullable(),
  saved: moneySchema.nullable().describe('By the bills; null where they do not say yet.'),
  units: z.array(
    z.strictObject({
      name: z.string(),
      numbers: z.array(
        z.strictObject({ of: sideOrCost, currency: z.string().nullable(), change: change.nullable() }),
      ),
    }),
  ),
});

const unitSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    now: time,
    grain: z.enum(['day', 'week', 'month']),
    window: span,
    units: z.array(unit),
    builtIn: z.strictObject({
      tokens: z.array(tokens),
      savingsRates: z.array(
        z.strictObject({
          source: z.string(),
          provider: z.string(),
          currency: z.string(),
          overContracted: rate,
          overList: rate,
          why: z.string().nullable(),
        }),
      ),
      gpu,
    }),
    savings: z.array(saving).nullable(),
    freshness,
  })
  .meta({ title: 'Bursar units' }) satisfies z.ZodType<UnitReport>;

const share = z.strictObject({ low: percent, high: percent });
const efficiency = z.strictObject({
  start: day,
  end: day,
  days: z.int().min(0),
  requests: amount.nullable(),
  inputPerRequest: amount.nullable(),
  outputPerRequest: amount.nullable(),
  cachedShare: share.nullable(),
  batchShare: share.nullable(),
  errorShare: share.nullable(),
  throttleShare: share.nullable(),
  cost: amount.nullable(),
  costPerRequest: amount.nullable(),
});

const efficiencySchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    now: time,
    rows: z.array(
      z.strictObject({
        source: z.string(),
        provider: z.string(),
        project: z.string().nullable(),
        key: z.string().nullable(),
        model: z.string().nullable(),
        currency: z.string().nullable(),
        current: efficiency.describe('The last seven settled days.'),
        former: efficiency.describe('The four weeks before them.'),
        change: z.strictObject({
          requestsPerDay: percent.nullable(),
          inputPerRequest: percent.nullable(),
          outputPerRequest: percent.nullable(),
          costPerRequest: percent.nullable(),
        }),
        blindSpots: z.array(z.string()),
      }),
    ),
    blindSpots: z.array(z.string()),
    coverage,
    freshness,
  })
  .meta({ title: 'Bursar efficiency' }) satisfies z.ZodType<EfficiencyReport>;

/** JSON Schema (draft 2020-12) of what units cost: `bursar schema units`. */
export function unitJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(unitSchema);
}

/** JSON Schema (draft 2020-12) of AI efficiency: `bursar schema efficiency`. */
export function efficiencyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(efficiencySchema);
}
