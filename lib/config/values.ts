import { z } from 'zod';
import { columnOf, customColumn } from '../focus/columns.ts';
import { parseDecimal } from '../focus/decimal.ts';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { quietHours as parseQuietHours, scheduleExpression } from './schedule.ts';

/*
 * The kinds of text that a config holds. Each says in its error what is allowed, as words that follow
 * "expected"; JSON Schema carries the pattern, so that editors complain early.
 */

function text(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

/** A text that must also be readable by a parser of ours or of the platform. */
function checked(expected: string, valid: (value: string) => boolean, pattern = /\S/) {
  return text(pattern, expected).refine(valid, { error: expected });
}

function reads(parse: (value: string) => unknown): (value: string) => boolean {
  return (value) => {
    try {
      return parse(value) !== null;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  };
}

export const someText = text(/\S/, 'text');

/** A number of bytes, as `parseByteSize` reads it. */
export const byteSize = checked('a size in MiB, GiB or TiB, like 200 GiB', reads(parseByteSize));

/** A table as SQL names it, its parts between points. */
export const remoteTable = text(
  /^[^\s"'`;.]+(\.[^\s"'`;.]+){0,2}$/,
  'the name of a table, like focus_export or billing.focus',
);

/** A table of PostgreSQL as `nameParts` of lib/estate/pgvector/names.ts reads it: parts with points in double quotes. */
export const postgresTable = text(
  /^(?:"(?:[^"\0]|"")+"|[^".\0]+)(?:\.(?:"(?:[^"\0]|"")+"|[^".\0]+)){0,2}$/,
  'the name of a table, like docs.pages, or "docs"."pages.v2" where a name holds a point or a quote',
);

/** Athena API Reference, CreateWorkGroup: `[a-zA-Z0-9._-]{1,128}`. */
export const workgroup = text(/^[A-Za-z0-9._-]{1,128}$/, 'the name of a workgroup of Athena');

export const s3Folder = text(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/([^\s]*)$/, 's3://bucket/folder/');

/** 12 digits (AWS Account Management reference, "AWS account identifiers"). */
export const accountId = text(/^\d{12}$/, 'an AWS account id: 12 digits in quotes, like "111122223333"');

export const regionName = text(
  /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/,
  'the name of an AWS region, like eu-central-1',
);

/**
 * S3 bucket names: 3 to 63 of lower-case letters, digits, dots and hyphens, a letter or digit at each end
 * (Amazon S3 User Guide, "General purpose bucket naming rules").
 */
export const bucketName = text(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'the name of an S3 bucket, without s3://',
);

