import * as z from 'zod';
import { INTEGER_DIGITS, SCALE } from '../focus/decimal.ts';
import type { Finding, FindingState } from './model.ts';

/** Every state, in the order of a life. */
export const STATES = [
  'DETECTED',
  'NOTIFY_PENDING',
  'UNDELIVERED',
  'ESCALATED',
  'WARNED',
  'ACKNOWLEDGED',
  'SNOOZED',
  'EXEMPTION_REQUESTED',
  'EXEMPT',
  'DISOWNED',
  'APPROVAL_REQUESTED',
  'BLOCKED',
  'STOPPING',
  'STOPPED',
  'STOP_FAILED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORED',
  'RESTORE_FAILED',
  'RESOLVED',
] as const satisfies readonly FindingState[];

export const stateSchema = z.enum(STATES);

export const time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/)
  .describe('ISO-8601, UTC');

const decimalAmount = z
  .string()
  .regex(new RegExp(`^-?\\d{1,${INTEGER_DIGITS}}(\\.\\d{1,${SCALE}})?$`))
  .describe('A plain decimal number as text, exact.');

export const moneySchema = z.strictObject({
  amount: decimalAmount,
  currency: z.string().min(1).describe('ISO 4217, or the virtual currency of the bill.'),
});

const confidence = z.enum(['high', 'medium', 'low']);

/** One finding as `bursar audit --format json` and `bursar findings` print it and as the ledger keeps it. */
export const findingSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    id: z
      .string()
      .regex(/^f-[a-z2-7]{26}$/)
      .describe('Base32 of SHA-256 over check, provider and resourceId: the same in every run.'),
    check: z.string().min(1),
    provider: z.enum(['aws', 'gcp', 'azure', 'openai', 'anthropic', 'postgres', 'other']),
    accountId: z.string().describe('AWS account id, GCP project id, database host.'),
    region: z.string(),
    resourceType: z.string(),
    resourceId: z
      .string()
      .min(1)
      .describe('ARN or full resource name; for spend without a resource account/ID/service/NAME/tag/KEY.'),
    resourceName: z.string().nullable(),
    owner: z.strictObject({ id: z.string(), source: z.string(), confidence }).nullable(),
    verdict: z.enum([
      'IDLE',
      'UNUSED',
      'EXPIRED',
      'NONCOMPLIANT',
      'INEFFICIENT',
      'SUSPECTED',
      'HELD',
      'UNOBSERVED',
    ]),
    severity: z
      .enum(['low', 'medium', 'high', 'critical'])
      .describe('By the monthly saving, else the monthly cost, against the thresholds of the config.'),
    confidence,
    costBasis: z.enum(['billed', 'list-estimate', 'unknown']),
    monthlyCost: moneySchema
      .nullable()
      .describe(
        'Effective cost on the bill of the last 30 days; where costBasis is list-estimate, a month at list prices.',
      ),
    monthlySaving: moneySchema.nullable().describe('What the bill would fall by in 30 days.'),
    evidence: z.array(
      z.strictObject({
        name: z.string(),
        value: z.string(),
        unit: z.string(),
        window: z.string(),
        source: z.string(),
      }),
    ),
    blindSpots: z.array(z.string()),
    state: stateSchema,
    dueAt: time.nullable(),
    reason: z.string(),
    firstSeen: time,
    lastSeen: time,
  })
  .meta({ title: 'Bursar finding' }) satisfies z.ZodType<Finding>;

/** JSON Schema (draft 2020-12) of a finding: `bursar schema finding`. */
export function findingJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(findingSchema);
}
