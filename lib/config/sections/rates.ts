import { z } from 'zod';
import { share, someText } from '../values.ts';

const commitmentRate = z.strictObject({
  term: z.enum(['1y', '3y']).describe('How long.'),
  payment: z.enum(['none', 'partial', 'all']).default('none').describe('How much of it upfront.'),
  discount: share.describe('Against on-demand rates, all fees counted.'),
});

export const commitments = z.strictObject({
  discounts: z
    .record(someText, share)
    .default({})
    .describe('Discount of a programme, like aws-compute-savings-plan: "0.27"; else read from the bill.'),
  rates: z
    .record(someText, z.array(commitmentRate).min(1))
    .default({})
    .describe('What a programme is sold at, every term and payment that may be bought; before discounts.'),
});

export const conversion = z.strictObject({
  rates: z
    .union([someText, z.strictObject({ csv: someText.describe('The table itself.') })], {
      error: 'a path, s3://bucket/key, or { csv: TABLE }',
    })
    .describe(
      'CSV table of exchange rates with the columns date (a day or a month), from, to, rate: a path, s3://bucket/key, or { csv: TABLE }. A deployment carries the file that a path names as it was then.',
    ),
  mostDays: z.int().min(0).max(366).default(7).describe('How many days older than a charge its rate may be.'),
});
