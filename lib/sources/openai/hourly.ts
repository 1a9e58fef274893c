import { z } from 'zod';
import { count, label, reportPages } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import { type HourlyFeed, type HourlyUse, hourOf } from '../ai-vendor/hourly.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import { completionCounts, completionFields } from './completions.ts';

const CALL = 'openai.organization.usage.completions';
/** Hours a page may hold (OpenAI's published interface, `limit`, August 2026). */
const PAGE = '168';

const Result = z.object({
  project_id: label,
  model: label,
  batch: z.boolean().nullish(),
  service_tier: label,
  ...completionFields,
});
const Bucket = z.object({ start_time: count, end_time: count, results: z.array(Result) });

/** Completions an hour, by project and model: what a loop of an agent burns. Other kinds of usage are left out. */
export function openAiHourly(id: string, session: VendorSession, projects: readonly string[]): HourlyFeed {
  const where = `usage:${id}`;
  const odd = (what: string) => oddAnswer(where, CALL, what);
  return {
    id,
    vendor: 'openai',
    async usage({ start, end }, meter) {
      const request = {
        call: CALL,
        path: '/organization/usage/completions',
        query: [
          ['start_time', String(start.getTime() / 1000)],
          ['end_time', String(end.getTime() / 1000)],
          ['bucket_width', '1h'],
          ['limit', PAGE],
          ...['project_id', 'model', 'batch', 'service_tier'].map((name) => ['group_by', name] as const),
          ...projects.map((project) => ['project_ids', project] as const),
        ] as const,
      };
      const uses: HourlyUse[] = [];
      for await (const { buckets } of reportPages(session, request, Bucket, { where, meter }))
        for (const bucket of buckets) {
          const at = hourOf(Number(bucket.start_time), Number(bucket.end_time), odd);
          for (const result of bucket.results)
            for (const { measure, variant, quantity } of countsOf(result, odd))
              if (quantity.gt(0))
                uses.push({
                  at,
                  subAccount: result.project_id,
                  model: result.model,
                  measure,
                  variant,
                  tier:
                    result.batch === true
                      ? 'batch'
                      : result.service_tier === 'default'
                        ? null
                        : result.service_tier,
                  context: null,
                  tokens: quantity,
                });
        }
      return uses;
    },
  };
}

function countsOf(result: z.output<typeof Result>, odd: (what: string) => Error) {
  try {
    return completionCounts(result);
  } catch (error) {
    if (error instanceof RangeError) throw odd(`usage with ${error.message}`);
    throw error;
  }
}