function arn(service: string, rest: string, expected: string) {
  return text(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:\\d{12}:${rest}$`), expected);
}

export const roleArn = arn(
  'iam',
  'role/.+',
  'the ARN of a role, like arn:aws:iam::111122223333:role/BursarRead',
);
export const kmsKeyArn = arn(
  'kms',
  'key/.+',
  'the ARN of a KMS key, like arn:aws:kms:eu-central-1:111122223333:key/ID',
);
/**
 * A policy of the account's own, or of AWS: `arn:aws:iam::aws:policy/name` (IAM User Guide, "IAM identifiers"); either bounds a
 * role ("Permissions boundaries for IAM entities").
 */
export const policyArn = text(
  /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/,
  'the ARN of a policy, like arn:aws:iam::111122223333:policy/Boundary',
);
/** IAM role names: up to 64 of `[\w+=,.@-]` (IAM API Reference, CreateRole). */
export const roleName = text(/^[\w+=,.@-]{1,64}$/, 'the name of a role, without its ARN');

/** Organization ids (Organizations API Reference, Organization: `^o-[a-z0-9]{10,32}$`). */
export const organisationId = text(/^o-[a-z0-9]{10,32}$/, 'the id of an AWS organisation, like o-a1b2c3d4e5');

/** What the message of a rejected secret says: whoever shows it never shows the value. */
export const SECRET_EXPECTED =
  'a reference to a secret, never the secret itself: { env: NAME } or { secret: arn:aws:secretsmanager:... }';

/** Where a secret lies: in an environment variable or in AWS Secrets Manager. */
export const secretRef = z
  .union(
    [
      z.strictObject({
        env: text(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, SECRET_EXPECTED).describe('Name of the variable.'),
      }),
      z.strictObject({
        secret: arn('secretsmanager', 'secret:.+', SECRET_EXPECTED).describe(
          'ARN of the secret in AWS Secrets Manager.',
        ),
        key: text(/^[^\0]{1,256}$/, SECRET_EXPECTED)
          .optional()
          .describe('Where the secret is a JSON object of several: the name of the one that is meant.'),
      }),
    ],
    { error: SECRET_EXPECTED },
  )
  .meta({ title: 'secret reference' });
export type SecretRef = z.output<typeof secretRef>;

/** ISO 4217 code as the platform's own table lists it; virtual currencies of a bill pass by their own check. */
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
export const currency = checked(
  'a currency by its ISO 4217 code, like USD or EUR',
  (value) => CURRENCIES.has(value),
  /^[A-Z]{3}$/,
);

/** The runtime reads `europe/berlin`, too; EventBridge Scheduler and Slack are handed the name as it stands. */
export const timeZone = checked(
  'an IANA time zone as IANA writes it, like Europe/Berlin or UTC',
  reads((value) => {
    const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions();
    return known.toLowerCase() === value.toLowerCase() && known !== value ? null : known;
  }),
  // Each part of a name begins with a capital, also of names like Asia/Kolkata that the runtime knows under another; an offset
  // like +02 is none, though the runtime takes it for one.
  /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/,
);

/** BCP 47, and one that the runtime's own tables (CLDR) hold: else numbers would be written as somewhere else. */
export const locale = checked(
  'a locale, like en-US, de-DE or ja-JP',
  reads((value) => Intl.NumberFormat.supportedLocalesOf(value)[0] ?? null),
  /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/,
);

export const amount = checked(
  'an amount in quotes, a plain decimal number that is not negative, like "5000" or "0.25"',
  (value) => parseDecimal(value).ok,
  /^\d+(\.\d+)?$/,
);

/** A part of one, as decimal text. */
export const share = text(/^0\.\d*[1-9]\d*$/, 'a share in quotes between 0 and 1, like "0.27"');

export const duration = checked(
  'a duration, like 168h, 30d, 2 weeks or 2 business days',
  reads(parseDuration),
);

/** A duration in which every minute counts. */
export const plainDuration = checked(
  'a duration, like 5m or 2h, but no business days',
  reads((value) => {
    const length = parseDuration(value);
    return 'minutes' in length ? length : null;
  }),
);

export const schedule = checked(
  'a schedule, like "Mon 09:00", "09:00", "rate(15 minutes)" or "cron(0 9 ? * MON *)"',
  reads(scheduleExpression),
);

export const quietHours = checked(
  'hours of the day, like "18:00-08:00"',
  reads(parseQuietHours),
  /^\d{2}:\d{2}-\d{2}:\d{2}$/,
);

/** A key or value of a tag. AWS allows 128 and 256 characters (Tag Editor User Guide, "Tag limits"). */
export const tagKey = text(/^[^\0]{1,128}$/, 'the key of a tag, at most 128 characters');

/** A column of `costs` that holds text: amounts and times are no values of a dimension. */
export const textColumn = checked(
  'the name of a column of costs that holds text, like ServiceName or x_CostCenter',
  (name) => ['text', 'json'].includes((columnOf(name) ?? customColumn(name)).kind),
  /^[A-Za-z][A-Za-z0-9_]{0,127}$/,
);

/** Tags that a resource of AWS carries (Tagging AWS Resources User Guide, "Tag naming limits and requirements"). */
export const MOST_TAGS = 50;
/** A key that may be written in AWS: what begins with aws: in any case is AWS's own (as above). */
export const ownTagKey = text(
  /^(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
  'the key of a tag, at most 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:',
);

/**
 * Letters, spaces, digits and `_.:/=+-@`, at most 256: what every service takes (Tagging AWS Resources User Guide,
 * "Tag naming limits and requirements").
 */
export const tagValue = text(
  /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
  'the value of a tag, letters, digits, spaces and _.:/=+-@',
);

/**
 * Days that CloudWatch Logs can keep events (Amazon CloudWatch Logs API Reference, PutRetentionPolicy,
 * `retentionInDays`).
 */
export const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A regular expression that JavaScript, RE2 (DuckDB, BigQuery) and Java (Trino, Athena) read alike. */
export const pattern = checked(
  'a regular expression without look-around and back-references',
  reads((value) => {
    if (/\(\?[=!<]|\\[1-9k]/.test(value)) return null;
    return compiled(`(?i:${value})`);
  }),
);

/** @throws RangeError where it is no regular expression */
function compiled(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch (cause) {
    throw new RangeError(`not a regular expression: ${value}`, { cause });
  }
}

export const day = checked(
  'a day, like "2026-11-01"',
  (value) =>
    !Number.isNaN(Date.parse(`${value}T00:00:00Z`)) &&
    new Date(`${value}T00:00:00Z`).toISOString().startsWith(value),
  /^\d{4}-\d{2}-\d{2}$/,
);

/** Dimension names become columns of `costs` (`x_team`). */
export const dimensionName = text(
  /^[a-z][a-z0-9_]{0,39}$/,
  'a name of lower-case letters, digits and _, beginning with a letter',
);

/** Keys under which sources and stores are kept; part of file names. */
export const entryId = text(
  /^[a-z0-9][a-z0-9_-]{0,62}$/,
  'a name of lower-case letters, digits, - and _, at most 63 characters',
);

/** Google Cloud project ids: 6 to 30 (Resource Manager documentation), older ones with a domain before. */
export const projectId = text(
  /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  'the id of a Google Cloud project, like acme-prod',
);

/** By its e-mail address (IAM documentation, "Service accounts overview", "Types of service accounts"). */
/**
 * Full resource name of a provider; the ids of pool and provider have 4 to 32 characters (IAM API v1,
 * projects.locations.workloadIdentityPools.create and .providers.create).
 */
export const identityProvider = text(
  /^projects\/[0-9]{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
  'a provider like projects/123456789012/locations/global/workloadIdentityPools/bursar/providers/bursar-aws',
);

export const serviceAccount = text(
  /^[a-z0-9-]{1,63}@[a-z0-9.-]{1,200}\.gserviceaccount\.com$/,
  'the e-mail address of a service account, like bursar-act@acme-ops.iam.gserviceaccount.com',
);

export const channel = text(
  /^(#\S{1,80}|[CGD][A-Z0-9]{1,20})$/,
  'a Slack channel: "#name" in quotes, or its id',
);
export const slackUser = text(/^[UW][A-Z0-9]{1,20}$/, 'the id of a Slack user, like U012AB3CD');
export const slackApp = text(/^A[A-Z0-9]{1,20}$/, 'the id of a Slack app, like A012AB3CD');
export const slackTeam = text(/^[TE][A-Z0-9]{1,20}$/, 'the id of a Slack workspace, like T012AB3CD');

export const address = text(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'an e-mail address, like ana@acme.com');

/** Who is told: an address, a channel, a Slack user. */
export const contact = text(
  /^([^@\s]+@[^@\s]+\.[^@\s]+|#\S{1,80}|[UW][A-Z0-9]{1,20})$/,
  'an e-mail address, a Slack user id, or a channel as "#name" in quotes',
);

export const domain = text(
  /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
  'the domain of e-mail addresses in lower case, like acme.com',
);

/** Where a store is. Plain http is for this machine alone: logins and answers would be read by anyone on the way. */
export const storeAddress = checked(
  'the address of a store, https://..., without a user, password or path in it',
  reads((value) => {
    const url = URL.parse(value);
    if (url === null) return null;
    const open = url.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    const plain = url.username === '' && url.password === '' && url.pathname === '/' && url.search === '';
    return plain && !open && url.hash === '' ? url : null;
  }),
  /^https?:\/\/[^\s@]+$/,
);

/** Pinecone's published metrics interface: `project_id` is a UUID. */
export const pineconeProject = text(
  /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  'the id of a project of Pinecone: a UUID',
);

/** Service Authorization Reference, "Amazon OpenSearch Service", resource type domain. */
export const domainArn = text(
  /^arn:aws[a-z-]*:es:[a-z0-9-]+:\d{12}:domain\/[a-z][a-z0-9-]{2,27}$/,
  'the ARN of an OpenSearch domain, like arn:aws:es:eu-central-1:111122223333:domain/docs',
);

/** Service Authorization Reference, "Amazon OpenSearch Serverless", resource type collection. */
export const collectionArn = text(
  /^arn:aws[a-z-]*:aoss:[a-z0-9-]+:\d{12}:collection\/[a-z0-9-]{3,40}$/,
  'the ARN of a collection, like arn:aws:aoss:eu-central-1:111122223333:collection/07tjusf2h91cunochc',
);

/** Another address of a service, for tests and private endpoints. No credentials in it. */
export const endpoint = checked(
  'the address of a service, http:// or https://, without a user or password in it',
  reads((value) => {
    const url = URL.parse(value);
    if (url === null) return null;
    return url.username === '' && url.password === '' ? url : null;
  }),
  /^https?:\/\/[^\s@]+$/,
);

/** Where Slack sends clicks: "the full https URL", of a slash command at most 3000 characters (Slack's app manifest schema). */
export const clickAddress = checked(
  'the address at which clicks arrive, https://..., without a user or password in it',
  reads((value) => {
    const url = URL.parse(value);
    return url === null || url.username !== '' || url.password !== '' || value.length > 3000 ? null : url;
  }),
  /^https:\/\/[^\s@]+$/,
);

/** Where SNS delivers alarms. */
export const webhook = checked(
  'an address that takes alarms, https://..., without a user or password in it',
  reads((value) => {
    const url = URL.parse(value);
    return url === null || url.username !== '' || url.password !== '' ? null : url;
  }),
  /^https:\/\/[^\s@]+$/,
);

/** An `endpoint` that a source may name. */
export const elsewhere = endpoint.optional().describe('Another address of the service, for tests.');

/**
 * Cloud Storage bucket names: 3 to 222 of lower-case letters, digits, `-`, `_` and `.`, a letter or digit at each
 * end (Cloud Storage documentation, "About Cloud Storage buckets", "Bucket names").
 */
export const gcsBucketName = text(
  /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/,
  'the name of a Cloud Storage bucket, without gs://',
);

/** A host by its name, without scheme and port. */
export const hostName = text(
  /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/,
  'the name of a host, without https:// and port',
);

/** How vectors name a document, with what the listing tells of it between braces. */
export const keyTemplate = checked(
  'a text with one of {key}, {path}, {encodedKey} and {encodedPath}, and {bucket}, like s3://{bucket}/{key}',
  (value) =>
    /\{(key|path|encodedKey|encodedPath)\}/.test(value) &&
    !/[{}]/.test(value.replaceAll(/\{(bucket|key|path|encodedKey|encodedPath)\}/g, '')),
  /\{\w+\}/,
);

/** A file that lists documents, known by its name. */
export const manifestPath = text(
  /^(?!s3:\/\/[^/]*$).+\.(csv|jsonl|ndjson)(\.(gz|gzip|zst|zstd))?$/i,
  'a file, or s3://bucket/key, with a name that ends in .csv or .jsonl, with .gz or .zst where it is packed',
);

/** 8 or 17 hexadecimal digits after the kind (Amazon EC2 User Guide, "Resource IDs"). */
export function ec2Id(kind: 'vpc' | 'subnet' | 'sg') {
  return text(new RegExp(`^${kind}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`), `an id like ${kind}-0123456789abcdef0`);
}

export const externalId = z
  .string()
  .regex(/^[\w+=,.@:/-]{2,1224}$/, { error: 'an external id, 2 to 1224 characters' });

export const oneOrMore = z.union([someText, z.array(someText).min(1)], {
  error: 'a text, or a list of texts',
});
