import { z } from 'zod';
import { currency, locale, someText, timeZone } from '../values.ts';

export const organisation = z.strictObject({
  name: someText.default('Your organisation').describe('How the digest calls you.'),
  currency: currency
    .default('USD')
    .describe('Currency that you think in; nothing is converted into it unasked.'),
  timezone: timeZone.default('UTC').describe('Zone of days, weeks and schedules.'),
  locale: locale
    .default('en-US')
    .describe('How digests write numbers, dates and amounts, like de-DE; their words are English.'),
  holidays: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, {
      error: 'a country or region by its ISO 3166 code, like DE or DE-BY',
    })
    .optional()
    .describe('Whose public holidays are no business days.'),
});
