import { z } from 'zod';
import { amount, contact, currency, day, someText } from '../values.ts';
import { chargesWhere } from './where.ts';

const budget = z.strictObject({
  name: someText.describe('How alerts call it; no other budget is called so.'),
  amount: z
    .record(currency, amount)
    .refine((limits) => Object.keys(limits).length > 0, {
      error: 'an amount by currency, like { USD: "50000" }',
    })
    .describe(
      'Limit by currency. One: charges in others are converted by conversion.rates. Several: each counts its own currency alone.',
    ),
  period: z
    .enum(['month', 'quarter', 'year', 'window'])
    .default('month')
    .describe(
      'What it is for: of the calendar in UTC, as bills count days; window: once, from window.start on.',
    ),
  window: z
    .strictObject({
      start: day.describe('First UTC day.'),
      end: day.describe('First UTC day after it.'),
    })
    .optional()
    .describe('Of period window.'),
  where: chargesWhere
    .optional()
    .describe('Charges that it is for: dimensions, or what bills are grouped by; else everything.'),
  tiers: z
    .array(z.int().min(1).max(1000))
    .default([50, 80, 100])
    .describe('Percent of the limit; each is told of once a period.'),
  forecast: z
    .boolean()
    .default(true)
    .describe('true: told of once a period when it will more likely than not be exceeded.'),
  owner: contact
    .optional()
    .describe('Who hears of it first; else the channel of its team, else owners.fallback.'),
  escalate: contact.optional().describe('Who hears of it when nobody answers; else alerts.escalate.'),
  experiment: z
    .strictObject({ until: day.describe('First UTC day on which it should cost nothing any more.') })
    .optional()
    .describe('An experiment that ends: told of once when it still costs.'),
  throttle: z
    .enum(['advice'])
    .optional()
    .describe('advice: say by how much use would have to fall to keep the limit. Nothing is ever throttled.'),
});
export const budgets = z.array(budget);

export const alerts = z.strictObject({
  anomalies: z.boolean().default(true).describe('Are anomalies of the bills kept and told of?'),
  minimum: amount.default('100').describe('Least that an anomaly is off by in sum, in the currency of each.'),
  runaway: z
    .boolean()
    .default(true)
    .describe(
      'Is it looked at hourly whether the usage of the AI vendors under sources, and tokens of Amazon Bedrock in the accounts of estate.aws, run away?',
    ),
  runawayMinimum: amount
    .default('50')
    .describe('Least that AI usage of the newest hours is above its usual, USD at list prices.'),
  runawayTokens: z
    .int()
    .min(1)
    .default(10_000_000)
    .describe('The same of Amazon Bedrock, in tokens: they are counted by the hour and have no price there.'),
  runawayAtOnce: z
    .boolean()
    .default(true)
    .describe(
      'Does whoever escalate names hear of runaway AI usage at once, by night and on holidays too, and not only when nobody answers?',
    ),
  escalate: contact
    .optional()
    .describe('Who hears of an alert that nobody answered; else slack.channels.team.'),
  escalateAfter: z
    .int()
    .min(1)
    .max(400)
    .default(8)
    .describe(
      "Business hours (Monday to Friday 9:00 to 17:00 in the organisation's zone) without an answer.",
    ),
  expectedDays: z.int().min(1).max(400).default(30).describe('Days for which "Expected" holds.'),
});
