import { dayPlus } from '../analysis/units/days.ts';
import { type AskedDay, type Counting, efficiency } from '../analysis/units/efficiency.ts';
import type { InsightAiUse } from '../digest/insight-model.ts';
import type { BedrockDay } from '../estate/aws/bedrock-usage.ts';
import { modelName } from '../focus/ai/model-name.ts';
import { Decimal } from '../focus/decimal.ts';
import { providerOf } from '../focus/provider.ts';
import type { ModelDay } from '../lake/queries/model-costs.ts';
import type { Coverage } from '../platform/coverage.ts';
import { AI_USAGE, type AiUsage, aiUsageOf } from '../sources/ai-vendor/requests.ts';
import type { Auditor } from './auditor.ts';
import { dayOf } from './daily-series.ts';
import { type Freshness, freshness } from './freshness.ts';

/** Days that are read: a week, the four weeks before it, and what bills may be behind. */
const READ_DAYS = 60;

/** What of Bedrock could be read, by account and region. */
export interface BedrockRead {
  readonly accountId: string;
  readonly region: string;
  readonly days: readonly BedrockDay[];
}

/** Reads calls of models in the clouds that are looked at. */
export type ReadBedrock = (span: {
  readonly start: string;
  readonly end: string;
}) => Promise<{ readonly read: readonly BedrockRead[]; readonly coverage: readonly Coverage[] }>;

/** How one model was used by one project and key. */
export interface EfficiencyRow extends InsightAiUse {
  /** What is not told of it, one sentence each. */
  readonly blindSpots: readonly string[];
}

/** `bursar efficiency --format json` */
export interface EfficiencyReport {
  readonly schemaVersion: 1;
  readonly now: string;
  /** The dearest first, by currency; those without a cost last. */
  readonly rows: readonly EfficiencyRow[];
  /** Of everything: what was not read, and which models nobody tells of. */
  readonly blindSpots: readonly string[];
  readonly coverage: readonly Coverage[];
  readonly freshness: readonly Freshness[];
}

/** Of a vendor's usage, and what it never tells. */
const VENDORS: Readonly<Record<string, { readonly provider: string; readonly untold: readonly string[] }>> = {
  openai: { provider: 'openai', untold: ['OpenAI tells no failed or throttled requests.'] },
  anthropic: {
    provider: 'anthropic',
    untold: [
      'Anthropic tells tokens and no number of requests: nothing can be told by request.',
      'Anthropic tells no failed or throttled requests.',
    ],
  },
};

const OF_VENDORS: Counting = { inputHoldsCache: false, requestsHoldErrors: false };
/** AWS has described Invocations both as successful and as accepted requests, and tells of no cache in InputTokenCount. */
const OF_BEDROCK: Counting = { inputHoldsCache: null, requestsHoldErrors: null };

/**
 * Requests, tokens by request, shares of cache, batches, errors and throttles, and cost by request of each model,
 * project and key, the last settled week against its own four weeks before.
 */
export async function efficiencyReport(
  { lake }: Pick<Auditor, 'lake'>,
  readBedrock: ReadBedrock | null,
  sources: readonly string[] | null,
  now: Date,
): Promise<EfficiencyReport> {
  const today = dayOf(now.getTime());
  const span = { start: dayPlus(today, -READ_DAYS), end: today };
  const costs = await lake.ask<ModelDay>(
    'model-costs',
    { start: `${span.start}T00:00:00.000Z`, end: `${span.end}T00:00:00.000Z` },
    sources,
  );
  const fresh = await freshness(lake, sources);
  const settled = new Map(
    fresh.map(({ source, end, unsettledFrom }) => [
      source,
      [end.slice(0, 10), unsettledFrom ?? '9999-12-31', today].toSorted()[0] ?? today,
    ]),
  );
  const rows: EfficiencyRow[] = [];
  const blindSpots: string[] = [];
  for (const { sourceId, sourceType } of await lake.sources()) {
    const vendor = Object.hasOwn(VENDORS, sourceType) ? VENDORS[sourceType] : undefined;
    if (vendor === undefined || (sources !== null && !sources.includes(sourceId))) continue;
    const table = await lake.beside(sourceId, AI_USAGE);
    if (table === null) {
      blindSpots.push(`${sourceId}: requests have not been read yet; run bursar audit.`);
      continue;
    }
    const usage = table.rows.map(aiUsageOf);
    const end = settled.get(sourceId) ?? today;
    rows.push(...vendorRows(sourceId, vendor, usage, costs, end));
  }
  const bedrock = readBedrock === null ? { read: [], coverage: [] } : await readBedrock(span);
  for (const { scope, status, reason } of bedrock.coverage)
    if (status !== 'complete') blindSpots.push(`${scope}: ${reason ?? status}`);
  rows.push(...bedrockRows(bedrock.read, bedrock.coverage, costs, settled, today));
  blindSpots.push(...notCounted(costs, rows));
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    rows: rows.toSorted(dearest),
    blindSpots,
    coverage: bedrock.coverage,
    freshness: fresh,
  };
}

