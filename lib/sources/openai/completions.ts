import { Decimal } from '../../focus/decimal.ts';
import { count } from '../ai-vendor/answers.ts';
import type { Measure } from '../ai-vendor/model.ts';

/** Counts of UsageCompletionsResult (OpenAI's published interface, August 2026). */
export const completionFields = {
  input_tokens: count.optional(),
  input_cached_tokens: count.optional(),
  input_cache_write_tokens: count.optional(),
  output_tokens: count.optional(),
  input_text_tokens: count.optional(),
  input_audio_tokens: count.optional(),
  input_image_tokens: count.optional(),
  input_cached_text_tokens: count.optional(),
  input_cached_audio_tokens: count.optional(),
  input_cached_image_tokens: count.optional(),
  output_text_tokens: count.optional(),
  output_audio_tokens: count.optional(),
  output_image_tokens: count.optional(),
} as const;

type Told = Readonly<Partial<Record<keyof typeof completionFields, string | undefined>>>;

export interface TokenCount {
  readonly measure: Measure;
  readonly variant: string | null;
  readonly quantity: Decimal;
}

/**
 * Disjoint token counts of one result. `input_tokens` is "the aggregated number of input tokens used, including
 * cached and cache-write tokens", so what is neither is what is left of it; the four kinds add up to `input_tokens`
 * plus `output_tokens`. Text, audio and image are told apart where they add up to their kind. Throws RangeError
 * where the counts contradict each other.
 */
export function completionCounts(told: Told): TokenCount[] {
  if (told.input_tokens === undefined || told.output_tokens === undefined)
    throw new RangeError('no input_tokens or output_tokens');
  const cached = number(told.input_cached_tokens);
  const written = number(told.input_cache_write_tokens);
  const fresh = new Decimal(told.input_tokens).minus(cached).minus(written);
  if (fresh.lt(0)) throw new RangeError('more cached tokens than input tokens');
  return [
    ...byVariant('input', fresh, [told.input_text_tokens, told.input_audio_tokens, told.input_image_tokens]),
    ...byVariant('cached-input', cached, [
      told.input_cached_text_tokens,
      told.input_cached_audio_tokens,
      told.input_cached_image_tokens,
    ]),
    { measure: 'cache-write', variant: null, quantity: written },
    ...byVariant('output', number(told.output_tokens), [
      told.output_text_tokens,
      told.output_audio_tokens,
      told.output_image_tokens,
    ]),
  ];
}

const VARIANTS = ['text', 'audio', 'image'] as const;

function byVariant(measure: Measure, whole: Decimal, parts: readonly (string | undefined)[]): TokenCount[] {
  const counts = VARIANTS.map((variant, index) => ({ measure, variant, quantity: number(parts[index]) }));
  const sum = counts.reduce((total, { quantity }) => total.plus(quantity), new Decimal(0));
  return sum.eq(whole) ? counts : [{ measure, variant: null, quantity: whole }];
}

function number(text: string | undefined): Decimal {
  return new Decimal(text ?? 0);
}
