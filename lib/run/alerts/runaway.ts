import pLimit from 'p-limit';
import { cameBefore, MONTHLY_HOURS } from '../../analysis/recurring.ts';
import { type Runaway, runaway } from '../../analysis/runaway.ts';
import type { Series } from '../../analysis/series.ts';
import { isReachable, type OwnerOf } from '../../checks/owner.ts';
import { listEstimate } from '../../focus/ai/token-prices.ts';
import { Decimal } from '../../focus/decimal.ts';
import { type Money, money } from '../../focus/money.ts';
import { alertId, stepAlert } from '../../ledger/alerts/decide.ts';
import type { Alert, AlertFacts, Measured } from '../../ledger/alerts/model.ts';
import { changeAlert, listAlerts } from '../../ledger/alerts/store.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import type { HourlyFeed, HourlyUse } from '../../sources/ai-vendor/hourly.ts';
import { putDoc } from '../reports.ts';
import type { AlertSettings } from './model.ts';

const HOUR = 3_600_000;
/** Four weeks, and a day to look beside the first of their hours. */
const HOURS = 29 * 24;
/** A sweep looks again after this, whenever it runs. */
const EVERY = 55 * 60_000;
/** Hours without anything off after which it is over, and within which it is the same thing. */
const QUIET_HOURS = 6;
const WATCHED = 'ai-usage/watched';
/** Feeds that are read at once: each is an account and region. */
const AT_ONCE = 8;

/** Feeds that must be looked for first, and what could not be looked at. */
export interface FoundFeeds {
  readonly feeds: readonly HourlyFeed[];
  readonly faults: readonly string[];
}

/** What watching AI usage works with. */
export interface WatchParts {
  readonly ledger: LedgerStore;
  readonly feeds: readonly HourlyFeed[];
  /** Further feeds, under a name of their own, so that who cannot look at them does not keep others from it. */
  readonly further?:
    | { readonly name: string; readonly find: (now: Date, meter: Meter) => Promise<FoundFeeds> }
    | undefined;
  readonly settings: Pick<
    AlertSettings,
    | 'runawayMinimum'
    | 'runawayTokens'
    | 'runawayAtOnce'
    | 'expectedDays'
    | 'escalate'
    | 'escalateAfter'
    | 'fallback'
  >;
  readonly ownerOf: OwnerOf;
}

/**
 * Looks, at most once an hour, whether the AI usage of the newest hours runs away, and keeps it as an alert, to be told
 * at once. The one judgement that waits for no bill: what it says in money is an estimate at list prices, and of
 * Bedrock it says tokens alone.
 * @returns what could not be watched, one sentence each
 */
export async function watchAi(parts: WatchParts, runId: string, now: Date): Promise<string[]> {
  const { feeds, further } = parts;
  const told =
    feeds.length === 0
      ? []
      : await watchGroup(parts, WATCHED, async () => ({ feeds, faults: [] }), runId, now);
  const more =
    further === undefined
      ? []
      : await watchGroup(parts, `${WATCHED}-${further.name}`, further.find, runId, now);
  return [...told, ...more];
}

async function watchGroup(
  parts: WatchParts,
  doc: string,
  find: (now: Date, meter: Meter) => Promise<FoundFeeds>,
  runId: string,
  now: Date,
): Promise<string[]> {
  const { ledger } = parts;
  const last: unknown = (await ledger.getDoc(doc))?.value;
  if (now.getTime() - Date.parse(atOf(last)) < EVERY) return [];
  // Written first: two sweeps at once ask once, and one that fails asks again in an hour.
  await putDoc(ledger, doc, () => ({ schemaVersion: 1, at: now.toISOString() }));
  const found = await find(now, new Meter()).catch((error: unknown): FoundFeeds => {
    if (!(error instanceof BursarError)) throw error;
    return { feeds: [], faults: [`AI usage could not be watched: ${error.told}`] };
  });
  const limit = pLimit(AT_ONCE);
  const faults = await Promise.all(
    found.feeds.map((feed) => limit(async () => await watchedOne(parts, feed, runId, now))),
  );
  return [...found.faults, ...faults.flat()];
}

async function watchedOne(parts: WatchParts, feed: HourlyFeed, runId: string, now: Date): Promise<string[]> {
  try {
    await watchOne(parts, feed, runId, now);
    return [];
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return [`AI usage of ${feed.id} could not be watched: ${error.told}`];
  }
}

