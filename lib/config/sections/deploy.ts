import { z } from 'zod';
import {
  accountId,
  address,
  identityProvider,
  kmsKeyArn,
  LOG_DAYS,
  MOST_TAGS,
  ownTagKey,
  policyArn,
  regionName,
  schedule,
  serviceAccount,
  tagValue,
  webhook,
} from '../values.ts';

const reserved = z.int().min(1).max(1000).optional().describe('Runs at once that it has for itself.');

export const deploy = z.strictObject({
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, {
      error: 'a name of letters, digits and -, beginning with a letter',
    })
    .default('Bursar')
    .describe('Name of the CloudFormation stack.'),
  account: accountId.optional().describe('Account to deploy into; without it that of the credentials.'),
  region: regionName.optional().describe('Region to deploy into; without it that of the credentials.'),
  architecture: z.enum(['arm64', 'x86_64']).default('arm64').describe('Processor of the functions.'),
  google: z
    .strictObject({
      provider: identityProvider.describe('Provider of the workload identity pool that knows the functions.'),
      serviceAccount: serviceAccount.describe('Service account as which the functions read.'),
    })
    .optional()
    .describe(
      'Who the functions are in Google Cloud, without any key; `bursar roles --format gcloud` sets it up.',
    ),
  schedules: z
    .strictObject({
      collect: schedule.default('05:00').describe('Collection of bills and of the estate.'),
      audit: schedule.default('06:00').describe('Judging what was collected.'),
      sweep: schedule.default('rate(15 minutes)').describe('Looking for what is due.'),
      aiUsage: schedule.default('rate(1 hour)').describe('Looking whether AI usage runs away.'),
    })
    .prefault({})
    .describe("When the functions run, in the organisation's zone."),
  flexibleMinutes: z
    .int()
    .min(0)
    .max(60)
    .default(10)
    .describe('Minutes by which collection and judging may begin later; sweep and digest are punctual.'),
  concurrency: z
    .strictObject({
      collect: z
        .int()
        .min(2)
        .max(1000)
        .default(5)
        .describe('Bills and scopes collected at once; a new account may run 10 functions at once in all.'),
      reserved: z
        .strictObject({
          plan: reserved,
          collect: reserved,
          audit: reserved,
          aiUsage: reserved,
          sweep: reserved,
          digest: reserved,
          slack: reserved,
          alarm: reserved,
        })
        .prefault({})
        .describe('Of the concurrency of the account; 100 must stay unreserved, so none in a new account.'),
    })
    .refine((given) => (given.reserved.collect ?? 1000) >= given.collect, {
      path: ['reserved', 'collect'],
      error: 'a number not below deploy.concurrency.collect, since the queue hands over so many at once',
    })
    .prefault({})
    .describe('How many run at once.'),
  slackEndpoint: z
    .enum(['function-url', 'http-api'])
    .default('function-url')
    .describe('Where clicks from Slack arrive: at the URL of the function, or at an HTTP API.'),
  kmsKeyArn: kmsKeyArn
    .optional()
    .describe('Key of yours that bucket, table, queues, logs and alarms are encrypted with.'),
  permissionsBoundary: policyArn
    .optional()
    .describe('Policy that bounds what each role of the stack may do.'),
  tags: z
    .record(ownTagKey, tagValue)
    .refine((tags) => Object.keys(tags).length <= MOST_TAGS, {
      error: `at most ${MOST_TAGS} tags, since a resource carries no more`,
    })
    .refine(
      (tags) => new Set(Object.keys(tags).map((key) => key.toLowerCase())).size === Object.keys(tags).length,
      {
        error:
          'keys that differ by more than capital letters: IAM takes Team and team of a role for the same',
      },
    )
    .default({})
    .describe('Tags of all that the stack holds.'),
  logDays: z
    .literal(LOG_DAYS, { error: `one of ${LOG_DAYS.join(', ')}, which CloudWatch Logs takes` })
    .default(90)
    .describe('Days that the logs are kept.'),
  tracing: z
    .boolean()
    .default(false)
    .describe('Sends traces of the functions to AWS X-Ray, which charges for each beyond the free ones.'),
  dashboard: z
    .boolean()
    .default(true)
    .describe("Makes a dashboard in CloudWatch, which is charged beyond the account's first three."),
  alarms: z
    .strictObject({
      emails: z.array(address).default([]).describe('Addresses; each must confirm once.'),
      webhooks: z.array(webhook).default([]).describe('Addresses that SNS posts to, https.'),
      slack: z.boolean().default(true).describe('To the channel of the digest, too.'),
    })
    .prefault({})
    .describe('Who is told when Bursar itself fails.'),
  athena: z
    .boolean()
    .default(false)
    .describe('Makes the workgroup, the database and the tables that lake.athena names.'),
});
