import type { Decimal } from '../../focus/decimal.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Measure } from './model.ts';

/** Tokens of one hour: what a vendor tells within minutes, long before any bill. */
export interface HourlyUse {
  /** Start of the hour, ISO-8601 UTC. */
  readonly at: string;
  /** Project or workspace; null: none, or the default one. */
  readonly subAccount: string | null;
  /** As the vendor writes it. */
  readonly model: string | null;
  readonly measure: Measure;
  readonly variant: string | null;
  readonly tier: string | null;
  readonly context: string | null;
  readonly tokens: Decimal;
}

/** The hourly usage of one organisation at a vendor, or of an account and region of a cloud. */
export interface HourlyFeed {
  /** Source id: the key in the config; of Bedrock the scope, `bedrock:aws:111122223333:us-east-1`. */
  readonly id: string;
  /** Tokens of `bedrock` are counted, and not priced: AWS names models otherwise than its price list does. */
  readonly vendor: 'openai' | 'anthropic' | 'bedrock';
  /** Where the vendor has regions. */
  readonly region?: string;
  /** Hours of a span, half-open, whole hours. Throws a BursarError where the vendor refuses. */
  usage(span: { readonly start: Date; readonly end: Date }, meter: Meter): Promise<HourlyUse[]>;
}

/** The hour that a bucket speaks of. @throws what `odd` makes, where it is no whole hour of UTC */
export function hourOf(start: number, end: number, odd: (what: string) => Error): string {
  if (!Number.isSafeInteger(start) || start % 3600 !== 0 || end - start !== 3600)
    throw odd(`the time from ${start} to ${end}, which is no hour`);
  return new Date(start * 1000).toISOString();
}