function vendorRows(
  source: string,
  { provider, untold }: { readonly provider: string; readonly untold: readonly string[] },
  usage: readonly AiUsage[],
  allCosts: readonly ModelDay[],
  end: string,
): EfficiencyRow[] {
  const costs = allCosts.filter((cost) => cost.source === source);
  const groups = Map.groupBy(
    usage.filter(({ model }) => model !== null),
    ({ subAccount, apiKey, model }) => JSON.stringify([subAccount, apiKey, modelName(model ?? '').model]),
  );
  return [...groups.values()].flatMap((all): EfficiencyRow[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { subAccount: project, apiKey: key } = first;
    const { model } = modelName(first.model ?? '');
    const billed = costOf(costs, { project: project ?? '', key: key ?? '', model });
    const compared = efficiency(all.map(askedDay), billed.cost, end, OF_VENDORS);
    if (compared.current.days + compared.former.days === 0) return [];
    return [
      {
        source,
        provider,
        project,
        key,
        model,
        currency: billed.currency,
        ...compared,
        blindSpots: [...untold, ...billed.why],
      },
    ];
  });
}

function askedDay({ day, batch, requests, input, cachedInput, cacheWrite, output }: AiUsage): AskedDay {
  return {
    day,
    batch,
    requests: decimalOf(requests),
    input: decimalOf(input),
    cachedInput: decimalOf(cachedInput),
    cacheWrite: decimalOf(cacheWrite),
    output: decimalOf(output),
    errors: null,
    throttles: null,
  };
}

function decimalOf(count: string | number | null): Decimal | null {
  return count === null ? null : new Decimal(String(count));
}

interface Billed {
  readonly cost: ReadonlyMap<string, Decimal> | null;
  readonly currency: string | null;
  readonly why: readonly string[];
}

function noCost(why: string): Billed {
  return { cost: null, currency: null, why: [why] };
}

/** What the bill charges for one project, key and model by day; null where it cannot be told of these alone. */
function costOf(
  costs: readonly ModelDay[],
  { project, key, model }: { project: string; key: string; model: string },
): Billed {
  const ofModel = costs.filter((cost) => cost.subAccount === project && cost.model === model);
  if (key !== '' && ofModel.some((cost) => cost.apiKey === '' && !new Decimal(cost.cost).isZero()))
    return noCost('Part of what the model cost is billed to no key: cost by request is not told.');
  const own = ofModel.filter(({ apiKey }) => apiKey === key);
  const currencies = [...new Set(own.map(({ currency }) => currency))];
  const [currency] = currencies;
  if (currency === undefined) return noCost('The bill has no cost of it.');
  if (currencies.length > 1) return noCost(`It is billed in ${currencies.join(' and ')}.`);
  return { cost: byDay(own), currency, why: [] };
}

function byDay(costs: readonly ModelDay[]): Map<string, Decimal> {
  const days = new Map<string, Decimal>();
  for (const { day, cost } of costs) days.set(day, (days.get(day) ?? new Decimal(0)).plus(cost));
  return days;
}

const BEDROCK_UNTOLD = [
  'CloudWatch tells no key, no project and no batches of Bedrock, and nothing of bedrock-mantle.',
  'AWS has described Invocations with and without failed requests: shares of errors and throttles say both.',
];

