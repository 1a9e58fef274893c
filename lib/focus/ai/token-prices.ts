import { type TOKEN_PRICE_FIELDS, TOKEN_PRICES, TOKEN_PRICES_SOURCE } from '../data/token-prices.ts';
import { Decimal, decimalText } from '../decimal.ts';

/** What an estimate is made for. */
export interface Counted {
  readonly vendor: 'openai' | 'anthropic';
  /** As the vendor writes it. */
  readonly model: string;
  readonly kind: 'input' | 'cached-input' | 'cache-write' | 'output';
  /** `text`, `audio`, `image`; cache writes for `5m` or `1h`. */
  readonly variant: string | null;
  /** `batch`, `flex`, `priority`, `standard`; null: the ordinary one. */
  readonly tier: string | null;
  /** `200k-1M`: the prompt was longer than 200,000 tokens. */
  readonly context: string | null;
  readonly tokens: Decimal;
}

/** An estimate in US dollars at list price, never a bill. */
export interface ListEstimate {
  /** Decimal text. */
  readonly amount: string;
  /** Whose price list, and of when. */
  readonly source: string;
}

/** Null where the list has no price for exactly this: nothing is guessed. */
export function listEstimate(counted: Counted): ListEstimate | null {
  const name = priceName(counted);
  const each = name === null ? undefined : PRICES.get(`${counted.vendor} ${counted.model}`)?.get(name);
  if (each === undefined) return null;
  return { amount: decimalText(new Decimal(each).times(counted.tokens)), source: TOKEN_PRICES_SOURCE };
}

type PriceName = (typeof TOKEN_PRICE_FIELDS)[number];

const PRICES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  TOKEN_PRICES.trim()
    .split('\n')
    .map((line) => {
      const [vendor, model, ...prices] = line.split(' ');
      const named = prices.map((price): [string, string] => [
        price.slice(0, price.indexOf('=')),
        price.slice(price.indexOf('=') + 1),
      ]);
      return [`${vendor} ${model}`, new Map(named)];
    }),
);

const PLAIN: Readonly<Record<Counted['kind'], PriceName>> = {
  input: 'input',
  'cached-input': 'cachedInput',
  'cache-write': 'cacheWrite',
  output: 'output',
};
const AUDIO: Partial<Record<Counted['kind'], PriceName>> = { input: 'audioInput', output: 'audioOutput' };
const IMAGE: Partial<Record<Counted['kind'], PriceName>> = { input: 'imageInput', output: 'imageOutput' };
const BATCH: Partial<Record<Counted['kind'], PriceName>> = { input: 'batchInput', output: 'batchOutput' };
const FLEX: Partial<Record<Counted['kind'], PriceName>> = {
  input: 'flexInput',
  'cached-input': 'flexCachedInput',
  output: 'flexOutput',
};
const PRIORITY: Partial<Record<Counted['kind'], PriceName>> = {
  input: 'priorityInput',
  'cached-input': 'priorityCachedInput',
  output: 'priorityOutput',
};
const LONG: Partial<Record<Counted['kind'], PriceName>> = {
  input: 'longInput',
  'cached-input': 'longCachedInput',
  'cache-write': 'longCacheWrite',
  output: 'longOutput',
};

/**
 * Which price of a model is meant. Anthropic's Priority Tier is bought beforehand and has no price by the token
 * (Anthropic, "Service tiers", 2026): its tokens are estimated at the ordinary price.
 */
function priceName({ vendor, kind, variant, tier, context }: Counted): PriceName | null {
  if (vendor === 'anthropic') {
    if (tier !== null && !['standard', 'priority', 'priority_on_demand'].includes(tier)) return null;
    if (context === '200k-1M') return variant === '1h' ? null : (LONG[kind] ?? null);
    return variant === '1h' ? 'cacheWrite1h' : PLAIN[kind];
  }
  if (context !== null) return null;
  if (variant === 'audio') return tier === null ? (AUDIO[kind] ?? null) : null;
  if (variant === 'image') return tier === null ? (IMAGE[kind] ?? null) : null;
  if (tier === null) return PLAIN[kind];
  const table = { batch: BATCH, flex: FLEX, priority: PRIORITY }[tier];
  return table?.[kind] ?? null;
}
