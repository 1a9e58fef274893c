import { z } from 'zod';
import { contact, elsewhere, regionName, roleArn, someText } from '../values.ts';
import { chargesWhere } from './where.ts';

const dailyNumber = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('csv'),
      path: someText.describe('CSV file with a row a day: a path, or s3://bucket/key.'),
      date: someText.default('date').describe('Column of the day, like 2026-01-31.'),
      column: someText.default('value').describe('Column of the number.'),
      region: regionName.optional().describe('Region of the bucket, for s3://.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'CSV file' }),
  z
    .strictObject({
      type: z.literal('query'),
      sql: someText.describe('One SELECT as bursar query takes it, with the columns day and value.'),
    })
    .meta({ title: 'Query of the lake' }),
  z
    .strictObject({
      type: z.literal('cloudwatch'),
      namespace: someText.describe('Namespace of the metric, like AWS/ApplicationELB.'),
      metric: someText.describe('Name of the metric, like RequestCount.'),
      dimensions: z.record(someText, someText).default({}).describe('Every dimension of it, by name.'),
      stat: z
        .union(
          [
            z.enum(['Sum', 'Average', 'Maximum', 'Minimum', 'SampleCount']),
            z.templateLiteral(['p', z.number()]).refine((each) => /^p(100|\d{1,2}(\.\d{1,2})?)$/.test(each)),
          ],
          { error: 'Sum, Average, Maximum, Minimum, SampleCount, or a percentile like p99' },
        )
        .default('Sum')
        .describe('What of a day: Sum, Average, Maximum, Minimum, SampleCount, or a percentile like p99.'),
      region: regionName.describe('Region of the metric.'),
      roleArn: roleArn.optional().describe('Role to read it with.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'Metric of Amazon CloudWatch' }),
]);
export type DailyNumberConfig = z.output<typeof dailyNumber>;

const unit = z.strictObject({
  name: someText.describe('How it is called; no other unit is called so.'),
  per: someText.default('unit').describe('What one of it is: order, request, document.'),
  metric: dailyNumber.describe('How many there were, a number a day.'),
  spend: chargesWhere
    .optional()
    .describe('Charges that are shared among them: as where of a budget; else all that the bills hold.'),
  owner: contact.optional().describe('Who answers for it.'),
  success: dailyNumber
    .optional()
    .describe(
      'How much succeeded, a number a day: a share of 0 to 1, which also gives the cost of a success, or a count.',
    ),
  quality: dailyNumber.optional().describe('How good it was, a number a day: more is better.'),
  latency: dailyNumber.optional().describe('How long it took, a number a day: less is better.'),
  revenue: dailyNumber.optional().describe('What it earned, a number a day.'),
});
export const units = z.array(unit);