/** Each model of each account and region; and of each account all of them, beside what its bill charges for Bedrock. */
function bedrockRows(
  read: readonly BedrockRead[],
  coverage: readonly Coverage[],
  costs: readonly ModelDay[],
  settled: ReadonlyMap<string, string>,
  today: string,
): EfficiencyRow[] {
  const models = read.flatMap(({ accountId, region, days }) =>
    [...Map.groupBy(days, ({ model }) => model)].map(
      ([model, own]): EfficiencyRow => ({
        source: `aws:${accountId}:${region}`,
        provider: 'aws',
        project: accountId,
        key: null,
        model,
        currency: null,
        ...efficiency(own.map(bedrockDay), null, today, OF_BEDROCK),
        blindSpots: [
          ...BEDROCK_UNTOLD,
          'The bill names models otherwise than CloudWatch: cost by request is told of all of the account together.',
          ...silent(own),
        ],
      }),
    ),
  );
  const accounts = [...Map.groupBy(read, ({ accountId }) => accountId)].flatMap(([accountId, regions]) => {
    const own = costs.filter(
      ({ provider, subAccount, service, billingAccount }) =>
        providerOf(provider) === 'aws' &&
        /bedrock/i.test(service) &&
        (subAccount === '' ? billingAccount : subAccount) === accountId,
    );
    const whole = coverage.every(
      ({ scope, status }) => !scope.startsWith(`aws:${accountId}`) || status === 'complete',
    );
    const days = regions.flatMap((region) => region.days);
    const currencies = [...new Set(own.map(({ currency }) => currency))];
    const [currency] = currencies;
    if (days.length === 0 || currency === undefined || currencies.length > 1 || !whole) return [];
    const end = own.map(({ source }) => settled.get(source) ?? today).toSorted()[0] ?? today;
    return [
      {
        source: `aws:${accountId}`,
        provider: 'aws',
        project: accountId,
        key: null,
        model: null,
        currency,
        ...efficiency(days.map(bedrockDay), byDay(own), end, OF_BEDROCK),
        blindSpots: [
          ...BEDROCK_UNTOLD,
          'Batches are on the bill and not among the requests: with them, cost by request is told too high.',
        ],
      },
    ];
  });
  return [...models, ...accounts].filter(({ current, former }) => current.days + former.days > 0);
}

function bedrockDay(day: BedrockDay): AskedDay {
  const { clientErrors, serverErrors } = day;
  const errors =
    clientErrors === null && serverErrors === null ? null : (clientErrors ?? 0) + (serverErrors ?? 0);
  return {
    day: day.day,
    batch: null,
    requests: decimalOf(day.requests),
    input: decimalOf(day.input),
    cachedInput: decimalOf(day.cachedInput),
    cacheWrite: decimalOf(day.cacheWrite),
    output: decimalOf(day.output),
    errors: decimalOf(errors),
    throttles: decimalOf(day.throttles),
  };
}

/** Metrics of which not one point came: nothing happened, or nothing is published; nobody can tell. */
function silent(days: readonly BedrockDay[]): string[] {
  const names = (['clientErrors', 'serverErrors', 'throttles', 'cachedInput', 'cacheWrite'] as const).filter(
    (name) => days.every(({ [name]: value }) => value === null),
  );
  return names.length === 0
    ? []
    : [
        `No point came of ${names.join(', ')}: there was none, or none is published; they are not taken for zero.`,
      ];
}

/** Who bills models and tells no requests of them here. */
function notCounted(costs: readonly ModelDay[], rows: readonly EfficiencyRow[]): string[] {
  const counted = new Set(rows.map(({ provider }) => provider));
  const billers = new Set(costs.map(({ provider }) => provider));
  return [...billers]
    .filter((biller) => !counted.has(providerOf(biller)))
    .toSorted()
    .map(
      (biller) =>
        `${biller === '' ? 'A biller without a name' : biller}: models are billed, and nothing that is read tells requests of them.`,
    );
}

function dearest(a: EfficiencyRow, b: EfficiencyRow): number {
  if (a.currency !== b.currency) {
    if (a.currency === null || b.currency === null) return a.currency === null ? 1 : -1;
    return a.currency < b.currency ? -1 : 1;
  }
  const cost = ({ current }: EfficiencyRow) => new Decimal(current.cost ?? 0);
  const name = ({ source, project, key, model }: EfficiencyRow) =>
    JSON.stringify([source, project, key, model]);
  return cost(b).comparedTo(cost(a)) || (name(a) < name(b) ? -1 : 1);
}
