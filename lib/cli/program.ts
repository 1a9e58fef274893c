import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { inertText } from '../digest/inert.ts';
import type { AnomaliesOptions } from './anomalies.ts';
import type { BacktestOptions } from './backtest.ts';
import type { CommitmentBacktestOptions } from './backtest-commitments.ts';
import type { ChangesOptions } from './changes.ts';
import type { CostOptions } from './cost.ts';
import type { DigestOptions } from './digest.ts';
import type { DoctorOptions } from './doctor.ts';
import type { EfficiencyOptions } from './efficiency.ts';
import { formatOfEnding, isAnother, writesFile } from './ending.ts';
import type { ExportOptions } from './export.ts';
import type { ForecastOptions } from './forecast.ts';
import type { InitOptions } from './init.ts';
import { type AuditOptions, type CommonOptions, terminalProgress } from './io.ts';
import { adopt, type Manner } from './manners.ts';
import type { MoversOptions } from './movers.ts';
import type { RolesOptions } from './roles.ts';
import type { SpendOptions } from './spend.ts';
import type { UnitsOptions } from './units.ts';
import type { ValidateOptions } from './validate.ts';

/** Options that every command takes. */
function command(parent: Command, name: string, description: string, formats: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .addOption(new Option('--config <file>', 'config file (default: ./bursar.yaml where it exists)'))
    .addOption(new Option('--state <dir>', 'where lake and ledger live').default('.bursar'))
    .addOption(new Option('--now <time>', 'take this ISO-8601 time for now'))
    .addOption(formatOption(name, formats))
    .addOption(new Option('--out <file>', 'write the answer to a file instead of standard output'))
    .addOption(new Option('--quiet', 'neither progress nor warnings, errors alone'))
    .showHelpAfterError('(see --help)')
    .allowExcessArguments(false);
}

function formatOption(name: string, formats: readonly string[]): Option {
  const [usual = 'text'] = formats;
  const option = new Option('--format <format>', 'how to print').choices(formats);
  return formats.length > 1 && writesFile(name)
    ? option.default(usual, `what the ending of --out says, else ${usual}`)
    : option.default(usual);
}

/** What nobody said of the format the ending of the file says; a name that says another is told, and stays. */
function takeEnding(running: Command): void {
  const { format, out } = running.opts<{ format?: string; out?: string }>();
  const choices = running.options.find(({ long }) => long === '--format')?.argChoices;
  if (format === undefined || out === undefined || choices === undefined || !writesFile(running.name()))
    return;
  if (running.getOptionValueSource('format') !== 'default') return;
  const meant = formatOfEnding(out, choices);
  if (meant !== null) running.setOptionValueWithSource('format', meant, 'implied');
  else if (isAnother(out, format))
    terminalProgress().warn(
      `${out} will hold ${format}: what can be written is ${choices.join(', ')} (--format)`,
    );
}

function collect(value: string, former: string[] | undefined): string[] {
  return [...(former ?? []), value];
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new InvalidArgumentError('Give a whole number above zero.');
  return Number(value);
}

function whole(value: string): number {
  if (!/^\d{1,12}$/.test(value)) throw new InvalidArgumentError('Give a whole number of at most 12 digits.');
  return Number(value);
}

function list(value: string, former: string[] | undefined): string[] {
  return [
    ...(former ?? []),
    ...value
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  ];
}

const BILLS = new Option('--bills <path...>', 'FOCUS files, folders or globs; reads these alone').argParser(
  collect,
);
const SEVERITIES = ['low', 'medium', 'high', 'critical'];

/** Each command has an option of its own: commander keeps what was given in it. */
function data(): Option {
  return new Option('--data <file>', 'CSV file with the columns timestamp,value; default: the bills held');
}