function atOf(value: unknown): string {
  const at: unknown =
    typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, 'at')?.value : null;
  return typeof at === 'string' ? at : '1970-01-01T00:00:00Z';
}

async function watchOne(parts: WatchParts, feed: HourlyFeed, runId: string, now: Date): Promise<void> {
  const { ledger, settings } = parts;
  const running = Math.floor(now.getTime() / HOUR) * HOUR;
  const start = running - HOURS * HOUR;
  const uses = await feed.usage({ start: new Date(start), end: new Date(running + HOUR) }, new Meter());
  const kept = (await listAlerts(ledger)).filter(
    ({ kind, source }) => kind === 'runaway' && source === feed.id,
  );
  const seen = new Set<string>();
  const earlier = earlierHours(feed, start);
  for (const [project, own] of Map.groupBy(uses, ({ subAccount }) => subAccount ?? '')) {
    const series = seriesOf(feed, own, start, HOURS + 1);
    const minimum = feed.vendor === 'bedrock' ? settings.runawayTokens : settings.runawayMinimum;
    const found = runaway(series, Number(minimum));
    if (found === null || 'notEnough' in found) continue;
    const same = kept.find((alert) => isSame(alert, project, found, now));
    const before = await earlier.of(project);
    if (same === undefined && cameBefore(joined(before, series), found) !== null) continue;
    const facts = factsOf(parts, feed, project, own, found, earlier.fault());
    const id = same?.id ?? alertId('runaway', feed.id, project, found.first);
    seen.add(id);
    await apply(ledger, id, { type: 'seen', id, facts }, runId, now);
  }
  for (const alert of kept)
    if (!seen.has(alert.id) && isOver(alert, now))
      await apply(
        ledger,
        alert.id,
        { type: 'over', reason: `nothing was off for ${QUIET_HOURS} hours` },
        runId,
        now,
      );
}

/** What was used in each hour. Floats serve to compare hours; what is told is rounded to cents. */
function seriesOf(feed: HourlyFeed, uses: readonly HourlyUse[], start: number, length: number): Series {
  const values = Array.from({ length }, () => 0);
  for (const use of uses) {
    const at = Math.round((Date.parse(use.at) - start) / HOUR);
    if (at >= 0 && at < values.length) values[at] = (values[at] ?? 0) + (sizeOf(feed, use) ?? 0);
  }
  return { start: new Date(start).toISOString(), step: HOUR, values };
}

function joined(before: Series, { step, values }: Series): Series {
  return { start: before.start, step, values: [...before.values, ...values] };
}

/**
 * The hours before those that are watched, in which a batch of every month shows. They are asked for only once
 * something seems to run away; whoever refuses them silences nothing.
 */
function earlierHours(feed: HourlyFeed, end: number) {
  const length = MONTHLY_HOURS - HOURS;
  const start = end - length * HOUR;
  let read: Promise<readonly HourlyUse[]> | null = null;
  let fault: string | null = null;
  const uses = async () => {
    read ??= feed.usage({ start: new Date(start), end: new Date(end) }, new Meter());
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      fault = error.told;
      return [];
    }
  };
  return {
    of: async (project: string) => {
      const own = (await uses()).filter(({ subAccount }) => (subAccount ?? '') === project);
      return seriesOf(feed, own, start, length);
    },
    fault: () => fault,
  };
}

/** The one that goes on, or that somebody said to be expected for days. */
function isSame(alert: Alert, project: string, { first }: Runaway, now: Date): boolean {
  if (alert.state === 'closed' || alert.subject['account'] !== project) return false;
  const isNear = Date.parse(first) - Date.parse(alert.lastDay) <= QUIET_HOURS * HOUR;
  return isNear || (alert.state === 'expected' && (alert.until ?? '') > now.toISOString());
}

function isOver(alert: Alert, now: Date): boolean {
  if (alert.state === 'closed') return false;
  if (alert.state === 'expected' && (alert.until ?? '') > now.toISOString()) return false;
  return now.getTime() - Date.parse(alert.lastDay) > QUIET_HOURS * HOUR;
}

/** What it weighs: its list price in dollars, or tokens where they are not priced; null: it has no price. */
function sizeOf({ vendor }: HourlyFeed, use: HourlyUse): number | null {
  if (vendor === 'bedrock') return use.tokens.toNumber();
  const { measure: kind, model, variant, tier, context, tokens } = use;
  if (model === null || !isToken(kind)) return null;
  const estimate = listEstimate({ vendor, model, kind, variant, tier, context, tokens });
  return estimate === null ? null : Number(estimate.amount);
}

