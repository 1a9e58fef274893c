import { loadConfig } from '../../config/load.ts';
import { scheduleExpression } from '../../config/schedule.ts';
import { endOfYears, lastDue, rateOf } from '../../config/schedule-times.ts';
import { type Config, configSchema } from '../../config/schema.ts';
import { BursarError } from '../../platform/errors.ts';
import { MEASURED } from '../cost-measured.ts';
import {
  type DeployedFunction,
  type Deployment,
  MONTH_DAYS,
  type OwnBill,
  ownBill,
  type Size,
} from '../cost-model.ts';
import { PRICES, type PriceName } from '../cost-prices.ts';
import { mostBytesHere, onlyInPlace } from './engines.ts';
import { deployedEntries } from './entries.ts';
import type { Entry } from './permissions.ts';
import { storeNetworks } from './store-networks.ts';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
/** A fixed moment to count from, so that the same config has the same bill every day; of what ends, the end of its last year. */
const COUNTED_FROM = Date.parse('2026-06-01T00:00:00Z');

/** Regions that every account has enabled from the beginning (AWS Account Management Reference Guide, "Regions"). */
const ENABLED_REGIONS = 17;

/**
 * Memory and scratch disk as infra/sizes.ts gives them; metrics that each run counts, and those that it counts only when
 * there is something (lib/platform/metrics.ts).
 */
export const FUNCTION_COSTS: Readonly<Record<Entry, Omit<DeployedFunction, 'name' | 'starts'>>> = {
  plan: { memoryMiB: 512, moreDiskMiB: 0, metrics: 2, happenings: 0 },
  collect: { memoryMiB: 2048, moreDiskMiB: 3584, metrics: 0, happenings: 2 },
  audit: { memoryMiB: 2048, moreDiskMiB: 3584, metrics: 3, happenings: 0 },
  'ai-usage': { memoryMiB: 512, moreDiskMiB: 0, metrics: 0, happenings: 0 },
  sweep: { memoryMiB: 1024, moreDiskMiB: 0, metrics: 2, happenings: 7 },
  digest: { memoryMiB: 2048, moreDiskMiB: 3584, metrics: 0, happenings: 1 },
  slack: { memoryMiB: 1024, moreDiskMiB: 0, metrics: 0, happenings: 0 },
  alarm: { memoryMiB: 512, moreDiskMiB: 0, metrics: 0, happenings: 0 },
};
/** Of the stack itself; each function has one more, and the taking of clicks another. */
const ALARMS = 6;

/**
 * What Bursar itself costs a month, deployed with a config. Asks no cloud.
 * @param prices `NAME=USD` of lib/run/cost-prices.ts, for another region or a discount
 * @throws BursarError 'config' for a wrong config, 'input' for a price that is none
 */
export async function assembleCost(
  file: string | null,
  size: Size,
  prices: readonly string[],
): Promise<OwnBill> {
  const config = await loadConfig(file, process.cwd(), withAnExport);
  return ownBill(deploymentOf(config, size.rows), size, Object.fromEntries(prices.map(priceOf)));
}

/** Where there is no config: an organisation of AWS with its export of bills, in every region that is enabled from the beginning. */
function withAnExport(): Config {
  return configSchema.parse({
    schemaVersion: 1,
    sources: { bills: { type: 'aws-focus-export', bucket: 'bills', prefix: 'focus/' } },
    estate: { aws: { accounts: 'organisation' } },
  });
}

function priceOf(text: string): [PriceName, string] {
  const [name = '', usd = ''] = text.split('=');
  if (!isPrice(name) || !/^\d{1,6}(\.\d{1,12})?$/.test(usd))
    throw new BursarError('input', `--price ${JSON.stringify(text)} is no price`, {
      hint: `Write NAME=USD, like lambdaArm=0.0000133334; names: ${Object.keys(PRICES).join(', ')}.`,
    });
  return [name, usd];
}

function isPrice(name: string): name is PriceName {
  return Object.hasOwn(PRICES, name);
}

/**
 * What this config deploys, as far as it costs.
 * @param rows of all bills, of a month: large ones may be asked where they lie
 */
