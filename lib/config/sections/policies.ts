import { z } from 'zod';
import { amount, currency, duration, oneOrMore, quietHours, someText, tagKey } from '../values.ts';

/** The keys of `where` besides dimensions. */
export const WHERE_KEYS = ['provider', 'account', 'resourceType', 'aiClass', 'tags', 'costAbove'] as const;

const where = z
  .object({
    provider: oneOrMore.optional().describe('aws, gcp, azure, openai, anthropic, postgres.'),
    account: oneOrMore.optional().describe('Account or project id, in quotes.'),
    resourceType: oneOrMore.optional().describe('As findings name it: aws:ec2:instance.'),
    aiClass: oneOrMore
      .optional()
      .describe('AI class that the resource can only be of: GPU compute, inference, notebook, vector store.'),
    tags: z.record(tagKey, oneOrMore).optional().describe('Tags that it must carry.'),
    costAbove: z.record(currency, amount).optional().describe('Monthly cost above this, by currency.'),
  })
  .catchall(oneOrMore);

const policy = z.strictObject({
  check: someText.describe(
    'Id of a check, or "*". Where it names the check, owners also hear of what is not proven, without a date.',
  ),
  where: where.optional().describe('Narrows it; every dimension may be named, too.'),
  mode: z.enum(['off', 'flag', 'warn', 'stop']).default('flag').describe('What may follow from a finding.'),
  grace: duration.optional().describe('From the delivered warning to the stop.'),
});

export const policies = z.array(policy);

export const guards = z.strictObject({
  perDay: z
    .strictObject({
      count: z.int().min(0).default(20).describe('Actions a day.'),
      money: z
        .record(currency, amount)
        .default({})
        .describe('Monthly cost of what is stopped in a day, by currency.'),
    })
    .prefault({})
    .describe('Caps on what is done in a day.'),
  perAccountDay: z
    .strictObject({
      count: z.int().min(0).default(20).describe('Actions a day in one account.'),
      money: z
        .record(currency, amount)
        .default({})
        .describe('Monthly cost of what is stopped in a day in one account, by currency.'),
    })
    .optional()
    .describe('Caps on what is done in a day in one account; without it, those of the organisation alone.'),
  canary: z
    .boolean()
    .default(true)
    .describe('true: of each policy one is stopped first, and the rest after an hour without trouble.'),
  weekends: z.boolean().default(false).describe('true: stops may fall on Friday from 12:00 and on weekends.'),
  protectedTags: z.array(tagKey).default(['do-not-stop']).describe('Whoever carries one is never stopped.'),
  production: z
    .array(someText)
    .default(['prod', 'production', 'prd', 'live'])
    .describe('Values of the dimension environment that are at most warned.'),
  quietHours: quietHours.optional().describe("Hours without any stop, in the organisation's zone."),
  paused: z.boolean().default(false).describe('true: nothing is stopped at all.'),
});

const thresholds = z.strictObject({
  medium: amount.default('100').describe('From this on medium.'),
  high: amount.default('1000').describe('From this on high.'),
  critical: amount.default('10000').describe('From this on critical.'),
});

/** `*` speaks for every currency without an entry of its own. */
export const severity = z.record(z.union([z.literal('*'), currency]), thresholds);
