import { access, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { DRAFT_SECRETS, type Draft, type DraftBill, draftText } from '../config/draft.ts';
import { parseConfig } from '../config/load.ts';
import { redact } from '../config/secrets.ts';
import { BursarError } from '../platform/errors.ts';
import { type Asker, asker, GivenUp, type Read } from './ask.ts';
import * as read from './init-answers.ts';
import { complain, print } from './io.ts';

/** What `bursar init` is given; what is not given is asked, or with `--yes` what is usual. */
export interface InitOptions {
  readonly out: string;
  readonly yes?: true;
  readonly force?: true;
  readonly name?: string;
  readonly currency?: string;
  readonly timezone?: string;
  readonly awsExport?: string;
  readonly costExplorer?: true;
  readonly gcpExport?: string;
  readonly openai?: true;
  readonly anthropic?: true;
  readonly files?: string;
  readonly aws?: string | true;
  readonly gcp?: string;
  readonly ownerTags?: string;
  readonly teamTag?: string;
  readonly environmentTag?: string;
  readonly domains?: string;
  readonly slack?: string;
}

/** `bursar init`: a first config from few answers, or from flags alone. Ctrl-C leaves nothing behind. */
export async function init(options: InitOptions): Promise<void> {
  const { out, force = false } = options;
  if (!force) await mustNotExist(out);
  const asking = options.yes === true ? null : onTerminal();
  try {
    const draft = await drafted(options, asking);
    const text = draftText(draft);
    // What is written loads, or nothing is written.
    parseConfig(text, out);
    await put(out, text, force);
    await print(nextSteps(out, draft), {});
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    complain('nothing was written');
    process.exitCode = 130;
  } finally {
    asking?.close();
  }
}

function onTerminal(): Asker {
  if (process.stdin.isTTY && process.stderr.isTTY) return asker(process.stdin, process.stderr);
  throw new BursarError('input', 'there is no terminal to ask on', {
    hint: 'Give --yes and the flags that differ from what is usual: bursar init --help.',
  });
}

async function drafted(options: InitOptions, asking: Asker | null): Promise<Draft> {
  /** The flag's value, else what is answered, else what is usual. */
  async function answer<T>(
    flag: string,
    given: string | undefined,
    question: string,
    usual: string,
    reader: (text: string) => Read<T>,
  ): Promise<T> {
    if (given === undefined && asking !== null) return await asking.ask(question, usual, reader);
    const taken = reader(given ?? usual);
    if (taken.ok) return taken.value;
    throw new BursarError('input', redact(`${flag} ${JSON.stringify(given)}: expected ${taken.expected}`));
  }

  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const name = await answer(
    '--name',
    options.name,
    'Name of your organisation',
    'Your organisation',
    read.readName,
  );
  const timezone = await answer('--timezone', options.timezone, 'Time zone', zone, read.readTimeZone);
  const currency = await answer(
    '--currency',
    options.currency,
    'Currency that you think in',
    'USD',
    read.readCurrency,
  );
  const kinds = namedKinds(options);
  const chosen =
    kinds.length > 0 || asking === null
      ? kinds
      : await asking.ask(
          [
            'Which bills?',
            ...read.BILLS.map(([, what], at) => `  ${at + 1} ${what}`),
            'Numbers by comma',
          ].join('\n'),
          'none',
          read.readKinds,
        );
  const bills: DraftBill[] = [];
  for (const type of chosen)
    switch (type) {
      case 'aws-focus-export':
        bills.push(
          await answer(
            '--aws-export',
            options.awsExport,
            'Folder of the AWS export, s3://BUCKET/FOLDER',
            '',
            read.readExport,
          ),
        );
        break;
      case 'gcp-bigquery':
        bills.push(
          await answer(
            '--gcp-export',
            options.gcpExport,
            'Table of the export, PROJECT.DATASET.TABLE',
            '',
            read.readTable,
          ),
        );
        break;
      case 'focus-file':
        bills.push({
          type,
          paths: await answer(
            '--files',
            options.files,
            'FOCUS files or folders, by comma',
            './bills',
            read.readPaths,
          ),
        });
        break;
      case 'aws-cost-explorer':
      case 'openai':
      case 'anthropic':
        bills.push({ type });
    }
  const has = (start: string) => bills.some(({ type }) => type.startsWith(start));
  const aws = await answer(
    '--aws',
    options.aws === true ? 'own' : options.aws,
    'AWS accounts to look at: own, organisation, ids by comma, or none',
    asking !== null && has('aws') ? 'own' : 'none',
    read.readAccounts,
  );
  const gcp = await answer(
    '--gcp',
    options.gcp,
    'Google Cloud projects to look at: linked, organisation, ids by comma, or none',
    asking !== null && has('gcp') ? 'linked' : 'none',
    read.readProjects,
  );
  return {
    name,
    timezone,
    currency,
    bills,
    aws,
    gcp,
    ownerTags: await answer(
      '--owner-tags',
      options.ownerTags,
      'Tag keys that name the owner, by comma, or none',
      'owner',
      read.readTags,
    ),
    teamTag: await answer(
      '--team-tag',
      options.teamTag,
      'Tag key that names the team, or none',
      'team',
      read.readTag,
    ),
    environmentTag: await answer(
      '--environment-tag',
      options.environmentTag,
      'Tag key that names the environment, or none',
      'environment',
      read.readTag,
    ),
    domains: await answer(
      '--domains',
      options.domains,
      'Domains of your e-mail addresses, by comma, or none',
      'none',
      read.readDomains,
    ),
    channel: await answer(
      '--slack',
      options.slack,
      'Slack channel of the digest, like #finops, or none',
      'none',
      read.readChannel,
    ),
  };
}

/** The bills that flags name. */
function namedKinds(options: InitOptions): DraftBill['type'][] {
  const { awsExport, costExplorer, gcpExport, openai, anthropic, files } = options;
  const given = {
    'aws-focus-export': awsExport,
    'aws-cost-explorer': costExplorer,
    'gcp-bigquery': gcpExport,
    openai,
    anthropic,
    'focus-file': files,
  };
  return read.BILLS.map(([type]) => type).filter((type) => given[type] !== undefined);
}

async function mustNotExist(out: string): Promise<void> {
  try {
    await access(resolve(out));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  throw isThere(out);
}

function isThere(out: string): BursarError {
  return new BursarError('input', 'there is such a file already, and it stays as it is', {
    where: out,
    hint: 'Name another one with --out, or write over it with --force.',
  });
}

/** The whole file or none of it; without `force` never over another, not even one that came just now. */
async function put(out: string, text: string, force: boolean): Promise<void> {
  const target = resolve(out);
  const temporary = `${target}.${process.pid}.tmp`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await writeFile(temporary, text);
    if (force) await rename(temporary, target);
    else await link(temporary, target);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw isThere(out);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

function nextSteps(out: string, { bills, aws, gcp, channel }: Draft): string {
  const shown = relative(process.cwd(), resolve(out));
  const flag = shown === 'bursar.yaml' ? '' : ` --config ${shown}`;
  const secrets = [
    ...bills.flatMap(({ type }) => (type === 'openai' || type === 'anthropic' ? [DRAFT_SECRETS[type]] : [])),
    ...(channel === null ? [] : [DRAFT_SECRETS.slack]),
  ];
  const steps = [
    ...(bills.length === 0 ? [`Name your bills in ${shown} (sources): see docs/sources.md.`] : []),
    ...(channel === null
      ? []
      : [
          `bursar slack manifest${flag} --out manifest.json: make the Slack app from it at api.slack.com/apps, and install it.`,
        ]),
    ...(secrets.length === 0
      ? []
      : [`Set ${secrets.join(' and ')}: the file only names ${secrets.length === 1 ? 'it' : 'them'}.`]),
    `bursar doctor${flag}: does everything that it names work?`,
    ...(channel === null ? [] : [`bursar slack check${flag}: what is missing in Slack?`]),
    ...(aws === null && gcp === null
      ? []
      : [`bursar audit${flag} --plan: what would be asked, and what does that cost?`]),
    `bursar audit${flag}`,
  ];
  return [`${shown} is written. Next:`, ...steps.map((step, at) => `  ${at + 1}. ${step}`)].join('\n');
}