export function deploymentOf(config: Config, rows = 0): Deployment {
  const { deploy, digest, estate, organisation, slack, sources } = config;
  const { timezone } = organisation;
  const times = (schedule: string) => startsAMonth(schedule, timezone);
  const schedules: Readonly<Partial<Record<Entry, number>>> = {
    plan: times(deploy.schedules.collect),
    audit: times(deploy.schedules.audit),
    'ai-usage': times(deploy.schedules.aiUsage),
    sweep: times(deploy.schedules.sweep),
    digest: [digest.schedule, ...Object.values(digest.also).map(({ schedule }) => schedule)].reduce(
      (sum, each) => sum + times(each),
      0,
    ),
  };
  const entries = deployedEntries(config);
  const networks = storeNetworks(estate.stores).length;
  const types = Object.values(sources).map(({ type }) => type);
  const costExplorerSources = types.filter((type) => type === 'aws-cost-explorer').length;
  const regions = estate.aws?.regions;
  return {
    architecture: deploy.architecture,
    functions: entries.map((name) => ({ name, starts: schedules[name] ?? null, ...FUNCTION_COSTS[name] })),
    rowSources: types.length - costExplorerSources,
    costExplorerSources,
    regions: Array.isArray(regions) ? new Set(regions).size : ENABLED_REGIONS,
    looksAtAws: estate.aws !== undefined,
    collections: schedules.plan ?? 0,
    secrets: secretsOf(config).size,
    ownKey: deploy.kmsKeyArn !== undefined,
    httpApi: slack?.signingSecret !== undefined && deploy.slackEndpoint === 'http-api',
    bills: billsOf(config, rows),
    alarms: ALARMS + entries.length + networks + (entries.includes('slack') ? 1 : 0),
    queues: 1 + networks,
    logDays: deploy.logDays,
    dashboard: deploy.dashboard,
    tracing: deploy.tracing,
  };
}

/** Rows of AI vendors are few beside those of clouds. */
function billsOf(config: Config, rows: number): Deployment['bills'] {
  const ids = Object.entries(config.sources).flatMap(([id, { type }]) =>
    type === 'aws-cost-explorer' || type === 'openai' || type === 'anthropic' ? [] : [id],
  );
  const bytes = (rows / ids.length) * Number(MEASURED.bytesPerRow);
  const away = ids.filter(
    (id) => onlyInPlace(config, id) || bytes > (mostBytesHere(config, id) ?? Number.POSITIVE_INFINITY),
  );
  const { engine, athena } = config.lake;
  const asksAthena = engine === 'athena' || engine === 'auto';
  const inAthena = away.filter((id) => asksAthena && Object.hasOwn(athena?.tables ?? {}, id)).length;
  return { all: ids.length, inAthena, elsewhere: away.length - inAthena };
}

/** How often a schedule of the config starts in 30 days; what is rarer than daily, on the average of a year. */
function startsAMonth(schedule: string, timezone: string): number {
  const expression = scheduleExpression(schedule);
  const rate = rateOf(expression);
  if (rate !== null) return rounded((MONTH_DAYS * DAY_MS) / rate);
  const starts = startsIn(expression, timezone, MONTH_DAYS);
  return starts >= MONTH_DAYS
    ? starts
    : rounded((startsIn(expression, timezone, YEAR_DAYS) * MONTH_DAYS) / YEAR_DAYS);
}

const rounded = (starts: number) => Math.round(starts * 100) / 100;

function startsIn(expression: string, timezone: string, days: number): number {
  const from = endOfYears(expression) ?? COUNTED_FROM;
  let starts = 0;
  for (let last = lastDue(expression, timezone, new Date(from)); last !== null; starts += 1) {
    if (from - last.getTime() >= days * DAY_MS) break;
    last = lastDue(expression, timezone, new Date(last.getTime() - 1));
  }
  return starts;
}

/** ARNs of the secrets that the config names: several keys of one are one secret. */
function secretsOf(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value === 'string') {
    if (/^arn:[^:]+:secretsmanager:/.test(value)) found.add(value);
  } else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) secretsOf(each, found);
  return found;
}
