import { z } from 'zod';
import { findingSchema, moneySchema } from '../ledger/schema.ts';
import type { AuditResult } from './model.ts';

const time = z.string().describe('ISO-8601, UTC');
const amount = moneySchema.shape.amount;

/** What `bursar audit --format json` prints; every key is always there. */
export const auditSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    runId: z.string().min(1),
    now: time,
    coverage: z
      .array(
        z.strictObject({
          scope: z.string().min(1),
          status: z.enum(['complete', 'partial', 'failed', 'not-covered']),
          reason: z.string().nullable(),
          asOf: time.nullable(),
          incomplete: z
            .array(z.string())
            .optional()
            .describe('Datasets of a partial scope that were not read whole.'),
          switchedOff: z
            .array(z.string())
            .optional()
            .describe('Datasets of services that are not there to be asked (API not enabled, no endpoint).'),
        }),
      )
      .describe('What was looked at, and how well. A scope that is missing or failed is never zero.'),
    spend: z
      .array(
        z.strictObject({
          currency: z.string().min(1),
          billed: amount,
          effective: amount,
          start: time,
          end: time,
          asOf: time.nullable(),
        }),
      )
      .describe('Exact totals of the bills that were audited, by currency; currencies are never added.'),
    findings: z.array(findingSchema),
    ownCost: z
      .strictObject({
        amount,
        currency: z.string().min(1),
        calls: z.array(z.strictObject({ api: z.string(), count: z.int().min(0) })),
      })
      .describe('What the audit itself cost, and the calls that it made.'),
  })
  .meta({ title: 'Bursar audit' }) satisfies z.ZodType<AuditResult>;

/** JSON Schema (draft 2020-12) of an audit: `bursar schema audit`. */
export function auditJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(auditSchema);
}
