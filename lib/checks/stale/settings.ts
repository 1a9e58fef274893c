import { z } from 'zod';
import { duration } from '../duration.ts';

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'a day, like "2027-03-31"')
  .refine(
    (text) =>
      !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
      new Date(`${text}T00:00:00Z`).toISOString().startsWith(text),
    'a day of the calendar, like "2027-03-31"',
  );

const model = z.strictObject({
  usdPerMillionTokens: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,9})?$/, 'a decimal number in quotes, like "0.02"')
    .optional()
    .describe('List price of a million tokens in US dollars, in quotes.'),
  legacySince: day.optional().describe('Since when its maker advises another model.'),
  endOfLife: day.optional().describe('First day that it can no longer be used.'),
  successor: z.string().min(1).optional().describe('The model to take in its place.'),
  source: z.string().min(1).default('config').describe('Where you know it from, with a date.'),
});

export const settings = z.strictObject({
  window: duration.default('30d').describe('how long nobody may have queried an index'),
  minShare: z
    .number()
    .gt(0)
    .max(100)
    .default(1)
    .describe('share of the vectors of an index, in percent, from which what is wrong with them is told'),
  ahead: duration.default('180d').describe('how long before the end of an embedding model it is told'),
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    // OpenAI API reference, "Create embeddings": at most 2,048 inputs a request.
    .default(2048)
    .describe('vectors that one call makes again, for the advice to rebuild'),
  models: z
    .record(z.string().min(1), model)
    .default({})
    .describe('embedding models by name: their price and end of service, before what Bursar knows of them'),
});
export type StaleEmbeddingsSettings = z.output<typeof settings>;
