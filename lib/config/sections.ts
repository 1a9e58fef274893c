import { z } from 'zod';
import { AI_CLASSES } from '../focus/ai/model.ts';
import { store } from './stores.ts';
import {
  accountId,
  address,
  amount,
  bucketName,
  byteSize,
  channel,
  clickAddress,
  contact,
  currency,
  day,
  dimensionName,
  domain,
  duration,
  elsewhere,
  endpoint,
  entryId,
  identityProvider,
  kmsKeyArn,
  LOG_DAYS,
  locale,
  organisationId,
  pattern,
  policyArn,
  projectId,
  quietHours,
  regionName,
  remoteTable,
  roleArn,
  roleName,
  s3Folder,
  schedule,
  secretRef,
  serviceAccount,
  share,
  slackApp,
  slackTeam,
  slackUser,
  someText,
  tagKey,
  tagValue,
  textColumn,
  timeZone,
  webhook,
  workgroup,
} from './values.ts';

const externalId = z
  .string()
  .regex(/^[\w+=,.@:/-]{2,1224}$/, { error: 'an external id, 2 to 1224 characters' });

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

/** An export of AWS Billing in an S3 bucket, found by its manifests. */
const dataExport = {
  bucket: bucketName.describe('Bucket of the data export.'),
  prefix: z.string().default('').describe('Folder of the export in the bucket.'),
  export: someText.optional().describe('Name of the export, where several lie in the folder.'),
  region: regionName.optional().describe('Region of the bucket.'),
  account: accountId.optional().describe('Account that owns the bucket; any other is refused.'),
  roleArn: roleArn.optional().describe('Role to read it with.'),
  externalId: externalId.optional().describe('External id that the role wants.'),
  kmsKeyArn: kmsKeyArn.optional().describe('Key that the export is encrypted with.'),
  endpoint: elsewhere,
} as const;

/** The organisation of an AI vendor, asked over its API. */
const aiVendor = {
  key: secretRef.describe('Admin key of the organisation.'),
  months: z.int().min(1).max(12).default(3).describe('Whole months to read besides the current one.'),
  organisation: someText.optional().describe('Billing account id; without it what the vendor says.'),
  endpoint: elsewhere,
} as const;

