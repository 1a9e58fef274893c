import { configJsonSchema } from './schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const HEAD = `# Config reference

One YAML file, \`bursar.yaml\` in the folder where bursar runs or the one that \`--config\` names; \`cdk -c config=FILE\`
reads the same file. Every key but \`schemaVersion\` may be left out. Keys that are not listed here are errors.
Editors complete and check the file with \`bursar schema config > bursar.schema.json\` and this first line:

    # yaml-language-server: $schema=./bursar.schema.json

Amounts and account ids are text: write them in quotes. A secret never stands in the file: where one is needed, say
where it lies, \`{ env: NAME }\` (an environment variable) or \`{ secret: arn:aws:secretsmanager:... }\`. Several may lie
in one secret as a JSON object: \`{ secret: arn:..., key: token }\` names one of them.

This page is made from the schema.
`;

/** A config that uses every section, as a start to cut down from. */
export const EXAMPLE = `schemaVersion: 1
organisation: { name: Acme, currency: USD, timezone: Europe/Berlin, holidays: DE }
sources:
  aws-main:
    type: aws-focus-export
    bucket: acme-billing
    prefix: focus/
    region: us-east-1
    account: "111122223333"
    roleArn: arn:aws:iam::111122223333:role/BursarBilling
  aws-api: { type: aws-cost-explorer }
  gcp: { type: gcp-bigquery, table: acme.billing.gcp_billing_export_resource_v1_X }
  openai: { type: openai, key: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai" } }
  invoices: { type: focus-file, path: ./bills/**/*.csv }
estate:
  aws: { accounts: organisation, regions: [eu-central-1, us-east-1], readRole: BursarRead }
  gcp: { projects: [acme-prod] }
  stores: { docs: { type: pgvector, url: { env: DOCS_URL } } }
dimensions:
  team: [{ tag: team }, { account: { "111122223333": platform } }]
  environment: [{ tag: env }]
owners:
  tags: [owner, contact]
  domains: [acme.com]
  accounts: { "111122223333": ana@acme.com }
  fallback: "#finops"
policies: # the first that matches wins
  - { check: idle-gpu, where: { environment: research }, mode: stop, grace: 2 business days }
  - { check: "*", mode: flag }
checks:
  idle-gpu: { window: 168h, below: 5 }
  untagged: { required: [owner, team, env] }
  tag-policy: { allowed: { env: [prod, staging, dev] } }
guards:
  perDay: { count: 20, money: { USD: "5000" } }
  protectedTags: [do-not-stop]
  quietHours: "18:00-08:00"
slack:
  token: { env: SLACK_BOT_TOKEN }
  signingSecret: { env: SLACK_SIGNING_SECRET }
  teamId: T012AB3CD
  channels: { digest: "#finops" }
  admins: [U012AB3CD]
  approvers: [U045EF6GH]
digest: { schedule: "Mon 09:00" }
severity: { USD: { medium: "100", high: "1000", critical: "10000" } }
budgets:
  - { name: research, amount: { USD: "20000" }, where: { team: research }, owner: ana@acme.com }
units:
  - { name: shop, per: order, metric: { type: csv, path: ./orders.csv, column: orders }, spend: { team: shop } }
deploy: { region: eu-central-1, architecture: arm64, schedules: { sweep: rate(15 minutes) } }
`;

/** docs/config.md: every key with its type, its default and what it means, made from the schema. */
export function configReference(): string {
  const sections = Object.entries(children(configJsonSchema())).map(([name, schema]) =>
    section(name, schema),
  );
  return `${HEAD}\n## Example\n\n\`\`\`yaml\n${EXAMPLE}\`\`\`\n\n${sections.join('\n')}`;
}

function section(name: string, schema: Schema): string {
  const rows = isScalarLike(schema) ? [row(name, schema, false)] : rowsBelow(name, schema);
  const table =
    rows.length === 0
      ? ''
      : `\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  return `## ${name}\n\n${text(schema['description'])}\n${table}`;
}

/**
 * Rows of everything below a schema, by dotted path.
 * @param told of several types, what was written below a key already, by the schema of it: the next type refers to it
 */
