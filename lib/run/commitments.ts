import { advise, boughtNow } from '../analysis/commitments/advise.ts';
import type { Advice, Pool, Untold } from '../analysis/commitments/model.ts';
import type { CommitmentAdvice } from '../analysis/model.ts';
import type { Facts } from '../checks/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { type Money, money, sumByCurrency } from '../focus/money.ts';
import { providerOf } from '../focus/provider.ts';
import { type CommitmentUsage, commitmentUsage } from '../lake/queries/commitment-usage.ts';
import {
  type CommitmentHeld,
  commitmentsHeld,
  type ProviderEnd,
  providerEnds,
} from '../lake/queries/commitments-held.ts';
import { type EligibleUsage, eligibleUsage } from '../lake/queries/eligible-usage.ts';
import type { Finding } from '../ledger/model.ts';
import type { BesideTable } from '../sources/model.ts';
import type { Auditor } from './auditor.ts';
import { amountsOfCommitments, endsOfCommitments, googleLooks } from './commitment-ends.ts';
import { poolsOf, programmeOf } from './commitment-pools.ts';
import { googleRows, type ProviderAdvice, providerAdvice } from './commitment-provider.ts';
import { billWindowOf, settledEnd } from './settled.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Days of bills that are read: those that the optimiser looks at, and what settles meanwhile. */
const READ_DAYS = 93;

/** Of a back-test: two years, as far as a term and its history reach. */
const ALL_DAYS = 731;

/** `bursar commitments --format json` */
export interface CommitmentReport {
  readonly schemaVersion: 1;
  readonly now: string;
  /** Bills that were read for it; null where there are none. */
  readonly window: { readonly start: string; readonly end: string } | null;
  /** What is committed already. */
  readonly held: readonly HeldCommitment[];
  readonly coverage: readonly CoverageOfKind[];
  readonly advice: readonly Advice[];
  /** Programmes without advice, and why. */
  readonly untold: readonly Untold[];
  /** What the provider itself recommends, where it was asked (`commitmentAdvice` of a source). */
  readonly provider: readonly ProviderAdvice[];
}

export interface HeldCommitment {
  readonly id: string;
  readonly name: string | null;
  readonly programme: string | null;
  readonly provider: string;
  /** What of it was used in the window, and what was paid for nothing. */
  readonly used: Money;
  readonly unused: Money;
  /** Used of both, 0 to 1, decimal text; null where the bill tells neither. */
  readonly utilisation: string | null;
  /** What is committed an hour, at committed prices; null where it is not told. */
  readonly hourly: Money | null;
  /** When its term ends, ISO-8601 UTC; null where the bill does not tell. */
  readonly ends: string | null;
}

/** How much of what could be covered is. */
export interface CoverageOfKind {
  /** `aws-compute`, `aws-database`, `aws-sagemaker`, `gcp-compute` */
  readonly kind: string;
  readonly currency: string;
  /** At on-demand prices, decimal text. */
  readonly covered: string;
  readonly onDemand: string;
  /** Covered of both, 0 to 1, decimal text; null where there is neither. */
  readonly share: string | null;
}

interface Gathered {
  readonly window: CommitmentReport['window'];
  readonly pools: readonly Pool[];
  readonly held: readonly HeldCommitment[];
  readonly coverage: readonly CoverageOfKind[];
}

/**
 * What is committed, and what to commit of every kind of spend. The rates are the config's, else the discount that
 * the bill shows on covered usage; where neither is known there is no advice, since none is invented. Findings that
 * are waste are left out: what a stop would end is no reason to commit. Nothing is ever bought.
 */
export async function commitmentReport(auditor: Auditor, now: Date): Promise<CommitmentReport> {
  const billWindow = await billWindowOf(auditor, now);
  const findings: Finding[] = [];
  for await (const { finding } of auditor.ledger.all()) findings.push(finding);
  const { window, pools, held, coverage } = await gather(auditor, null, billWindow, findings);
  const results = pools.flatMap((pool) => advise(pool, now));
  const advice = results.filter((each) => 'schedule' in each);
  const untold = results.filter((each) => 'notEnough' in each);
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    window,
    held,
    coverage,
    advice,
    untold,
    provider: providerAdvice(
      await providerRows(auditor),
      advice,
      untold,
      Math.max(0, ...pools.map(({ wasteLeftOut }) => wasteLeftOut)),
    ),
  };
}

/** What the digest tells: what is committed and what to commit, and what may be committed now of each pool. */
export async function commitmentOutlook(
  auditor: Auditor,
  sources: readonly string[] | null,
  billWindow: Facts['billWindow'],
  findings: readonly Finding[],
  now: Date,
): Promise<{
  report: Pick<CommitmentReport, 'window' | 'held' | 'coverage' | 'advice' | 'untold'>;
  opportunities: CommitmentAdvice[];
}> {
  const { window, pools, held, coverage } = await gather(auditor, sources, billWindow, findings);
  const results = pools.map((pool) => ({ pool, told: advise(pool, now) }));
  const all = results.flatMap(({ told }) => told);
  return {
    report: {
      window,
      held,
      coverage,
      advice: all.filter((each) => 'schedule' in each),
      untold: all.filter((each) => 'notEnough' in each),
    },
    opportunities: results.flatMap(({ pool, told }) => opportunity(pool, told)),
  };
}

/** A sum for each kind of spend and currency. */
function opportunity({ provider }: Pool, told: readonly (Advice | Untold)[]): CommitmentAdvice[] {
  const bought = told
    .filter((each) => 'schedule' in each)
    .filter((each) => decimal(boughtNow(each).amount).gt(0));
  const [first] = bought;
  const [saving] = sumByCurrency(bought.map(({ monthlySaving }) => monthlySaving));
  if (first === undefined || saving === undefined) return [];
  return [
    {
      programme: bought.map(({ programme }) => programme).join(', '),
      provider,
      monthlySaving: saving,
      window: first.window,
    },
  ];
}

