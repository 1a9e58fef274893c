import { z } from 'zod';
import { Decimal } from '../../focus/decimal.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { count, dayOf, label, reportPages } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import type { Measure, Use } from '../ai-vendor/model.ts';
import type { AiUsage } from '../ai-vendor/requests.ts';
import type { VendorPeriod } from '../ai-vendor/window.ts';
import { completionCounts, completionFields } from './completions.ts';
import { timesOf } from './costs.ts';

const Result = z.object({
  project_id: label,
  api_key_id: label,
  model: label,
  batch: z.boolean().nullish(),
  service_tier: label,
  ...completionFields,
  images: count.optional(),
  characters: count.optional(),
  seconds: count.optional(),
  usage_bytes: count.optional(),
  num_sessions: count.optional(),
  num_requests: count.optional(),
  num_model_requests: count.optional(),
});
export type UsageResult = z.output<typeof Result>;

const Bucket = z.object({ start_time: count, end_time: count, results: z.array(Result) });

interface Counts {
  readonly measure: Measure;
  readonly variant: string | null;
  readonly quantity: Decimal;
}

/** One kind of usage: its path below /organization/usage, what it can be grouped by, and what it counts. */
interface Usage {
  readonly path: string;
  readonly groupBy: readonly string[];
  readonly counts: (result: UsageResult) => Counts[];
}

const one =
  (
    field:
      | 'input_tokens'
      | 'images'
      | 'characters'
      | 'seconds'
      | 'usage_bytes'
      | 'num_sessions'
      | 'num_requests',
    measure: Measure,
  ) =>
  (result: UsageResult): Counts[] => {
    const told = result[field];
    if (told === undefined) throw new RangeError(`no ${field}`);
    return [{ measure, variant: null, quantity: new Decimal(told) }];
  };

/** Every kind of usage of OpenAI's published interface (August 2026); groupings are those that each allows. */
export const USAGES: readonly Usage[] = [
  {
    path: 'completions',
    groupBy: ['project_id', 'api_key_id', 'model', 'batch', 'service_tier'],
    counts: completionCounts,
  },
  {
    path: 'embeddings',
    groupBy: ['project_id', 'api_key_id', 'model'],
    counts: one('input_tokens', 'input'),
  },
  {
    path: 'moderations',
    groupBy: ['project_id', 'api_key_id', 'model'],
    counts: one('input_tokens', 'input'),
  },
  { path: 'images', groupBy: ['project_id', 'api_key_id', 'model'], counts: one('images', 'images') },
  {
    path: 'audio_speeches',
    groupBy: ['project_id', 'api_key_id', 'model'],
    counts: one('characters', 'characters'),
  },
  {
    path: 'audio_transcriptions',
    groupBy: ['project_id', 'api_key_id', 'model'],
    counts: one('seconds', 'seconds'),
  },
  { path: 'vector_stores', groupBy: ['project_id'], counts: one('usage_bytes', 'bytes') },
  { path: 'code_interpreter_sessions', groupBy: ['project_id'], counts: one('num_sessions', 'sessions') },
  {
    path: 'file_search_calls',
    groupBy: ['project_id', 'api_key_id'],
    counts: one('num_requests', 'file-search-calls'),
  },
  {
    path: 'web_search_calls',
    groupBy: ['project_id', 'api_key_id', 'model'],
    counts: one('num_requests', 'web-search-calls'),
  },
];

/** What is counted: what is joined with costs, and the requests that it came in. */
export interface OpenAiUsage {
  readonly uses: readonly Use[];
  readonly requests: readonly AiUsage[];
}

/**
 * All usage of a period. A kind of usage that the address does not know is told in `gaps` and left out; every other
 * refusal throws.
 */
