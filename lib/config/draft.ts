/** What a first config is made of: answers to a few questions. */
export interface Draft {
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  readonly bills: readonly DraftBill[];
  readonly aws: 'own' | 'organisation' | readonly string[] | null;
  readonly gcp: 'linked' | 'organisation' | readonly string[] | null;
  /** Tag keys: who owns a thing (in order of trust), its team, its environment; null: no such tag. */
  readonly ownerTags: readonly string[];
  readonly teamTag: string | null;
  readonly environmentTag: string | null;
  readonly domains: readonly string[];
  /** Channel of the digest; null: nothing is posted. */
  readonly channel: string | null;
}

export type DraftBill =
  | { readonly type: 'aws-focus-export'; readonly bucket: string; readonly prefix: string }
  | { readonly type: 'aws-cost-explorer' }
  | { readonly type: 'gcp-bigquery'; readonly table: string }
  | { readonly type: 'openai' | 'anthropic' }
  | { readonly type: 'focus-file'; readonly paths: readonly string[] };

/** Environment variables that secrets are read from; a config never holds one. */
export const DRAFT_SECRETS = {
  openai: 'OPENAI_ADMIN_KEY',
  anthropic: 'ANTHROPIC_ADMIN_KEY',
  slack: 'SLACK_BOT_TOKEN',
} as const;

/** The text of a config with comments for people; what nobody answered stands there as a comment to fill in. */
export function draftText(draft: Draft): string {
  return [
    '# Config of Bursar. Every key: docs/config.md; bursar doctor tests what stands here.',
    'schemaVersion: 1',
    '',
    'organisation:',
    `  name: ${text(draft.name)}`,
    `  currency: ${text(draft.currency)} # the one you think in; no bill is converted into it unasked`,
    `  timezone: ${text(draft.timezone)} # of days, weeks and schedules`,
    '',
    ...billLines(draft.bills),
    ...estateLines(draft),
    ...dimensionLines(draft),
    ...ownerLines(draft),
    ...slackLines(draft.channel),
    '# Without policies everything is only told and nothing is ever stopped. To warn owners:',
    '# policies:',
    '#   - { check: idle-gpu, mode: warn }',
    '',
  ].join('\n');
}

function billLines(bills: readonly DraftBill[]): string[] {
  if (bills.length === 0)
    return [
      '# Bills, by a name of your own.',
      '# sources:',
      '#   bills: { type: focus-file, path: ./bills }',
      '',
    ];
  return ['# Bills, by a name of your own.', 'sources:', ...bills.flatMap(billLine), ''];
}

function billLine(bill: DraftBill): string[] {
  switch (bill.type) {
    case 'aws-focus-export': {
      const prefix = bill.prefix === '' ? '' : `, prefix: ${text(bill.prefix)}`;
      return [`  aws: { type: aws-focus-export, bucket: ${text(bill.bucket)}${prefix} }`];
    }
    case 'aws-cost-explorer':
      return [
        '  # Each page of Cost Explorer costs 0.01 USD; `ceiling` is what one run may pay.',
        '  aws-cost-explorer: { type: aws-cost-explorer, ceiling: "1.00" }',
      ];
    case 'gcp-bigquery':
      return [`  gcp: { type: gcp-bigquery, table: ${text(bill.table)} }`];
    case 'openai':
    case 'anthropic':
      return [
        '  # The admin key stays in the environment, or in a secret of AWS: { secret: ARN }.',
        `  ${bill.type}: { type: ${bill.type}, key: { env: ${DRAFT_SECRETS[bill.type]} } }`,
      ];
    case 'focus-file': {
      const [only, ...more] = bill.paths;
      const path = more.length === 0 && only !== undefined ? text(only) : flow(bill.paths);
      return [`  files: { type: focus-file, path: ${path} }`];
    }
  }
}

function estateLines({ aws, gcp }: Draft): string[] {
  if (aws === null && gcp === null)
    return [
      '# What is looked at; without it only bills are judged.',
      '# estate:',
      '#   aws: { accounts: own }',
      '',
    ];
  return [
    '# What is looked at, read-only. The rights for it: docs/deploy.md.',
    'estate:',
    ...(aws === null
      ? []
      : ['  aws:', `    accounts: ${typeof aws === 'string' ? aws : flow(aws)}`, '    regions: enabled']),
    ...(gcp === null ? [] : ['  gcp:', `    projects: ${typeof gcp === 'string' ? gcp : flow(gcp)}`]),
    '',
  ];
}

function dimensionLines({ teamTag, environmentTag }: Draft): string[] {
  const named = [
    ...(teamTag === null ? [] : [`  team: [{ tag: ${text(teamTag)} }]`]),
    ...(environmentTag === null ? [] : [`  environment: [{ tag: ${text(environmentTag)} }]`]),
  ];
  return named.length === 0
    ? []
    : [
        '# Columns that spend is allocated to: the first rule that gives a value wins.',
        'dimensions:',
        ...named,
        '',
      ];
}

function ownerLines({ ownerTags, domains }: Draft): string[] {
  if (ownerTags.length === 0 && domains.length === 0) return [];
  return [
    '# Who answers for what: tags in order of trust; addresses count where they are of these domains.',
    'owners:',
    ...(ownerTags.length === 0 ? [] : [`  tags: ${flow(ownerTags)}`]),
    ...(domains.length === 0 ? [] : [`  domains: ${flow(domains)}`]),
    '',
  ];
}

function slackLines(channel: string | null): string[] {
  if (channel === null) return [];
  return [
    '# The token stays in the environment. bursar slack manifest makes the app, bursar slack check tells what is missing.',
    'slack:',
    `  token: { env: ${DRAFT_SECRETS.slack} }`,
    `  channels: { digest: ${text(channel)} }`,
    '',
  ];
}

function flow(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

/** What YAML can take for nothing but this text; all else in double quotes, whose escapes YAML shares with JSON. */
const BARE = /^[A-Za-z][A-Za-z0-9_/-]*$/;
const WORDS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n']);

function text(value: string): string {
  return BARE.test(value) && !WORDS.has(value.toLowerCase()) ? value : JSON.stringify(value);
}
