import { Decimal } from '../../focus/decimal.ts';
import type { Charge, Measure } from '../ai-vendor/model.ts';

/** What a line item of OpenAI's costs says. */
export interface LineItem {
  readonly model: string | null;
  readonly measure: Measure | null;
  readonly variant: string | null;
  readonly tier: string | null;
  readonly context: string | null;
  readonly surface: string | null;
}

const KINDS: Readonly<Record<string, Measure>> = {
  input: 'input',
  output: 'output',
  'cached input': 'cached-input',
  'cache write': 'cache-write',
  'cache writes': 'cache-write',
};
const TIERS = new Set(['priority', 'flex', 'batch', 'scale']);

const TOKENS =
  /^(?:(?<surface>[^|]+?) \| )?(?<model>[^\s,|]+)(?: (?<variant>text|audio|image))?, (?<kind>input|output|cached input|cache writes?)(?:, (?<context>[^,|]+))?$/;

/**
 * Reads a line item. OpenAI does not document its forms; those seen in answers of 2025 and 2026 are
 * `gpt-4o-2024-08-06, input`, `gpt-5.6-luna, cached input`, `gpt-5.6-luna, cache writes`,
 * `gpt-image-1 image, output`, `evals | gpt-4o-mini-2024-07-18, input` (OpenAI Cookbook, "Completions Usage API"),
 * `priority | gpt-5.6-sol, output, long context`, `ft-gpt-4o-2024-08-06, input`, `whisper` and
 * `web search tool calls`. Anything else keeps its money and is of no model.
 *
 * @param unit `quantity_unit` of the cost
 */
export function lineItem(text: string | null, unit: string | null): LineItem {
  const found = TOKENS.exec(text ?? '')?.groups;
  if (found !== undefined) {
    const surface = found['surface'] ?? null;
    const isTier = surface !== null && TIERS.has(surface.toLowerCase());
    return {
      model: found['model'] ?? null,
      measure: KINDS[found['kind'] ?? ''] ?? null,
      variant: found['variant'] ?? null,
      tier: isTier ? surface.toLowerCase() : null,
      context: found['context'] ?? null,
      surface: isTier ? null : surface,
    };
  }
  const measure = callsOf(text ?? '') ?? UNITS[unit ?? '']?.measure ?? null;
  // One word that is counted in something of a model's is the model: `whisper`, `tts-1`, `dall-e-3`.
  const isModel = measure !== null && /^[a-z0-9][a-z0-9.:_-]*$/i.test(text ?? '');
  return { model: isModel ? text : null, measure, variant: null, tier: null, context: null, surface: null };
}

function callsOf(text: string): Measure | null {
  if (/\bweb search\b.*\bcalls?\b/i.test(text)) return 'web-search-calls';
  if (/\bfile search\b.*\bcalls?\b/i.test(text)) return 'file-search-calls';
  return /\bcode interpreter\b/i.test(text) ? 'sessions' : null;
}

/** `quantity_unit` of OpenAI's interface (CostsResult, August 2026), as FOCUS writes units. */
const UNITS: Readonly<Record<string, { unit: string; times: number; measure: Measure | null }>> = {
  tokens: { unit: 'Tokens', times: 1, measure: null },
  '1000_tokens': { unit: 'Tokens', times: 1_000, measure: null },
  duration_seconds: { unit: 'Seconds', times: 1, measure: 'seconds' },
  duration_minutes: { unit: 'Seconds', times: 60, measure: 'seconds' },
  duration_hours: { unit: 'Seconds', times: 3_600, measure: 'seconds' },
  gibibyte_hours: { unit: 'GiB-Hours', times: 1, measure: null },
  images: { unit: 'Images', times: 1, measure: 'images' },
  characters: { unit: 'Characters', times: 1, measure: 'characters' },
};

/**
 * What a cost says was billed; null where it says nothing, or no unit that is known. Before there was a unit, lines
 * of tokens counted tokens (answers of June 2026 have a quantity and no `quantity_unit`).
 */
export function billedOf(
  quantity: string | null,
  unit: string | null | undefined,
  { measure, model }: LineItem,
): Charge['billed'] {
  const isTokens = model !== null && measure !== null && Object.values(KINDS).includes(measure);
  const known = UNITS[unit === undefined && isTokens ? 'tokens' : (unit ?? '')];
  if (quantity === null || known === undefined) return null;
  return { quantity: new Decimal(quantity).times(known.times), unit: known.unit };
}