function rowsBelow(path: string, schema: Schema, told?: Map<string, string>): string[] {
  const own = Object.entries(children(schema));
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const rows = own.flatMap(([key, child]) => {
    const same = JSON.stringify([key, child]);
    const first = told?.get(same);
    if (first !== undefined)
      return [row(`${path}.${key}`, child, required.includes(key), `As of \`type: ${first}\`.`)];
    const below = rowsOf(`${path}.${key}`, child, required.includes(key));
    if (below.length > 1 && typeOf(schema) !== '') told?.set(same, typeOf(schema));
    return below;
  });
  const items = object(schema['items']);
  const values = object(schema['additionalProperties']);
  if (items !== null) rows.push(...rowsOf(`${path}[]`, items, false));
  if (values !== null) rows.push(...rowsOf(`${path}.NAME`, values, false));
  return rows;
}

function rowsOf(path: string, schema: Schema, required: boolean): string[] {
  const options = objects(schema['oneOf']);
  const alternatives = options.length > 0 ? options : objects(schema['anyOf']);
  const isReference = schema['title'] === 'secret reference';
  const isMapping = alternatives.some((option) => Object.keys(children(option)).length > 0);
  if (alternatives.length > 0 && isMapping && !isReference) {
    const told = new Map<string, string>();
    return alternatives.flatMap((option) => {
      const kind = typeOf(option);
      const title = text(option['title']);
      const head = kind === '' ? [] : [`| \`${path}\` | \`type: ${kind}\` |  | ${cell(title)} |`];
      const below = rowsBelow(path, option, told).filter((line) => !line.startsWith(`| \`${path}.type\``));
      return [...head, ...below];
    });
  }
  if (isScalarLike(schema)) return [row(path, schema, required)];
  const below = rowsBelow(path, schema);
  const meaning = text(schema['description']);
  const simple = below.length === 1 && !Object.keys(children(schema)).length;
  if (simple && meaning !== '') return [row(path, schema, required)];
  return [...(meaning === '' ? [] : [row(path, schema, required)]), ...below];
}

function isScalarLike(schema: Schema): boolean {
  return (
    Object.keys(children(schema)).length === 0 &&
    object(schema['items']) === null &&
    object(schema['additionalProperties']) === null
  );
}

/** @param more what follows its description */
function row(path: string, schema: Schema, required: boolean, more = ''): string {
  const given = required ? '(required)' : defaultOf(schema);
  const meaning = [text(schema['description']), more].filter((words) => words !== '').join(' ');
  return `| \`${path}\` | ${cell(kindOf(schema))} | ${cell(given)} | ${cell(meaning)} |`;
}

/** The type that one of several mappings is of; empty where it names none. */
function typeOf(option: Schema): string {
  return text(object(children(option)['type'])?.['const']);
}

function defaultOf(schema: Schema): string {
  const value = schema['default'];
  if (value === undefined || (typeof value === 'object' && JSON.stringify(value) === '{}')) return '';
  return `\`${JSON.stringify(value)}\``;
}

/** What may be written there, in words. */
function kindOf(schema: Schema): string {
  if (schema['title'] === 'secret reference') return '`{ env }` or `{ secret }`';
  if (schema['const'] !== undefined) return `\`${text(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${text(value)}\``).join(', ');
  const options = objects(schema['anyOf'] ?? schema['oneOf']);
  if (options.length > 0) return [...new Set(options.map(kindOf))].join(', or ');
  const items = object(schema['items']);
  if (items !== null) return `list of ${kindOf(items)}`;
  const values = object(schema['additionalProperties']);
  if (schema['type'] === 'object' && values !== null && Object.keys(children(schema)).length === 0)
    return `mapping to ${kindOf(values)}`;
  return KINDS[text(schema['type'])] ?? text(schema['type']);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'mapping',
  array: 'list',
};

function children(schema: Schema): Readonly<Record<string, Schema>> {
  const entries = Object.entries(object(schema['properties']) ?? {});
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      const child = object(value);
      return child === null ? [] : [[key, child]];
    }),
  );
}

function objects(value: unknown): Schema[] {
  return Array.isArray(value) ? value.map(object).filter((each) => each !== null) : [];
}

function object(value: unknown): Schema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function cell(words: string): string {
  return words.replaceAll('|', '\\|');
}