function isToken(
  measure: HourlyUse['measure'],
): measure is 'input' | 'cached-input' | 'cache-write' | 'output' {
  return ['input', 'cached-input', 'cache-write', 'output'].includes(measure);
}

function factsOf(
  { settings, ownerOf }: WatchParts,
  feed: HourlyFeed,
  project: string,
  uses: readonly HourlyUse[],
  { first, last, value, usual, high }: Runaway,
  fault: string | null,
): AlertFacts {
  const during = uses.filter(({ at }) => at >= first && at <= last);
  const owner = ownerOf({ accountId: project, tags: null });
  const person = owner !== null && isReachable(owner.id) ? owner.id : null;
  const to = person ?? settings.fallback;
  return {
    kind: 'runaway',
    what: 'running away',
    subject: {
      vendor: feed.vendor,
      account: project,
      ...(feed.region === undefined ? {} : { region: feed.region }),
    },
    alsoSeen: [],
    source: feed.id,
    firstDay: first,
    lastDay: last,
    window: null,
    ...(feed.vendor === 'bedrock'
      ? { money: null, measured: tokensOf(value, usual, high), expected: null }
      : {
          money: usd(value - usual),
          expected: { value: usd(value), low: usd(0), high: usd(high), of: 'in these hours' },
        }),
    monthly: null,
    limit: null,
    tier: null,
    probability: null,
    causes: modelsOf(feed, during),
    throttle: null,
    blindSpots: [
      ...(feed.vendor === 'bedrock' ? [NOT_PRICED] : unpricedOf(feed, during)),
      ...(fault === null ? [] : [`Whether it comes every month could not be looked up: ${fault}`]),
    ],
    owner,
    route: {
      first: to,
      also: person === null ? null : settings.fallback,
      escalation: settings.escalate === to ? null : settings.escalate,
      escalateAfter: settings.escalateAfter,
      atOnce: settings.runawayAtOnce,
    },
    expectedDays: settings.expectedDays,
    ongoing: true,
  };
}

/** What counting tokens does not see. */
export const NOT_PRICED =
  'Tokens of every model count alike, whatever they cost; tokens of a cache, of batches and of other endpoints may be in none of these counts.';

function whole(count: number): string {
  return new Decimal(count).toDecimalPlaces(0).toFixed();
}

function tokensOf(value: number, usual: number, high: number): Measured {
  return {
    of: 'tokens',
    unit: '',
    actual: whole(value),
    expected: whole(usual),
    low: '0',
    high: whole(high),
    worse: true,
  };
}

function usd(amount: number): Money {
  return money(new Decimal(amount).toDecimalPlaces(2), 'USD');
}

/** The models that most of these hours' estimate is of, at most three. */
function modelsOf(feed: HourlyFeed, uses: readonly HourlyUse[]): string[] {
  const sums = new Map<string, number>();
  for (const use of uses) {
    const price = sizeOf(feed, use);
    if (use.model !== null && price !== null) sums.set(use.model, (sums.get(use.model) ?? 0) + price);
  }
  const what = feed.vendor === 'bedrock' ? 'tokens' : 'estimate';
  const all = [...sums.values()].reduce((sum, each) => sum + each, 0);
  return [...sums]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 3)
    .map(([model, sum]) => `model ${model}, ${Math.round((100 * sum) / all)}% of the ${what}`);
}

/** What has no list price is in no figure, and said so. */
function unpricedOf(feed: HourlyFeed, uses: readonly HourlyUse[]): string[] {
  const tokens = new Map<string, Decimal>();
  for (const use of uses) {
    if (sizeOf(feed, use) !== null) continue;
    const model = use.model ?? 'a model that is not named';
    tokens.set(model, (tokens.get(model) ?? new Decimal(0)).plus(use.tokens));
  }
  return [...tokens]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([model, count]) => `${count.toFixed()} tokens of ${model} have no list price and are not counted.`);
}

async function apply(
  ledger: LedgerStore,
  id: string,
  event: Parameters<typeof stepAlert>[1],
  runId: string,
  now: Date,
): Promise<void> {
  await changeAlert(ledger, id, (alert) => stepAlert(alert, event, now, { actor: 'sweep', runId }));
}
