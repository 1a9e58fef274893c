import { z } from 'zod';
import { Decimal } from '../../focus/decimal.ts';
import { reportPages } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import { type HourlyFeed, type HourlyUse, hourOf } from '../ai-vendor/hourly.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import { rfc3339 } from '../ai-vendor/window.ts';
import { secondsOf } from './costs.ts';
import { USAGE_CALL, UsageResult, usageCounts } from './usage.ts';

/** Hours a page may hold (Anthropic API reference, "Get Messages Usage Report", `limit`, 2026). */
const PAGE = '168';

const Bucket = z.object({ starting_at: z.string(), ending_at: z.string(), results: z.array(UsageResult) });

/** Tokens of messages an hour, by workspace and model. */
export function anthropicHourly(id: string, session: VendorSession): HourlyFeed {
  const where = `usage:${id}`;
  const odd = (what: string) => oddAnswer(where, USAGE_CALL, what);
  return {
    id,
    vendor: 'anthropic',
    async usage({ start, end }, meter) {
      const request = {
        call: USAGE_CALL,
        path: '/organizations/usage_report/messages',
        query: [
          ['starting_at', rfc3339(start.getTime() / 1000)],
          ['ending_at', rfc3339(end.getTime() / 1000)],
          ['bucket_width', '1h'],
          ['limit', PAGE],
          ...['workspace_id', 'model', 'service_tier', 'context_window'].map(
            (name) => ['group_by[]', name] as const,
          ),
        ] as const,
      };
      const uses: HourlyUse[] = [];
      for await (const { buckets } of reportPages(session, request, Bucket, { where, meter }))
        for (const bucket of buckets) {
          const seconds = secondsOf(bucket);
          const at = hourOf(seconds.start, seconds.end, odd);
          for (const result of bucket.results)
            for (const { measure, variant, text } of usageCounts(result)) {
              const tokens = new Decimal(text);
              if (tokens.isZero() || measure === 'web-search-calls') continue;
              const { workspace_id: subAccount, model, service_tier: tier, context_window: context } = result;
              uses.push({ at, subAccount, model, measure, variant, tier, context, tokens });
            }
        }
      return uses;
    },
  };
}
