import { z } from 'zod';
import { Decimal } from '../../focus/decimal.ts';
import type { Meter } from '../../platform/meter.ts';
import { dayOf, label, numeric, reportPages } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import type { Charge, Measure } from '../ai-vendor/model.ts';
import { rfc3339, type VendorPeriod } from '../ai-vendor/window.ts';

export const COSTS_CALL = 'anthropic.organizations.cost_report';

/** A result grouped by workspace and description (Anthropic API reference, "Get Cost Report", 2026). */
const Bucket = z.object({
  starting_at: z.string(),
  ending_at: z.string(),
  results: z.array(
    z.object({
      amount: numeric,
      currency: z.string().regex(/^[a-zA-Z]{3}$/),
      workspace_id: label,
      description: label,
      cost_type: label,
      model: label,
      token_type: label,
      service_tier: label,
      context_window: label,
      inference_geo: label,
    }),
  ),
});

/** `token_type` of a cost, as the kinds of tokens that we tell apart. */
const TOKEN_TYPES: Readonly<Record<string, { measure: Measure; variant: string | null }>> = {
  uncached_input_tokens: { measure: 'input', variant: null },
  output_tokens: { measure: 'output', variant: null },
  cache_read_input_tokens: { measure: 'cached-input', variant: null },
  'cache_creation.ephemeral_5m_input_tokens': { measure: 'cache-write', variant: '5m' },
  'cache_creation.ephemeral_1h_input_tokens': { measure: 'cache-write', variant: '1h' },
};

/** All costs of a period. The report has no keys: whose key it was is told by usage alone. */
export async function anthropicCosts(
  session: VendorSession,
  period: VendorPeriod,
  { where, meter }: { where: string; meter: Meter },
): Promise<Charge[]> {
  const odd = (what: string) => oddAnswer(where, COSTS_CALL, what);
  const charges: Charge[] = [];
  const seen = new Set<string>();
  const request = {
    call: COSTS_CALL,
    path: '/organizations/cost_report',
    query: [
      ...timesOf(period),
      ...['workspace_id', 'description'].map((name): [string, string] => ['group_by[]', name]),
    ],
  };
  for await (const { buckets } of reportPages(session, request, Bucket, { where, meter }))
    for (const bucket of buckets) {
      const day = dayOf(secondsOf(bucket), period, odd);
      if (day === null) continue;
      for (const { amount, currency, description, ...result } of bucket.results) {
        const key = JSON.stringify([day, description, currency, Object.values(result)]);
        if (seen.has(key))
          throw odd(`${description ?? 'a cost'} on ${day} twice, which would count it double`);
        seen.add(key);
        charges.push({
          ...kindOf(result.token_type, result.cost_type),
          day,
          subAccount: result.workspace_id,
          apiKey: null,
          model: result.model,
          tier: result.service_tier,
          context: result.context_window,
          surface: null,
          amount: wholeUnits(amount),
          currency: currency.toUpperCase(),
          description,
          billed: null,
        });
      }
    }
  return charges;
}

function kindOf(tokenType: string | null, costType: string | null): Pick<Charge, 'measure' | 'variant'> {
  const found = tokenType === null ? undefined : TOKEN_TYPES[tokenType];
  return found ?? { measure: costType === 'web_search' ? 'web-search-calls' : null, variant: null };
}

/**
 * "Cost amount in lowest currency units (e.g. cents) as a decimal string" (same reference): dollars are a hundredth,
 * exactly. Whatever is too long for the table stays as long as it is.
 */
function wholeUnits(cents: string): string {
  // By its exponent and not by a division, which would round what has more digits than arithmetic keeps.
  const [digits, exponent = '0'] = cents.toLowerCase().split('e');
  return new Decimal(`${digits}e${Number(exponent) - 2}`).toFixed();
}

/** A page may hold 31 days (`limit`, both reports): a month is one page. */
export function timesOf({ start, end }: VendorPeriod): [string, string][] {
  return [
    ['starting_at', rfc3339(start)],
    ['ending_at', rfc3339(end)],
    ['bucket_width', '1d'],
    ['limit', '31'],
  ];
}

/** A bucket's bounds as Unix seconds. */
export function secondsOf({ starting_at, ending_at }: { starting_at: string; ending_at: string }) {
  return { start: Date.parse(starting_at) / 1000, end: Date.parse(ending_at) / 1000 };
}
