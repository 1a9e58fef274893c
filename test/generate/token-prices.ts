import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Decimal } from '../../lib/focus/decimal.ts';
import { parseExactJson } from '../../lib/sources/ai-vendor/json.ts';
import { sharedData } from '../shared.ts';

/*
 * Writes lib/focus/data/token-prices.ts from LiteLLM's price file in the shared data:
 * `node test/generate/token-prices.ts`. A test compares the two.
 */

/** Our name of a price and LiteLLM's. */
const FIELDS = {
  input: 'input_cost_per_token',
  cachedInput: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
  cacheWrite1h: 'cache_creation_input_token_cost_above_1hr',
  output: 'output_cost_per_token',
  audioInput: 'input_cost_per_audio_token',
  audioOutput: 'output_cost_per_audio_token',
  imageInput: 'input_cost_per_image_token',
  imageOutput: 'output_cost_per_image_token',
  batchInput: 'input_cost_per_token_batches',
  batchOutput: 'output_cost_per_token_batches',
  flexInput: 'input_cost_per_token_flex',
  flexCachedInput: 'cache_read_input_token_cost_flex',
  flexOutput: 'output_cost_per_token_flex',
  priorityInput: 'input_cost_per_token_priority',
  priorityCachedInput: 'cache_read_input_token_cost_priority',
  priorityOutput: 'output_cost_per_token_priority',
  longInput: 'input_cost_per_token_above_200k_tokens',
  longCachedInput: 'cache_read_input_token_cost_above_200k_tokens',
  longCacheWrite: 'cache_creation_input_token_cost_above_200k_tokens',
  longOutput: 'output_cost_per_token_above_200k_tokens',
} as const;
type Field = keyof typeof FIELDS;

const VENDORS: Readonly<Record<string, 'openai' | 'anthropic'>> = {
  openai: 'openai',
  'text-completion-openai': 'openai',
  anthropic: 'anthropic',
};

const PriceFile = z.record(z.string(), z.record(z.string(), z.unknown()));

/** A price that cannot be right, by the vendors' own rules, and why. */
const FAULTS: readonly { field: Field; why: string; isFault: (price: Decimal, prices: Prices) => boolean }[] =
  [
    ...(['cachedInput', 'flexCachedInput', 'priorityCachedInput'] as const).map((field) => ({
      field,
      why: 'a cached token costs as much as a fresh one or more',
      isFault: (price: Decimal, { input, flexInput, priorityInput }: Prices) => {
        const fresh = { cachedInput: input, flexCachedInput: flexInput, priorityCachedInput: priorityInput }[
          field
        ];
        return fresh !== undefined && price.gte(fresh);
      },
    })),
    {
      field: 'cacheWrite',
      why: 'a token written to the cache costs less than a fresh one',
      isFault: (price, { input }) => input !== undefined && price.lt(input),
    },
    {
      // Anthropic, "Pricing", prompt caching: writes for an hour cost twice the input price (2026).
      field: 'cacheWrite1h',
      why: 'a write for an hour is not twice the input price',
      isFault: (price, { input }) => input === undefined || !price.eq(input.times(2)),
    },
  ];

type Prices = Partial<Record<Field, Decimal>>;

/** The text of the generated file, and what was left out. */
export function tokenPricesSource(json: string): { text: string; leftOut: string[] } {
  const leftOut: string[] = [];
  const rows: string[] = [];
  for (const [model, entry] of Object.entries(PriceFile.parse(parseExactJson(json))).toSorted(byName)) {
    const vendor = VENDORS[String(entry['litellm_provider'])];
    if (vendor === undefined) continue;
    const prices: Prices = {};
    for (const [field, theirs] of Object.entries(FIELDS)) {
      const price = entry[theirs];
      if (typeof price === 'string' && isField(field)) prices[field] = new Decimal(price);
    }
    for (const { field, why, isFault } of FAULTS) {
      const price = prices[field];
      if (price === undefined || !isFault(price, prices)) continue;
      delete prices[field];
      leftOut.push(`${model}: ${field} of ${price.toFixed()}: ${why}`);
    }
    const fields = Object.entries(prices).map(([field, price]) => `${field}=${price.toFixed()}`);
    if (fields.length > 0) rows.push(`${vendor} ${model} ${fields.join(' ')}`);
  }
  return { text: `${head(leftOut)}${rows.join('\n')}\n\`;\n`, leftOut };
}

function head(leftOut: readonly string[]): string {
  return `/**
 * List prices of OpenAI's and Anthropic's models by the token, in US dollars: for estimates alone, never for a bill.
 * Made by test/generate/token-prices.ts from LiteLLM's price file (github.com/BerriAI/litellm,
 * model_prices_and_context_window.json, July 2026), licence MIT. That file has no dates of its own: these are the
 * prices that it listed then.
 *
 * Left out because they cannot be right:
${leftOut.map((line) => ` * - ${line}`).join('\n')}
 */
export const TOKEN_PRICE_FIELDS = [
${Object.keys(FIELDS)
  .map((field) => `  '${field}',`)
  .join('\n')}
] as const;

/** What an estimate says of its price. */
export const TOKEN_PRICES_SOURCE = 'list price of July 2026 (LiteLLM)';

/** A line a model: vendor, model, prices. */
export const TOKEN_PRICES = \`
`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}

if (import.meta.main) {
  const json = await readFile(sharedData('prices', 'litellm_prices_trim.json'), 'utf8');
  const { text, leftOut } = tokenPricesSource(json);
  await writeFile(join(import.meta.dirname, '..', '..', 'lib', 'focus', 'data', 'token-prices.ts'), text);
  process.stdout.write(`${leftOut.join('\n')}\n`);
}