/** All that the bills held say could be committed to, nothing left out as waste: what a back-test walks over. */
export async function commitmentPools(auditor: Auditor, now: Date): Promise<readonly Pool[]> {
  return (await gather(auditor, null, await billWindowOf(auditor, now), [], ALL_DAYS)).pools;
}

/** The newest of what each source told beside its bill, and each look at a project of Google. */
async function providerRows({ lake }: Auditor): Promise<BesideTable['rows']> {
  const rows: BesideTable['rows'][number][] = [];
  for (const { sourceId } of await lake.sources())
    rows.push(...((await lake.beside(sourceId, 'commitment advice'))?.rows ?? []));
  for (const { advice } of await googleLooks(lake)) rows.push(...googleRows(advice ?? []));
  return rows;
}

async function gather(
  auditor: Auditor,
  sources: readonly string[] | null,
  billWindow: Facts['billWindow'],
  findings: readonly Finding[],
  days = READ_DAYS,
): Promise<Gathered> {
  if (billWindow === null) return { window: null, pools: [], held: [], coverage: [] };
  const { lake } = auditor;
  const end = await settledEnd(auditor, sources, Date.parse(billWindow.end));
  const window = {
    start: new Date(end - days * DAY_MS).toISOString(),
    end: new Date(end).toISOString(),
  };
  const wasted = [...new Set(findings.filter(isWaste).map(({ resourceId }) => resourceId))];
  const ask = <T extends object>(name: string, params: Readonly<Record<string, string>>) =>
    lake.ask<T & Record<string, unknown>>(name, params, sources);
  const asked = { ...window, wasted: JSON.stringify(wasted.flatMap(spellings)) };
  const usage = await ask<EligibleUsage>(eligibleUsage.name, asked);
  const covered = await ask<CommitmentUsage>(commitmentUsage.name, asked);
  const held = await ask<CommitmentHeld>(commitmentsHeld.name, window);
  const last = await ask<ProviderEnd>(providerEnds.name, window);
  const endOf = await endsOfCommitments(auditor, sources, window.end);
  const amountOf = await amountsOfCommitments(auditor);
  const pools = poolsOf(usage, covered, {
    held,
    ends: endOf,
    until: untilOf(last, end),
    wasteLeftOut: wasted.length,
    discounts: auditor.discounts,
    rates: auditor.rates ?? {},
  });
  return {
    window,
    pools,
    held: held.map((each) => heldOf(each, endOf, amountOf.get(each.id))),
    coverage: coverageOf(usage, covered),
  };
}

/** The last charge of a provider, and the day that it lies in where its bill is by the day. */
function untilOf(ends: readonly ProviderEnd[], most: number): Record<string, number> {
  const until: Record<string, number> = {};
  for (const { provider, last } of ends) {
    const id = providerOf(provider);
    const at = Date.parse(last);
    const next = at % DAY_MS === 0 ? at + DAY_MS : at + HOUR_MS;
    until[id] = Math.min(Math.max(until[id] ?? 0, next), most);
  }
  return until;
}

function heldOf(
  told: CommitmentHeld,
  ends: ReadonlyMap<string, string>,
  hourly: { readonly amount: string; readonly currency: string | null } | undefined,
): HeldCommitment {
  const { id, name, provider, currency } = told;
  const both = decimal(told.used).plus(told.unused);
  return {
    id,
    name,
    programme: programmeOf(told),
    provider: providerOf(provider),
    used: money(told.used, currency),
    unused: money(told.unused, currency),
    utilisation: both.gt(0) ? decimalText(decimal(told.used).div(both)) : null,
    // AWS names no currency: it is that of the bill.
    hourly: hourly === undefined ? null : money(hourly.amount, hourly.currency ?? currency),
    ends: ends.get(id) ?? null,
  };
}

function coverageOf(usage: readonly EligibleUsage[], covered: readonly CommitmentUsage[]): CoverageOfKind[] {
  const sums = new Map<string, { kind: string; currency: string; covered: Decimal; onDemand: Decimal }>();
  const add = (kind: string, currency: string, field: 'covered' | 'onDemand', amount: string) => {
    const key = JSON.stringify([kind, currency]);
    const sum = sums.get(key) ?? { kind, currency, covered: new Decimal(0), onDemand: new Decimal(0) };
    sums.set(key, { ...sum, [field]: sum[field].plus(amount) });
  };
  for (const { kind, currency, amount } of usage) add(kind, currency, 'onDemand', amount);
  for (const { kind, currency, onDemand } of covered) add(kind, currency, 'covered', onDemand);
  return [...sums.values()].map((sum) => {
    const both = sum.covered.plus(sum.onDemand);
    return {
      kind: sum.kind,
      currency: sum.currency,
      covered: decimalText(sum.covered),
      onDemand: decimalText(sum.onDemand),
      share: both.gt(0) ? decimalText(sum.covered.div(both)) : null,
    };
  });
}

/** Waste that a stop would end: what it costs must not be committed to. */
function isWaste({ state, verdict }: Finding): boolean {
  return state !== 'RESOLVED' && (verdict === 'IDLE' || verdict === 'UNUSED' || verdict === 'EXPIRED');
}

/** An ARN, and the bare id at its end, which AWS bills write for instances and volumes. */
function spellings(id: string): string[] {
  const bare = /^arn:.*[/:]((?:i|vol)-[0-9a-f]+)$/.exec(id)?.[1];
  return bare === undefined ? [id] : [id, bare];
}
