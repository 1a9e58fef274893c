import type { HeldSource, Lake } from '../lake/model.ts';
import type { SourceEnd } from '../lake/queries/spend-by.ts';

/**
 * A day of a bill still grows when it is over: AWS refreshes cost data at least once in 24 hours and some charges
 * come later (AWS Cost Management User Guide, "Analyzing your costs with AWS Cost Explorer"); Google's export has no
 * delivery guarantee and is late by up to a day (Cloud Billing documentation, "Export Cloud Billing data to
 * BigQuery"). A day counts as settled when it ended two days before the bill was read, or when the source says so.
 */
const SETTLING_MS = 48 * 3_600_000;
const DAY_MS = 86_400_000;

/** How fresh the figures of a source are. */
export interface Freshness {
  readonly source: string;
  /** Up to when its charges reach (exclusive), and when it was read. ISO-8601 UTC. */
  readonly end: string;
  readonly readAt: string;
  /** First UTC day (`YYYY-MM-DD`) whose amounts may still change; null where all have settled. */
  readonly unsettledFrom: string | null;
}

/** How fresh each source is of which `sources` speaks (null: every one that the lake holds). */
export async function freshness(lake: Lake, sources: readonly string[] | null): Promise<Freshness[]> {
  const ends = await lake.ask<SourceEnd>('source-ends', {}, sources);
  const held = new Map((await lake.sources()).map((each) => [each.sourceId, each]));
  return ends.flatMap((end) => {
    const source = held.get(end.source);
    return source === undefined ? [] : [freshnessOf(end, source)];
  });
}

function freshnessOf({ source, end, firstEstimated }: SourceEnd, held: HeldSource): Freshness {
  const readAt = held.ingestedAt;
  // The last midnight that lay two days back when the bill was read: days after it may still grow.
  const settled = Math.floor((Date.parse(readAt) - SETTLING_MS) / DAY_MS) * DAY_MS;
  const bySettling = Date.parse(end) > settled ? dayText(settled) : null;
  const byBiller = firstEstimated === null ? null : firstEstimated.slice(0, 10);
  const days = [bySettling, byBiller].filter((day) => day !== null).toSorted();
  return { source, end, readAt, unsettledFrom: days[0] ?? null };
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