const source = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('aws-focus-export'), ...dataExport })
    .meta({ title: 'AWS Data Exports, FOCUS table, in S3' }),
  z
    .strictObject({ type: z.literal('aws-cur'), ...dataExport })
    .meta({ title: 'AWS Cost and Usage Report in S3: CUR 2.0 or legacy' }),
  z
    .strictObject({
      type: z.literal('aws-cost-explorer'),
      account: accountId.optional().describe('Payer account; without it the account of the credentials.'),
      roleArn: roleArn.optional().describe('Role to ask Cost Explorer with.'),
      months: z.int().min(1).max(12).default(3).describe('Whole months to read besides the current one.'),
      ceiling: amount
        .default('1.00')
        .describe('What one run may pay for requests, USD; Cost Explorer charges 0.01 a page.'),
      tags: z
        .array(tagKey)
        .default([])
        .describe('Tag keys to tell cost by, beside the bill; one more request each.'),
      hourly: z
        .boolean()
        .default(false)
        .describe(
          'The last 14 days by the hour, beside the bill; the payer opts in, and AWS charges for it.',
        ),
      resources: z
        .boolean()
        .default(false)
        .describe('The last 14 days by EC2 instance, beside the bill; the payer opts in.'),
      commitments: z
        .boolean()
        .default(true)
        .describe(
          'Use and coverage of Savings Plans and reservations, and when plans end, once a week, beside the bill.',
        ),
      commitmentAdvice: z
        .boolean()
        .default(false)
        .describe('What AWS itself recommends to commit, once a week; eight more requests.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'AWS Cost Explorer: account x service x day' }),
  z
    .strictObject({
      type: z.literal('gcp-bigquery'),
      table: z
        .string()
        .regex(/^[a-z0-9.:-]+\.\w+\.\w+$/, { error: 'a table as PROJECT.DATASET.TABLE' })
        .describe('Table of the billing export: detailed, standard or FOCUS.'),
      project: projectId
        .optional()
        .describe('Project that runs and pays for the queries; without it that of the table.'),
      location: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: 'a location of BigQuery, like US or europe-west3' })
        .optional()
        .describe('Where the queries run; without it where the table lies.'),
      months: z.int().min(0).max(24).default(3).describe('Invoice months to read besides the current one.'),
      grain: z
        .enum(['day', 'hour'])
        .default('day')
        .describe('day: the hours of a day that differ in nothing else are one row; hour: every row.'),
      maximumBytesBilled: byteSize
        .default('200 GiB')
        .describe('Ceiling of what one run may bill in BigQuery; 200 GiB are $1.23 at list price.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'Google Cloud billing export in BigQuery' }),
  z
    .strictObject({
      type: z.literal('openai'),
      ...aiVendor,
      projects: z
        .array(someText)
        .min(1)
        .optional()
        .describe('Ids of the only projects to read (proj_...); without it all of them.'),
    })
    .meta({ title: 'OpenAI usage and costs' }),
  z.strictObject({ type: z.literal('anthropic'), ...aiVendor }).meta({ title: 'Anthropic usage and costs' }),
  z
    .strictObject({
      type: z.literal('focus-file'),
      path: z
        .union([someText, z.array(someText).min(1)], { error: 'a path, or a list of paths' })
        .describe('FOCUS files: a file, a folder, a glob, or s3://bucket/prefix; CSV or Parquet.'),
      region: regionName.optional().describe('Region of the bucket, for s3://.'),
      endpoint: elsewhere,
    })
    .meta({ title: 'FOCUS files' }),
]);
export type SourceConfig = z.output<typeof source>;

export const sources = z.record(entryId, source);

export const estate = z.strictObject({
  aws: z
    .strictObject({
      accounts: z
        .union([z.literal(['own', 'organisation']), z.array(accountId).min(1)], {
          error: 'own, organisation, or a list of account ids in quotes',
        })
        .default('own')
        .describe('own: that of the credentials; organisation: all of it; or a list.'),
      regions: z
        .union([z.literal('enabled'), z.array(regionName).min(1)], {
          error: 'enabled, or a list of region names',
        })
        .default('enabled')
        .describe('enabled: every region that the account has enabled; or a list.'),
      readRole: roleName.default('BursarRead').describe('Role to read with in other accounts.'),
      actRole: roleName.default('BursarAct').describe('Role to act with in other accounts.'),
      tagRole: roleName
        .optional()
        .describe('Role that puts tags right, and does nothing else; without it no tag is ever written.'),
      organisationId: organisationId
        .optional()
        .describe('AWS organisation to which whoever enters the roles must belong.'),
      externalId: externalId.optional().describe('External id that the roles want.'),
      telemetryFrom: accountId
        .optional()
        .describe(
          'Account to whose CloudWatch the others are linked (cross-account observability): all metrics are read there, with its read role.',
        ),
      advice: z
        .boolean()
        .default(false)
        .describe(
          'Show what AWS Compute Optimizer and Cost Optimization Hub recommend beside the findings; the account opts in to each, and both are free.',
        ),
    })
    .optional()
    .describe('Which AWS accounts and regions are looked at.'),
  gcp: z
    .strictObject({
      projects: z
        .union([z.enum(['linked', 'organisation']), z.array(projectId).min(1)], {
          error:
            'give linked (every project that a billing account pays for), organisation (every project) or a list of project ids',
        })
        .describe(
          'Project ids; or linked: every project that a billing account pays for; or organisation: every project, whoever pays for it; both as far as the identity sees them. Such projects are read; nothing is stopped in a project that is not named.',
        ),
      actAs: serviceAccount
        .optional()
        .describe('Service account that stops and starts; without it nothing is stopped in Google Cloud.'),
      advice: z
        .boolean()
        .default(false)
        .describe("Show what Google's Recommender recommends beside the findings; it is free."),
      endpoint: elsewhere,
    })
    .optional()
    .describe('Which Google Cloud projects are looked at.'),
  stores: z.record(entryId, store).default({}).describe('Vector stores, by a name of your own.'),
});

const valueById = z.record(someText, someText);

const dimensionRule = z.union(
  [
    z.strictObject({ tag: tagKey.describe('The value of this tag.') }),
    z.strictObject({
      accountTag: tagKey.describe('The value of this tag of the AWS account, as its organisation keeps it.'),
    }),
    z.strictObject({ account: valueById.describe('A value by account id.') }),
    z.strictObject({ project: valueById.describe('A value by project id, of a cloud or a vendor.') }),
    z.strictObject({ workspace: valueById.describe('A value by workspace id of a vendor.') }),
    z.strictObject({ key: valueById.describe('A value by id of an API key.') }),
    z.strictObject({
      profile: valueById.describe('A value by inference profile of Amazon Bedrock: its ARN or id.'),
    }),
    z.strictObject({
      column: textColumn.describe('The value of another text column of costs.'),
      values: valueById.optional().describe('A value by what that column holds; else as it stands.'),
    }),
  ],
  {
    error:
      'one of { tag: KEY }, { accountTag: KEY }, { account: { "ID": VALUE } }, { project: ... }, { workspace: ... }, { key: ... }, { profile: ... }, { column: NAME, values: ... }',
  },
);

const aiRule = z.strictObject({
  id: entryId.describe('A name of your own, for answers to "why this class".'),
  since: day.optional().describe('First day of charges that it speaks of.'),
  until: day.optional().describe('First day that it no longer speaks of.'),
  source: someText.default('config').describe('Where you know it from, with a date.'),
  when: z
    .strictObject({
      provider: z.enum(['aws', 'gcp', 'azure', 'openai', 'anthropic']).optional().describe('The biller.'),
      biller: pattern.optional().describe('Pattern of ProviderName or PublisherName.'),
      service: pattern.optional().describe('Pattern of ServiceName or the service code.'),
      category: pattern.optional().describe('Pattern of ServiceCategory.'),
      meter: pattern.optional().describe('Pattern of usage type, meter, SKU or charge description.'),
      resourceType: pattern.optional().describe('Pattern of ResourceType.'),
      resource: pattern.optional().describe('Pattern of ResourceId.'),
      charge: pattern.optional().describe('Pattern of ChargeCategory.'),
      machine: pattern.optional().describe('Pattern of the machine type in SkuPriceDetails.'),
      tags: z.record(tagKey, pattern).optional().describe('Patterns of tag values by key.'),
    })
    .refine((when) => Object.keys(when).length > 0, { error: 'at least one condition' })
    .describe('All must hold. Patterns are found anywhere in the text, whatever its case.'),
  class: z.enum(AI_CLASSES).describe('AI class of the charges.'),
});

export const ai = z.strictObject({
  rules: z.array(aiRule).default([]).describe('AI classes of charges; tried before the built-in rules.'),
});

export const dimensions = z.record(dimensionName, z.array(dimensionRule).min(1));

const teamWithMembers = z.strictObject({
  channel: channel.optional().describe('Channel of the team.'),
  members: z.array(address).default([]).describe('Addresses of who is in it.'),
});

export const owners = z.strictObject({
  tags: z.array(tagKey).default([]).describe('Tag keys that name the owner, in order of trust.'),
  domains: z.array(domain).default([]).describe('Domains whose addresses count as owners.'),
  accounts: z.record(someText, contact).default({}).describe('Who answers for an account.'),
  creators: z
    .boolean()
    .default(false)
    .describe(
      'Ask the audit logs of the clouds who made what no tag or account gives an owner. Needs domains.',
    ),
  teams: z
    .record(
      someText,
      z.union([channel, teamWithMembers], {
        error: 'a channel as "#name" in quotes, or { channel: "#name", members: [ADDRESS] }',
      }),
    )
    .default({})
    .describe('Where a team hears of what nobody owns, by its name in the dimension team.'),
  fallback: contact.optional().describe('Who hears of what nobody owns.'),
});

/** The keys of `where` besides dimensions. */
export const WHERE_KEYS = ['provider', 'account', 'resourceType', 'aiClass', 'tags', 'costAbove'] as const;

const oneOrMore = z.union([someText, z.array(someText).min(1)], { error: 'a text, or a list of texts' });

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

export const slack = z.strictObject({
  token: secretRef.describe('Bot token.'),
  signingSecret: secretRef.optional().describe('Secret that clicks are verified with.'),
  formerSigningSecret: secretRef
    .optional()
    .describe('The one before, while it is rotated: clicks that it signed are taken, too.'),
  teamId: slackTeam.optional().describe('Workspace whose clicks are taken.'),
  appId: slackApp
    .optional()
    .describe('The app whose clicks are taken: App ID on its page "Basic Information".'),
  requestUrl: clickAddress
    .optional()
    .describe('Where Slack sends clicks: output SlackUrl of the stack, or your tunnel; for the manifest.'),
  channels: z
    .strictObject({
      digest: channel.optional().describe('Where the digest is posted.'),
      team: channel
        .optional()
        .describe(
          'Where trouble is told, and where what nobody owns is offered if there is no owners.fallback.',
        ),
    })
    .prefault({})
    .describe('Channels by what is said in them.'),
  admins: z.array(slackUser).default([]).describe('Who may pause and override.'),
  approvers: z.array(slackUser).default([]).describe('Who may approve what cannot be undone.'),
  mostSnoozes: z.int().min(0).max(50).default(3).describe('How often an owner may keep one finding.'),
  mostExemptDays: z.int().min(1).max(3650).default(180).describe('The longest exemption, days.'),
  endpoint: elsewhere,
});

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

const tables = (what: string) =>
  z
    .record(entryId, remoteTable)
    .default({})
    .describe(`Sources that it asks where they lie: ${what} over the files of an AWS FOCUS export.`);

const athena = z.strictObject({
  region: regionName.describe('Region of the workgroup and its database.'),
  workgroup: workgroup.default('primary').describe('Workgroup; it must limit the bytes that a query scans.'),
  database: someText.describe('Database of the Glue Data Catalog.'),
  output: s3Folder.optional().describe('Where answers are stored; without it that of the workgroup.'),
  bytesLimit: byteSize.default('1 TiB').describe('What a query may scan at most; 1 TiB is $5 at list price.'),
  tables: tables('TABLE or DATABASE.TABLE'),
  endpoint: elsewhere,
});

const trino = z.strictObject({
  server: endpoint.describe('Address of the cluster.'),
  catalog: someText.describe('Catalog of the tables.'),
  schema: someText.default('default').describe('Schema of the tables.'),
  user: someText.describe('User that asks.'),
  password: secretRef.optional().describe('Their password; sent over https alone.'),
  tables: tables('TABLE, SCHEMA.TABLE or CATALOG.SCHEMA.TABLE'),
});

export const lake = z.strictObject({
  engine: z
    .enum(['auto', 'duckdb', 'athena', 'trino', 'bigquery'])
    .default('auto')
    .describe('Which engine is asked about a bill; auto chooses by bytes.'),
  mostLocal: byteSize
    .default('8 GiB')
    .describe('Parquet of one bill up to which auto asks DuckDB, where another engine could be asked.'),
  athena: athena.optional().describe('Amazon Athena, over exports in S3.'),
  trino: trino.optional().describe('A Trino cluster of your own.'),
  bigquery: z
    .strictObject({
      sources: z.array(entryId).min(1).describe('Sources of type gcp-bigquery; each must name its location.'),
    })
    .optional()
    .describe('BigQuery, over billing exports where they lie.'),
});

const thresholds = z.strictObject({
  medium: amount.default('100').describe('From this on medium.'),
  high: amount.default('1000').describe('From this on high.'),
  critical: amount.default('10000').describe('From this on critical.'),
});

/** `*` speaks for every currency without an entry of its own. */
export const severity = z.record(z.union([z.literal('*'), currency]), thresholds);

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

const budgetWhere = z
  .object({
    provider: oneOrMore.optional().describe('aws, gcp, azure, openai, anthropic.'),
    account: oneOrMore.optional().describe('Account or project id, in quotes.'),
    aiClass: oneOrMore.optional().describe('AI class of the charges.'),
    tags: z.record(tagKey, oneOrMore).optional().describe('Tags that a charge must carry.'),
  })
  .catchall(oneOrMore);

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
  where: budgetWhere
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
  spend: budgetWhere
    .optional()
    .describe('Charges that are shared among them: as where of a budget; else all that the bills hold.'),
  owner: contact.optional().describe('Who answers for it.'),
  success: dailyNumber.optional().describe('How much succeeded, a number a day: a share, a count.'),
  quality: dailyNumber.optional().describe('How good it was, a number a day: more is better.'),
  latency: dailyNumber.optional().describe('How long it took, a number a day: less is better.'),
  revenue: dailyNumber.optional().describe('What it earned, a number a day.'),
});
export const units = z.array(unit);

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
  tags: z.record(tagKey, tagValue).default({}).describe('Tags of all that the stack holds.'),
  logDays: z
    .literal(LOG_DAYS, { error: `one of ${LOG_DAYS.join(', ')}, which CloudWatch Logs takes` })
    .default(90)
    .describe('Days that the logs are kept.'),
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