/** Every command with its options; parsing one that is known runs it. */
export function program(): Command {
  const bursar = new Command('bursar')
    .description(
      'Audits cloud and AI bills: finds waste, says what it costs on the real bill, and whose it is.',
    )
    .exitOverride()
    .configureOutput({ writeErr: (told) => process.stderr.write(inertText(told, false)) })
    .helpOption('-h, --help', 'how to use it')
    .version(VERSION, '--version', 'print the version')
    .hook('preAction', (_, running) => {
      adopt(running.opts<Manner>());
      takeEnding(running);
    });

  command(bursar, 'demo', 'audit a made-up company with embedded stores; writes everything under --out', [
    'text',
    'json',
  ])
    .option('--seed <number>', 'another seed, another company', '20261116')
    .action(async (options: CommonOptions & { seed: string }) => (await import('./demo.ts')).demo(options));

  bursar
    .command('init')
    .description('write a first config: asks few questions, or takes flags alone with --yes')
    .addOption(new Option('--out <file>', 'file to write').default('bursar.yaml'))
    .option('--yes', 'ask nothing: what no flag says is as usual')
    .option('--force', 'write over a file that is there')
    .option('--name <text>', 'name of your organisation')
    .option('--timezone <zone>', 'its time zone, like Europe/Berlin')
    .option('--currency <code>', 'the currency you think in')
    .option('--aws-export <s3-address>', 'bill: AWS data export, s3://BUCKET/FOLDER')
    .option('--cost-explorer', 'bill: AWS Cost Explorer')
    .option('--gcp-export <table>', 'bill: billing export of Google Cloud, PROJECT.DATASET.TABLE')
    .option('--openai', 'bill: OpenAI')
    .option('--anthropic', 'bill: Anthropic')
    .option('--files <paths>', 'bill: FOCUS files or folders, by comma')
    .option('--aws [accounts]', 'look at AWS: own (default), organisation, or account ids by comma')
    .option('--gcp <projects>', 'look at Google Cloud: linked, organisation, or project ids by comma')
    .option('--owner-tags <keys>', 'tag keys that name the owner, by comma')
    .option('--team-tag <key>', 'tag key that names the team')
    .option('--environment-tag <key>', 'tag key that names the environment')
    .option('--domains <names>', 'domains of your e-mail addresses, by comma')
    .option('--slack <channel>', 'Slack channel of the digest, like "#finops"')
    .showHelpAfterError('(see --help)')
    .allowExcessArguments(false)
    .action(async (options: InitOptions) => (await import('./init.ts')).init(options));

  command(bursar, 'audit', 'read bills and estate, judge them, keep the findings', ['text', 'json'])
    .addOption(BILLS)
    .option('--aws', 'look at the AWS account of the ambient credentials, and its Cost Explorer bill')
    .addOption(
      new Option('--regions <names>', 'AWS regions, by comma (default: every enabled one)').argParser(list),
    )
    .addOption(new Option('--gcp <project...>', 'look at these GCP projects').argParser(collect))
    .option('--plan', 'only tell which calls it would make and what they would cost')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 where a finding is at least this severe').choices(
        SEVERITIES,
      ),
    )
    .option('--fail-on-partial', 'exit 3 where a scope could not be read completely')
    .action(async (options: AuditOptions) => (await import('./audit.ts')).audit(options));

  command(bursar, 'findings', 'list what the ledger holds', ['text', 'json'])
    .option('--state-is <state>', 'only findings in this state')
    .option('--check <id>', 'only findings of this check')
    .option('--wide', 'every column on one line, however wide the terminal is')
    .action(async (options: CommonOptions & { stateIs?: string; check?: string; wide?: true }) =>
      (await import('./findings.ts')).findings(options),
    );

  command(bursar, 'inventory', 'what exists, whose it is, and what it cost', ['text', 'json'])
    .option('--ai', 'AI work alone: machines with accelerators, models, vendors, vector indexes')
    .action(async (options: CommonOptions & { ai?: true }) =>
      (await import('./inventory.ts')).inventoryCommand(options),
    );

  command(bursar, 'advice', "what the clouds' own tools recommend, beside what was found", [
    'text',
    'json',
  ]).action(async (options: CommonOptions) => (await import('./advice.ts')).adviceCommand(options));

  command(bursar, 'commitments', 'what is committed, what to commit next, and why; buys nothing', [
    'text',
    'json',
  ]).action(async (options: CommonOptions) => (await import('./commitments.ts')).commitmentsCommand(options));

  command(bursar, 'sweep', 'warn owners, and with --act stop what a policy says', ['text', 'json'])
    .option('--dry-run', 'write and send nothing; only tell what would be done')
    .option('--act', 'stop what is due under a policy of mode stop')
    .option('--aws', 'look at the AWS account of the ambient credentials')
    .addOption(
      new Option('--regions <names>', 'AWS regions, by comma (default: every enabled one)').argParser(list),
    )
    .addOption(new Option('--gcp <project...>', 'look at these GCP projects').argParser(collect))
    .action(
      async (
        options: CommonOptions & {
          dryRun?: true;
          act?: true;
          aws?: true;
          regions?: string[];
          gcp?: string[];
        },
      ) => (await import('./sweep.ts')).sweepCommand(options),
    );

  command(bursar, 'simulate', 'what the next days would do under a policy if nobody answered', [
    'text',
    'json',
  ])
    .option('--days <number>', 'how many days', '14')
    .option('--policy <file>', 'another config file, whose policies and guards are tried')
    .action(async (options: CommonOptions & { days: string; policy?: string }) =>
      (await import('./simulate.ts')).simulateCommand(options),
    );

  command(
    bursar,
    'explain <name>',
    'why: policy, evidence, arithmetic and history of a finding or resource',
    ['text', 'json'],
  ).action(async (name: string, options: CommonOptions) =>
    (await import('./explain.ts')).explain(name, options),
  );

  command(bursar, 'history <name>', 'who did what, when and why, of a finding, resource or alert', [
    'text',
    'json',
  ]).action(async (name: string, options: CommonOptions) =>
    (await import('./history.ts')).history(name, options),
  );

  const slack = bursar.command('slack').description('what people press and type in Slack, and its set-up');
  command(slack, 'manifest', 'the manifest that Slack makes the app from, with the scopes that are needed', [
    'json',
  ])
    .option('--url <address>', 'where Slack sends clicks (default: slack.requestUrl of the config)')
    .action(async (options: CommonOptions & { url?: string }) =>
      (await import('./slack.ts')).slackManifest(options),
    );

  command(slack, 'check', 'what is missing: token, scopes, workspace, channels, people, clicks', [
    'text',
    'json',
  ]).action(async (options: CommonOptions) => (await import('./slack.ts')).slackCheck(options));

  command(slack, 'serve', 'answer clicks, forms and /bursar on this machine, behind a tunnel of yours', [
    'text',
  ])
    .option('--port <number>', 'on 127.0.0.1', '3000')
    .action(async (options: CommonOptions & { port: string }) =>
      (await import('./slack.ts')).slackServe(options),
    );

  command(bursar, 'digest', 'the brief of the last whole period', ['text', 'json', 'html', 'email', 'slack'])
    .addOption(
      new Option('--period <period>', 'which period').choices(['day', 'week', 'month']).default('week'),
    )
    .addOption(BILLS)
    .option(
      '--for <whom>',
      'everyone, executive, or a team by its name in the dimension team: nothing of others is in it',
      'everyone',
    )
    .option('--explain', 'every number that it shows: its query, rows, freshness and basis')
    .option('--post', 'post it to the digest channel in Slack; of a team to its own')
    .option('--tables <folder>', 'write every table of the report page there, as CSV and Parquet')
    .action(async (options: DigestOptions) => (await import('./digest.ts')).digest(options));

  command(bursar, 'query <sql>', 'one SELECT over costs (FOCUS 1.2 columns), or a table beside a bill', [
    'table',
    'csv',
    'json',
  ])
    .addOption(BILLS)
    .option('--engine <name>', 'engine that is asked over bills where they lie: athena, trino or bigquery')
    .action(async (sql: string, options: CommonOptions & { bills?: string[]; engine?: string }) =>
      (await import('./query.ts')).query(sql, options),
    );

  command(bursar, 'spend', 'who and what the money is for: showback by any dimensions', [
    'table',
    'csv',
    'json',
  ])
    .addOption(
      new Option(
        '--by <names>',
        'dimensions by comma: team,environment,model, ai-class, service, month ...',
      ).argParser(list),
    )
    .option('--last <span>', 'the last whole days, weeks, months, quarters or years: "3 months"')
    .option('--from <day>', 'first UTC day, like 2026-11-01')
    .option('--to <day>', 'last UTC day, included')
    .addOption(
      new Option('--where <name=value...>', 'only charges with one of these values').argParser(collect),
    )
    .option('--currency <code>', 'only charges in this currency')
    .option('--in <code>', 'one sum over all currencies, converted into this one by the rates of the config')
    .option('--ai', 'AI spend alone, and its sum by class')
    .addOption(BILLS)
    .action(async (options: SpendOptions) => (await import('./spend.ts')).spendCommand(options));

  command(bursar, 'movers', 'what cost more or less than in the period before, and why', [
    'table',
    'csv',
    'json',
  ])
    .addOption(
      new Option('--by <names>', 'dimensions by comma: team,model, service, transfer ...').argParser(list),
    )
    .option('--last <span>', 'the last whole days, weeks, months, quarters or years; default: 1 month')
    .option('--from <day>', 'first UTC day of the later period, like 2026-11-01')
    .option('--to <day>', 'its last UTC day, included; default: today')
    .option('--against <span>', 'the former period, like 2026-09-01..2026-09-30; default: the one before')
    .addOption(
      new Option('--where <name=value...>', 'only charges with one of these values').argParser(collect),
    )
    .addOption(new Option('--top <number>', 'rows to show').argParser(positive))
    .option('--ai', 'AI spend alone, and what moved it most, in a sentence each')
    .addOption(BILLS)
    .action(async (options: MoversOptions) => (await import('./movers.ts')).moversCommand(options));

  command(bursar, 'changes', 'what billers changed when they delivered a period again', [
    'table',
    'csv',
    'json',
  ])
    .option('--source <id>', 'this source alone')
    .option('--period <month>', 'this billing period alone, like 2026-10')
    .option('--in <code>', 'sums over all currencies, converted into this one by the rates of the config')
    .action(async (options: ChangesOptions) => (await import('./changes.ts')).changesCommand(options));

  command(bursar, 'validate', 'what of FOCUS 1.2 a bill does not keep, by the official rules', [
    'text',
    'json',
  ])
    .option('--source <id>', 'this source alone')
    .addOption(BILLS)
    .option('--fail-on-broken', 'exit 1 where a rule is broken')
    .action(async (options: ValidateOptions) => (await import('./validate.ts')).validateCommand(options));

  command(bursar, 'export', 'the table as FOCUS 1.2 files under --out, values as they are', [
    'csv',
    'parquet',
  ])
    .option('--source <id>', 'this source alone')
    .option('--period <month>', 'this billing period alone, like 2026-10')
    .option('--attributed', 'with AI classes, models and dimensions as x_ columns')
    .option('--overwrite', 'replace files that are there')
    .action(async (options: ExportOptions) => (await import('./export.ts')).exportCommand(options));

  command(bursar, 'forecast', 'what the running month, quarter and year will cost', ['text', 'json'])
    .addOption(new Option('--by <names>', 'dimensions by comma: team,service ...').argParser(list))
    .addOption(BILLS)
    .action(async (options: ForecastOptions) => (await import('./forecast.ts')).forecastCommand(options));

  command(bursar, 'budgets', 'how each budget stands, and what is to come', ['text', 'json'])
    .addOption(BILLS)
    .action(async (options: CommonOptions & { bills?: string[] }) =>
      (await import('./budgets.ts')).budgetsCommand(options),
    );

  command(bursar, 'anomalies', 'what cost other than its past led to expect, and why', ['text', 'json'])
    .option('--minimum <amount>', 'least that it is off by in sum, in its currency', '10')
    .option('--days <number>', 'of how many days up to now', '30')
    .addOption(BILLS)
    .action(async (options: AnomaliesOptions) => (await import('./anomalies.ts')).anomaliesCommand(options));

  command(bursar, 'units', 'what a request, a customer, a million tokens or an hour of a GPU cost', [
    'text',
    'json',
  ])
    .addOption(
      new Option('--by <period>', 'periods to tell').choices(['day', 'week', 'month']).default('week'),
    )
    .option('--last <span>', 'the last whole days, weeks, months ...; default: 14 days, 8 weeks or 6 months')
    .option('--from <day>', 'first UTC day, like 2026-11-01')
    .option('--to <day>', 'last UTC day, included')
    .option('--savings', 'also what happened to each unit when something that it paid for was stopped')
    .addOption(BILLS)
    .action(async (options: UnitsOptions) => (await import('./units.ts')).unitsCommand(options));

  command(
    bursar,
    'efficiency',
    'what each AI model is asked, by project and key, against its own four weeks',
    ['text', 'json'],
  )
    .option('--aws', 'look at Bedrock in the AWS account of the ambient credentials')
    .addOption(
      new Option('--regions <names>', 'AWS regions, by comma (default: every enabled one)').argParser(list),
    )
    .addOption(new Option('--top <number>', 'rows to show').argParser(positive))
    .action(async (options: EfficiencyOptions) =>
      (await import('./efficiency.ts')).efficiencyCommand(options),
    );

  const backtest = bursar
    .command('backtest')
    .description('how forecasts, anomalies and commitments would have done on a series, step by step');
  command(backtest, 'forecast', 'errors of forecasts, and how often their ranges held', [
    'text',
    'json',
    'html',
  ])
    .addOption(data())
    .option('--horizon <steps>', 'steps ahead (default: 31 days, a day of shorter steps)')
    .action(async (options: BacktestOptions) =>
      (await import('./backtest.ts')).backtestForecastCommand(options),
    );

  command(backtest, 'anomalies', 'alarms beside what is known to have been wrong', ['text', 'json', 'html'])
    .addOption(data())
    .option('--labels <file>', "what was wrong: windows as NAB has them; default: the file's column label")
    .option('--minimum <amount>', 'least that an anomaly is off by in sum')
    .action(async (options: BacktestOptions) =>
      (await import('./backtest.ts')).backtestAnomaliesCommand(options),
    );

  command(backtest, 'commitments', 'what the advice would have saved beside the best that could be', [
    'text',
    'json',
    'html',
  ])
    .addOption(data())
    .option('--discount <share>', 'against on-demand rates, like 0.28; needed with --data')
    .addOption(new Option('--term <term>', 'what is bought').choices(['1y', '3y']).default('1y'))
    .option(
      '--window <days>',
      'days that each purchase is judged by (default: half of the history, at most 365)',
    )
    .action(async (options: CommitmentBacktestOptions) =>
      (await import('./backtest-commitments.ts')).backtestCommitmentsCommand(options),
    );

  command(bursar, 'schema <what>', 'the JSON Schema of finding, audit or config', ['json']).action(
    async (what: string, options: CommonOptions) => (await import('./schema.ts')).schema(what, options),
  );

  command(bursar, 'checks', 'what is looked for, and whether it may be acted on', ['text', 'json']).action(
    async (options: CommonOptions) => (await import('./checks.ts')).checks(options),
  );

  command(
    bursar,
    'source-access <name>',
    'what the owner of a bill in AWS must allow, in words or as a stack',
    ['text', 'cloudformation'],
  ).action(async (name: string, options: CommonOptions) =>
    (await import('./source-access.ts')).sourceAccess(name, options),
  );

  command(bursar, 'roles', 'what a deployment may do where, and the roles that other accounts need for it', [
    'text',
    'json',
    'cloudformation',
    'terraform',
    'gcloud',
    'google-terraform',
  ])
    .option('--diff <file>', 'another config: what deploying it instead would grant and withdraw')
    .action(async (options: RolesOptions) => (await import('./roles.ts')).rolesCommand(options));

  bursar
    .command('completion')
    .description('what a shell loads to complete commands, options and their values')
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish']))
    .showHelpAfterError('(see --help)')
    .allowExcessArguments(false)
    .action(async (shell: string) => (await import('./completion.ts')).completion(bursar, shell));

  command(bursar, 'cost', 'what Bursar itself costs a month, item by item; asks no cloud', [
    'text',
    'json',
    'markdown',
  ])
    .addOption(new Option('--accounts <number>', 'accounts that are looked at').argParser(whole).default(1))
    .addOption(new Option('--resources <number>', 'resources in all of them').argParser(whole).default(1000))
    .addOption(
      new Option('--rows <number>', 'rows of all bills, of a month').argParser(whole).default(1_000_000),
    )
    .addOption(
      new Option('--price <name=usd...>', 'another price than the list price of US East').argParser(collect),
    )
    .action(async (options: CostOptions) => (await import('./cost.ts')).costCommand(options));

  command(bursar, 'doctor', 'test config, credentials, permissions and Slack', ['text', 'json'])
    .addOption(new Option('--stack [name]', 'the deployed stack (default: deploy.stackName) and how it runs'))
    .action(async (options: DoctorOptions) => (await import('./doctor.ts')).doctor(options));

  return bursar;
}

const VERSION = '0.1.0';
