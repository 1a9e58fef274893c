import { dayPlus } from '../analysis/units/days.ts';
import { type AskedDay, type Counting, CURRENT, efficiency } from '../analysis/units/efficiency.ts';
import { counted } from '../digest/counted.ts';
import { CALLS_DAYS } from '../estate/model-calls.ts';
import { modelName } from '../focus/ai/model-name.ts';
import { Decimal } from '../focus/decimal.ts';
import { providerOf } from '../focus/provider.ts';
import type { ModelDay } from '../lake/queries/model-costs.ts';
import type { Coverage } from '../platform/coverage.ts';
import { AI_USAGE, type AiUsage, aiUsageOf } from '../sources/ai-vendor/requests.ts';
import type { Auditor } from './auditor.ts';
import { bedrockRows } from './bedrock-efficiency.ts';
import { dayOf } from './daily-series.ts';
import { byDay, type EfficiencyRow, type ReadBedrock } from './efficiency-model.ts';
import { type Freshness, freshness } from './freshness.ts';
import { keptCalls } from './kept-calls.ts';

/** Scopes that are named where one reason is that of many. */
const NAMED = 3;

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

/**
 * Requests, tokens by request, shares of cache, batches, errors and throttles, and cost by request of each model,
 * project and key, the last settled week against its own four weeks before.
 * @param readBedrock null: as the newest kept looks counted it; where `sources` are named, these alone are told of
 */
export async function efficiencyReport(
  { lake }: Pick<Auditor, 'lake'>,
  readBedrock: ReadBedrock | null,
  sources: readonly string[] | null,
  now: Date,
): Promise<EfficiencyReport> {
  const today = dayOf(now.getTime());
  const span = { start: dayPlus(today, -CALLS_DAYS), end: today };
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
    if (dayPlus(end, -CURRENT) < span.start)
      blindSpots.push(`${sourceId}: nothing after ${dayPlus(end, -1)} has settled; run bursar audit.`);
    rows.push(...vendorRows(sourceId, vendor, usage, costs, { start: span.start, end }));
  }
  const kept = sources === null ? keptCalls(lake, now) : async () => ({ read: [], coverage: [] });
  const bedrock = await (readBedrock ?? kept)(span);
  blindSpots.push(...unread(bedrock.coverage));
  const calls = bedrockRows(bedrock, costs, settled, span);
  rows.push(...calls.rows);
  blindSpots.push(...calls.blindSpots);
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

/** Scopes that were not read, each reason once: a company may have thousands of them. */
function unread(coverage: readonly Coverage[]): string[] {
  const gaps = coverage.filter(({ status }) => status !== 'complete');
  return [...Map.groupBy(gaps, ({ reason, status }) => reason ?? status)].map(([reason, of]) => {
    const names = of.slice(0, NAMED).map(({ scope }) => scope);
    const more = of.length - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${counted(more, 'more scope')}` : ''}: ${reason}`;
  });
}

function vendorRows(
  source: string,
  { provider, untold }: { readonly provider: string; readonly untold: readonly string[] },
  usage: readonly AiUsage[],
  allCosts: readonly ModelDay[],
  { start, end }: { readonly start: string; readonly end: string },
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
    // Usage is kept for longer than costs were asked for.
    const compared = efficiency(all.map(askedDay), billed.cost, end, OF_VENDORS, start);
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

/** Who bills models and tells no requests of them here. */
function notCounted(costs: readonly ModelDay[], rows: readonly EfficiencyRow[]): string[] {
  const told = new Set(rows.map(({ provider }) => provider));
  const billers = new Set(costs.map(({ provider }) => provider));
  return [...billers]
    .filter((biller) => !told.has(providerOf(biller)))
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
  return costIn(b).comparedTo(costIn(a)) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function costIn({ current }: EfficiencyRow): Decimal {
  return new Decimal(current.cost ?? 0);
}

function nameOf({ source, project, key, model }: EfficiencyRow): string {
  return JSON.stringify([source, project, key, model]);
}
