import { z } from 'zod';
import { channel, entryId, schedule, someText } from '../values.ts';

const digestPeriod = z.enum(['day', 'week', 'month']).default('week').describe('What it speaks of.');

export const digest = z.strictObject({
  schedule: schedule.default('Mon 09:00').describe("When it is posted, in the organisation's zone."),
  period: digestPeriod,
  also: z
    .record(
      entryId.refine((id) => id !== 'main', { error: 'main is the digest itself' }),
      z.strictObject({
        for: someText
          .default('everyone')
          .describe(
            'For whom: everyone, executive, or a team by its name in the dimension team (team:NAME where it is called like one of the two). A team reads of itself alone.',
          ),
        period: digestPeriod,
        schedule: schedule.describe("When it is posted, in the organisation's zone."),
        channel: channel
          .optional()
          .describe(
            'Where it is posted; left out: slack.channels.digest, of a team the channel of owners.teams.',
          ),
      }),
    )
    .default({})
    .describe('Further digests, by a name of your own.'),
});