export async function openAiUsage(
  session: VendorSession,
  period: VendorPeriod,
  context: { where: string; meter: Meter; projects: readonly string[]; gaps: Map<string, Coverage> },
): Promise<OpenAiUsage> {
  const uses: Use[] = [];
  const requests: AiUsage[] = [];
  for (const usage of USAGES) {
    try {
      const found = await usesOf(session, usage, period, context);
      uses.push(...found.uses);
      requests.push(...found.requests);
    } catch (error) {
      if (!(error instanceof BursarError) || error.code !== 'input') throw error;
      const scope = `${context.where}:usage/${usage.path}`;
      context.gaps.set(scope, { scope, status: 'not-covered', reason: error.told, asOf: null });
    }
  }
  return { uses, requests };
}

async function usesOf(
  session: VendorSession,
  { path, groupBy, counts }: Usage,
  period: VendorPeriod,
  { where, meter, projects }: { where: string; meter: Meter; projects: readonly string[] },
): Promise<OpenAiUsage> {
  const call = `openai.organization.usage.${path}`;
  const odd = (what: string) => oddAnswer(where, call, what);
  const request = {
    call,
    path: `/organization/usage/${path}`,
    query: [
      ...timesOf(period, 'usage'),
      ...groupBy.map((name): [string, string] => ['group_by', name]),
      ...projects.map((id): [string, string] => ['project_ids', id]),
    ],
  };
  const uses: Use[] = [];
  const requests: AiUsage[] = [];
  const seen = new Set<string>();
  for await (const { buckets } of reportPages(session, request, Bucket, { where, meter }))
    for (const bucket of buckets) {
      const day = dayOf({ start: Number(bucket.start_time), end: Number(bucket.end_time) }, period, odd);
      if (day === null) continue;
      for (const result of bucket.results) {
        const { project_id: subAccount, api_key_id: apiKey, model, batch, service_tier: tier } = result;
        const key = JSON.stringify([day, subAccount, apiKey, model, batch ?? null, tier]);
        if (seen.has(key)) throw odd(`usage of ${model ?? subAccount ?? path} on ${day} twice`);
        seen.add(key);
        const asked = requestsOf(result, path, day);
        if (asked !== null) requests.push(asked);
        for (const counted of countsOf(result, counts, odd))
          if (counted.quantity.gt(0))
            uses.push({
              ...counted,
              day,
              subAccount,
              apiKey,
              model,
              tier: batch === true ? 'batch' : ordinary(tier),
              context: null,
              billedElsewhere: false,
            });
      }
    }
  return { uses, requests };
}

/** Kinds of usage that are requests to a model; the others count what tools or stores did. */
const OF_MODELS = new Set([
  'completions',
  'embeddings',
  'moderations',
  'images',
  'audio_speeches',
  'audio_transcriptions',
]);

/**
 * Requests of a result and their tokens, null where nothing was asked. Completions tell all four kinds of tokens;
 * embeddings and moderations input alone; the others none (same interface).
 */
function requestsOf(result: UsageResult, kind: string, day: string): AiUsage | null {
  if (!OF_MODELS.has(kind)) return null;
  const { num_model_requests: requests, input_tokens: input, batch } = result;
  if (new Decimal(requests ?? 0).isZero() && new Decimal(input ?? 0).isZero()) return null;
  const isText = kind === 'completions';
  const [cached, written] = [result.input_cached_tokens ?? '0', result.input_cache_write_tokens ?? '0'];
  return {
    day,
    kind,
    subAccount: result.project_id,
    apiKey: result.api_key_id,
    model: result.model,
    tier: ordinary(result.service_tier),
    batch: batch ?? null,
    requests: requests ?? null,
    input: isText ? new Decimal(input ?? 0).minus(cached).minus(written).toFixed() : (input ?? null),
    cachedInput: isText ? cached : null,
    cacheWrite: isText ? written : null,
    output: isText ? (result.output_tokens ?? null) : null,
  };
}

function countsOf(
  result: UsageResult,
  counts: Usage['counts'],
  odd: (what: string) => BursarError,
): Counts[] {
  try {
    return counts(result);
  } catch (error) {
    if (error instanceof RangeError) throw odd(`usage with ${error.message}`);
    throw error;
  }
}

/** The tier that a line item does not name: `default` of the request's `service_tier` (OpenAI API reference). */
function ordinary(tier: string | null): string | null {
  return tier === 'default' ? null : tier;
}
