import { z } from 'zod';
import { moneySchema } from '../ledger/schema.ts';
import type { CommitmentReport } from './commitments.ts';

const time = z.string().describe('ISO-8601, UTC');
const day = z.string().describe('YYYY-MM-DD');
const amount = moneySchema.shape.amount;
const share = z.string().describe('0 to 1, decimal text');
const rate = z.strictObject({
  term: z.enum(['1y', '3y']),
  payment: z.enum(['none', 'partial', 'all']).describe('How much of it is paid upfront.'),
  discount: share.describe('Against on-demand rates, all fees counted.'),
  source: z.string().describe('Where the discount comes from.'),
});

/** What `bursar commitments --format json` prints; every key is always there. */
export const commitmentSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    now: time,
    window: z.strictObject({ start: time, end: time }).nullable().describe('Bills that were read for it.'),
    held: z
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string().nullable(),
          programme: z.string().nullable(),
          provider: z.string(),
          used: moneySchema,
          unused: moneySchema.describe('Paid in the window for nothing.'),
          utilisation: share.nullable(),
          hourly: moneySchema.nullable().describe('Committed an hour, where it is told.'),
          ends: time.nullable().describe('End of its term; null where the bill does not tell.'),
        }),
      )
      .describe('What is committed already.'),
    coverage: z.array(
      z.strictObject({
        kind: z.string(),
        currency: z.string(),
        covered: amount.describe('Usage that commitments covered, at on-demand prices.'),
        onDemand: amount,
        share: share.nullable(),
      }),
    ),
    advice: z.array(
      z.strictObject({
        programme: z.string(),
        provider: z.string(),
        rate,
        schedule: z.array(
          z.strictObject({
            at: day,
            hourly: moneySchema.describe('What to pay an hour, at the committed rate.'),
            condition: z.string().nullable().describe('Null: now, without one.'),
          }),
        ),
        monthlySaving: moneySchema.describe('Of the first tranche, over 30 days like those looked at.'),
        utilisation: share,
        optimum: moneySchema.describe('What the days looked at alone would bear an hour.'),
        lossProbability: share.describe('Share of the scenarios in which the first tranche loses money.'),
        worst: z.strictObject({ saving: moneySchema, scenario: z.string() }),
        upfront: moneySchema,
        obligation: moneySchema.describe('Fees of the whole term.'),
        breakEven: day.nullable().describe('From then on nothing would be lost even if all use stopped.'),
        window: z.strictObject({ start: time, end: time }),
        alternatives: z.array(z.strictObject({ rate, hourly: moneySchema, monthlySaving: moneySchema })),
        reason: z.string(),
        assumptions: z.array(z.string()),
      }),
    ),
    untold: z.array(
      z.strictObject({
        programme: z.string(),
        provider: z.string(),
        currency: z.string(),
        notEnough: z.boolean().describe('True: it cannot be told; false: nothing of it pays.'),
        reason: z.string(),
      }),
    ),
    provider: z
      .array(
        z.strictObject({
          programme: z.string(),
          what: z.string(),
          term: z.string(),
          payment: z.string(),
          lookbackDays: z.string(),
          hourly: moneySchema.nullable(),
          monthlySaving: moneySchema.nullable(),
          at: z.string().nullable(),
          why: z.array(z.string()),
        }),
      )
      .describe('What the provider itself recommends, and why ours differs.'),
  })
  .meta({ title: 'Bursar commitments' }) satisfies z.ZodType<CommitmentReport>;

/** JSON Schema (draft 2020-12): `bursar schema commitments`. */
export function commitmentJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(commitmentSchema);
}
