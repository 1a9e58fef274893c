import * as z from 'zod';
import type { Json } from '../estate/model.ts';
import type { Life } from './life.ts';
import { moneySchema, time } from './schema.ts';

const person = z.strictObject({ user: z.string(), team: z.string() });

const recipient = z.strictObject({
  kind: z.enum(['owner', 'channel']),
  id: z.string(),
  person: person.nullable(),
  source: z.string(),
});

const json: z.ZodType<Json> = z.json();

const intent = z.strictObject({
  kind: z.enum(['stop', 'undo']),
  action: z.string(),
  plan: json,
  undoPlan: json,
  at: time,
  attempt: z.int(),
});

/** A life as stored since version 2 of the rows. */
export const lifeSchema = z.strictObject({
  policy: z.strictObject({
    mode: z.enum(['off', 'flag', 'warn', 'stop']),
    rule: z.string(),
    grace: z.string().nullable(),
    named: z.literal(true).optional(),
  }),
  actionable: z.boolean(),
  recipient: recipient.nullable(),
  passed: z.array(z.string()),
  notice: z
    .strictObject({
      id: z.string(),
      recipient,
      channel: z.string(),
      ts: z.string(),
      deliveredAt: time,
      storedAt: time.optional(),
      reminded: z.boolean(),
      lastCalled: z.boolean(),
      timezone: z.string().optional(),
    })
    .nullable(),
  undelivered: z.int(),
  fingerprint: z.strictObject({ launch: z.string().nullable(), parent: z.string().nullable() }).nullable(),
  hold: z
    .strictObject({
      kind: z.enum(['snooze', 'exemption']),
      check: z.string().nullable(),
      until: time,
      by: person,
      approvedBy: person.nullable(),
      reason: z.string(),
    })
    .nullable(),
  snoozes: z.int(),
  request: z
    .strictObject({
      kind: z.enum(['exemption', 'stop']),
      by: person,
      at: time,
      until: time.nullable(),
      reason: z.string(),
      check: z.string().nullable(),
      left: z.number().nullable(),
    })
    .nullable(),
  resting: z.number().nullable(),
  stopNow: z
    .strictObject({ by: person, at: time, noticeId: z.string(), unproven: z.literal(true).optional() })
    .nullable(),
  approved: z.strictObject({ by: person, at: time }).nullable(),
  intent: intent.nullable(),
  stopped: z
    .strictObject({ at: time, action: z.string(), undoPlan: json, estimated: moneySchema.nullable() })
    .nullable(),
  restoredAt: time.nullable(),
  blocked: z.string().nullable(),
}) satisfies z.ZodType<Life>;
