import { z } from 'zod';
import { Decimal } from '../../focus/decimal.ts';
import type { Meter } from '../../platform/meter.ts';
import { count, dayOf, label, reportPages } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import type { Measure, Use } from '../ai-vendor/model.ts';
import type { AiUsage } from '../ai-vendor/requests.ts';
import type { VendorPeriod } from '../ai-vendor/window.ts';
import { secondsOf, timesOf } from './costs.ts';

export const USAGE_CALL = 'anthropic.organizations.usage_report.messages';

/** Tiers whose cost the cost report tells (`service_tier` of a cost is `standard` or `batch`, same reference). */
export const COSTED_TIERS: ReadonlySet<string> = new Set(['standard', 'batch']);

/** A result with every grouping (Anthropic API reference, "Get Messages Usage Report", 2026). */
export const UsageResult = z.object({
  uncached_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count }).nullish(),
  output_tokens: count,
  server_tool_use: z.object({ web_search_requests: count }).nullish(),
  api_key_id: label,
  workspace_id: label,
  model: label,
  service_tier: label,
  context_window: label,
});
const Bucket = z.object({ starting_at: z.string(), ending_at: z.string(), results: z.array(UsageResult) });

const GROUPINGS = ['api_key_id', 'workspace_id', 'model', 'service_tier', 'context_window'];

/**
 * All usage of a period by key, workspace, model, tier and context window. Its kinds of tokens are disjoint. How many
 * requests they came in, the report does not tell (Anthropic API reference, "Get Messages Usage Report", 2026).
 */
export async function anthropicUsage(
  session: VendorSession,
  period: VendorPeriod,
  { where, meter }: { where: string; meter: Meter },
): Promise<{ uses: Use[]; requests: AiUsage[] }> {
  const odd = (what: string) => oddAnswer(where, USAGE_CALL, what);
  const uses: Use[] = [];
  const requests: AiUsage[] = [];
  const seen = new Set<string>();
  const request = {
    call: USAGE_CALL,
    path: '/organizations/usage_report/messages',
    query: [...timesOf(period), ...GROUPINGS.map((name): [string, string] => ['group_by[]', name])],
  };
  for await (const { buckets } of reportPages(session, request, Bucket, { where, meter }))
    for (const bucket of buckets) {
      const day = dayOf(secondsOf(bucket), period, odd);
      if (day === null) continue;
      for (const result of bucket.results) {
        const place = {
          day,
          subAccount: result.workspace_id,
          apiKey: result.api_key_id,
          model: result.model,
          tier: result.service_tier,
          context: result.context_window,
        };
        const key = JSON.stringify(Object.values(place));
        if (seen.has(key)) throw odd(`usage of ${place.model ?? 'a model'} on ${day} twice`);
        seen.add(key);
        requests.push(requestsOf(result, day));
        for (const { measure, variant, text } of usageCounts(result)) {
          const quantity = new Decimal(text);
          if (quantity.isZero()) continue;
          const billedElsewhere = place.tier !== null && !COSTED_TIERS.has(place.tier);
          uses.push({ ...place, measure, variant, quantity, billedElsewhere });
        }
      }
    }
  return { uses, requests };
}

function requestsOf(result: z.output<typeof UsageResult>, day: string): AiUsage {
  const { cache_creation: written } = result;
  return {
    day,
    kind: 'messages',
    subAccount: result.workspace_id,
    apiKey: result.api_key_id,
    model: result.model,
    tier: result.service_tier,
    batch: result.service_tier === null ? null : result.service_tier === 'batch',
    requests: null,
    input: result.uncached_input_tokens,
    cachedInput: result.cache_read_input_tokens,
    cacheWrite: new Decimal(written?.ephemeral_5m_input_tokens ?? 0)
      .plus(written?.ephemeral_1h_input_tokens ?? 0)
      .toFixed(),
    output: result.output_tokens,
  };
}

/** Its disjoint counts. */
export function usageCounts(
  result: z.output<typeof UsageResult>,
): { measure: Measure; variant: string | null; text: string }[] {
  const { cache_creation: written, server_tool_use: tools } = result;
  return [
    { measure: 'input', variant: null, text: result.uncached_input_tokens },
    { measure: 'cached-input', variant: null, text: result.cache_read_input_tokens },
    { measure: 'cache-write', variant: '5m', text: written?.ephemeral_5m_input_tokens ?? '0' },
    { measure: 'cache-write', variant: '1h', text: written?.ephemeral_1h_input_tokens ?? '0' },
    { measure: 'output', variant: null, text: result.output_tokens },
    { measure: 'web-search-calls', variant: null, text: tools?.web_search_requests ?? '0' },
  ];
}
