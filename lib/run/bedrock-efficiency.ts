import { dayPlus } from '../analysis/units/days.ts';
import { type AskedDay, type Counting, efficiency } from '../analysis/units/efficiency.ts';
import { LISTED_DAYS, type ModelCalls } from '../estate/model-calls.ts';
import { Decimal } from '../focus/decimal.ts';
import { providerOf } from '../focus/provider.ts';
import type { ModelDay } from '../lake/queries/model-costs.ts';
import { type BedrockRead, byDay, type EfficiencyRow, type ReadBedrock } from './efficiency-model.ts';

/** AWS has described Invocations both as successful and as accepted requests, and tells of no cache in InputTokenCount. */
const OF_BEDROCK: Counting = { inputHoldsCache: null, requestsHoldErrors: null };

const UNTOLD = [
  'CloudWatch tells no key, no project and no batches of Bedrock, and nothing of bedrock-mantle.',
  'AWS has described Invocations with and without failed requests: shares of errors and throttles say both; what is told by request is by Invocations.',
  'AWS does not say whether InputTokenCount holds tokens of the cache: input tokens by request are of it alone.',
];

/**
 * Each model of each account and region; and of each account all of them, beside what its bill charges for Bedrock, over the
 * same days.
 * @param settled first day that has not settled, by source
 * @param span days of `costs`, half-open
 */
export function bedrockRows(
  { read, coverage }: Awaited<ReturnType<ReadBedrock>>,
  costs: readonly ModelDay[],
  settled: ReadonlyMap<string, string>,
  span: { readonly start: string; readonly end: string },
): { readonly rows: readonly EfficiencyRow[]; readonly blindSpots: readonly string[] } {
  const rows: EfficiencyRow[] = [];
  const ended = new Map<string, string>();
  const blindSpots: string[] = [];
  for (const [accountId, regions] of Map.groupBy(read, (each) => each.accountId)) {
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
    if (days.length === 0 || currency === undefined || currencies.length > 1 || !whole) continue;
    const ends = [
      ...own.map(({ source }) => settled.get(source) ?? span.end),
      ...regions.map(({ until }) => until),
    ];
    const end = ends.toSorted()[0] ?? span.end;
    const uncounted = lastUncounted(own, regions, end);
    const [from] = [span.start, ...regions.map((each) => each.from), uncounted?.after ?? '']
      .toSorted()
      .toReversed();
    const compared = efficiency(days.map(bedrockDay), byDay(own), end, OF_BEDROCK, from);
    const untold =
      uncounted === null || uncounted.after <= compared.former.start
        ? []
        : [
            `Of what the bill has of Bedrock before ${uncounted.after} calls are not counted (${uncounted.what}): cost by request is told of later weeks alone.`,
          ];
    if (from !== undefined && from > compared.current.start) {
      blindSpots.push(...untold.map((each) => `aws:${accountId}: ${each}`));
      continue;
    }
    ended.set(accountId, end);
    rows.push({
      source: `aws:${accountId}`,
      provider: 'aws',
      project: accountId,
      key: null,
      model: null,
      currency,
      ...compared,
      blindSpots: [
        ...UNTOLD,
        'Batches are on the bill and not among the requests: with them, cost by request is told too high.',
        ...untold,
      ],
    });
  }
  const all = [...read.flatMap((each) => modelRows(each, ended.get(each.accountId) ?? each.until)), ...rows];
  return { rows: all.filter(({ current, former }) => current.days + former.days > 0), blindSpots };
}

function modelRows({ accountId, region, from, days }: BedrockRead, end: string): EfficiencyRow[] {
  return [...Map.groupBy(days, ({ model }) => model)].map(([model, own]) => ({
    source: `aws:${accountId}:${region}`,
    provider: 'aws',
    project: accountId,
    key: null,
    model,
    currency: null,
    ...efficiency(own.map(bedrockDay), null, end, OF_BEDROCK, from),
    blindSpots: [
      ...UNTOLD,
      'The bill names models otherwise than CloudWatch: cost by request is told of all of the account together.',
      ...silent(own),
    ],
  }));
}

/**
 * The last charge before `end` whose calls the looks may not have counted: of a region that was not looked at, or of a model that
 * the bill has on none of the days before a look in which a model must have been called to be listed. Null: there is
 * none. A charge without a region may be of any: it is taken for one of those that were looked at.
 * @returns the day after that charge, and what it is of
 */
function lastUncounted(
  costs: readonly ModelDay[],
  regions: readonly BedrockRead[],
  end: string,
): { readonly after: string; readonly what: string } | null {
  const charged = costs.filter(({ cost }) => !new Decimal(cost).isZero());
  const looked = new Map(regions.map(({ region, until }) => [region, dayPlus(until, -LISTED_DAYS)]));
  const first = [...looked.values()].toSorted().at(-1);
  const listed = new Set(
    charged
      .filter(({ region, day }) => {
        const since = region === '' ? first : looked.get(region);
        return since !== undefined && day >= since;
      })
      .map(nameOf),
  );
  const last = charged
    .filter((cost) => cost.day < end && !listed.has(nameOf(cost)))
    .toSorted((a, b) => (a.day < b.day ? -1 : 1))
    .at(-1);
  if (last === undefined) return null;
  const what =
    last.region !== '' && !looked.has(last.region)
      ? `${last.region} is not looked at`
      : `${last.model === '' ? 'a model' : last.model} is no longer charged, and no longer listed`;
  return { after: dayPlus(last.day, 1), what };
}

function bedrockDay(day: ModelCalls): AskedDay {
  const { clientErrors, serverErrors } = day;
  const errors =
    clientErrors === null && serverErrors === null ? null : (clientErrors ?? 0) + (serverErrors ?? 0);
  return {
    day: day.day,
    batch: null,
    requests: counted(day.requests),
    input: counted(day.input),
    cachedInput: counted(day.cachedInput),
    cacheWrite: counted(day.cacheWrite),
    output: counted(day.output),
    errors: counted(errors),
    throttles: counted(day.throttles),
  };
}

/** The counts that may be silent, as people call them. */
const IN_WORDS = {
  clientErrors: 'client errors',
  serverErrors: 'server errors',
  throttles: 'throttles',
  cachedInput: 'tokens read from the cache',
  cacheWrite: 'tokens written to the cache',
} as const;

/** Metrics of which not one point came: nothing happened, or nothing is published; nobody can tell. */
function silent(days: readonly ModelCalls[]): string[] {
  const names = (['clientErrors', 'serverErrors', 'throttles', 'cachedInput', 'cacheWrite'] as const)
    .filter((name) => days.every(({ [name]: value }) => value === null))
    .map((name) => IN_WORDS[name]);
  return names.length === 0
    ? []
    : [
        `No point came of ${names.join(', ')}: there was none, or none is published; they are not taken for zero.`,
      ];
}

function counted(count: number | null): Decimal | null {
  return count === null ? null : new Decimal(count);
}

function nameOf({ region, model }: ModelDay): string {
  return JSON.stringify([region, model]);
}
