import { z } from 'zod';
import { Decimal } from '../../lib/focus/decimal.ts';
import {
  type Answer,
  type Asked,
  DAY,
  dayStart,
  daysBetween,
  type VendorServer,
  vendorServer,
} from '../sources/ai-vendor/server.ts';

/*
 * Anthropic's Usage and Cost API as a fake, for there is no machine-readable interface of it at hand. Written after
 * the published reference, "Get Cost Report" and "Get Messages Usage Report" of the Admin API, and "Usage and Cost
 * API" (platform.claude.com/docs, as of November 2026). Requests with a parameter that the reference does not name,
 * and answers that are not of its form, are refused.
 */

/** What was used and what it cost, for both reports. */
export interface AnthropicEvent {
  readonly day: string;
  readonly workspace: string | null;
  readonly key: string | null;
  readonly model: string;
  readonly tier?: string;
  readonly context?: '0-200k' | '200k-1M';
  readonly tokens: Partial<Record<TokenType, number>>;
  readonly searches?: number;
  /** US dollars a million tokens, by type; a tier that the cost report leaves out has none. */
  readonly prices?: Partial<Record<TokenType, string>>;
}

const TOKEN_TYPES = [
  'uncached_input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens',
] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A cost that is no token's: web search, code execution. */
export interface AnthropicCost {
  readonly day: string;
  readonly workspace: string | null;
  /** Cents. */
  readonly amount: string;
  readonly type: 'web_search' | 'code_execution' | 'session_usage';
  readonly description: string;
}

export interface AnthropicWorld {
  readonly events: readonly AnthropicEvent[];
  readonly costs?: readonly AnthropicCost[];
  readonly workspaces?: Readonly<Record<string, string>>;
  /** Days a page. */
  readonly pageDays?: number;
  /** Answers instead of the world's, null where the world shall answer. */
  readonly instead?: (asked: Asked, index: number) => Answer | null;
}

const ORGANISATION = { id: '12345678-1234-5678-1234-567812345678', type: 'organization', name: 'Acme' };

/** Answers for an organisation of which all is known. */
export function anthropicFake(world: AnthropicWorld): Promise<VendorServer> {
  return vendorServer((asked, index) => {
    const given = world.instead?.(asked, index) ?? null;
    if (given !== null) return given;
    const key = asked.headers['x-api-key'];
    if (key !== 'sk-ant-admin01-test') return refused(401, 'authentication_error', 'invalid x-api-key');
    if (asked.headers['anthropic-version'] !== '2023-06-01')
      return refused(400, 'invalid_request_error', 'anthropic-version: header is required');
    switch (asked.path) {
      case '/v1/organizations/me':
        return { body: ORGANISATION };
      case '/v1/organizations/workspaces':
        return { body: workspaces(world, ListQuery.parse(once(asked.query))) };
      case '/v1/organizations/cost_report':
        return { body: page(world, CostQuery.parse(many(asked.query)), CostResult, costsOf) };
      case '/v1/organizations/usage_report/messages':
        return { body: page(world, UsageQuery.parse(many(asked.query)), UsageResult, usageOf) };
      default:
        return refused(404, 'not_found_error', 'Not found');
    }
  });
}

function refused(status: number, type: string, message: string): Answer {
  return { status, body: { type: 'error', error: { type, message } } };
}

const time = z.array(z.iso.datetime()).length(1);
const ReportQuery = {
  starting_at: time,
  ending_at: time.optional(),
  limit: z.array(z.coerce.number().int().min(1).max(31)).length(1).optional(),
  page: z.array(z.string()).length(1).optional(),
};
const CostQuery = z.strictObject({
  ...ReportQuery,
  bucket_width: z.array(z.literal('1d')).length(1).optional(),
  'group_by[]': z.array(z.enum(['workspace_id', 'description'])).default([]),
});
const UsageQuery = z.strictObject({
  ...ReportQuery,
  bucket_width: z
    .array(z.enum(['1d', '1h', '1m']))
    .length(1)
    .optional(),
  'group_by[]': z
    .array(z.enum(['api_key_id', 'workspace_id', 'model', 'service_tier', 'context_window']))
    .default([]),
});
type Query = z.output<typeof CostQuery> | z.output<typeof UsageQuery>;
const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  include_archived: z.enum(['true', 'false']).default('false'),
  after_id: z.string().optional(),
});

const orNull = <T extends z.ZodType>(type: T) => type.nullable();
const CostResult = z.strictObject({
  amount: z.string().regex(/^-?\d+(\.\d+)?$/),
  currency: z.literal('USD'),
  workspace_id: orNull(z.string()),
  description: orNull(z.string()),
  cost_type: orNull(z.enum(['tokens', 'web_search', 'code_execution', 'session_usage'])),
  model: orNull(z.string()),
  token_type: orNull(z.enum(TOKEN_TYPES)),
  service_tier: orNull(z.enum(['standard', 'batch'])),
  context_window: orNull(z.enum(['0-200k', '200k-1M'])),
  inference_geo: orNull(z.string()),
});
const whole = z.int().min(0);
const UsageResult = z.strictObject({
  uncached_input_tokens: whole,
  cache_read_input_tokens: whole,
  cache_creation: z.strictObject({ ephemeral_1h_input_tokens: whole, ephemeral_5m_input_tokens: whole }),
  output_tokens: whole,
  server_tool_use: z.strictObject({ web_search_requests: whole }),
  api_key_id: orNull(z.string()),
  workspace_id: orNull(z.string()),
  model: orNull(z.string()),
  service_tier: orNull(
    z.enum(['standard', 'batch', 'priority', 'priority_on_demand', 'flex', 'flex_discount']),
  ),
  context_window: orNull(z.enum(['0-200k', '200k-1M'])),
});

function page<Result>(
  world: AnthropicWorld,
  query: Query,
  result: z.ZodType<Result>,
  resultsOf: (world: AnthropicWorld, day: string, groupBy: readonly string[]) => Result[],
) {
  const first = dayStart((query.page?.[0] ?? query.starting_at[0] ?? '').replace(/^page_/, '').slice(0, 10));
  const end = dayStart((query.ending_at?.[0] ?? '2100-01-01').slice(0, 10));
  const limit = Math.min(query.limit?.[0] ?? 7, world.pageDays ?? 31);
  const days = daysBetween(first, end).slice(0, limit);
  const next = first + days.length * DAY;
  return {
    data: days.map((start) => ({
      starting_at: rfc(start),
      ending_at: rfc(start + DAY),
      results: z.array(result).parse(resultsOf(world, rfc(start).slice(0, 10), query['group_by[]'])),
    })),
    has_more: next < end,
    next_page: next < end ? `page_${rfc(next)}` : null,
  };
}

function rfc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function costsOf({ events, costs = [] }: AnthropicWorld, day: string, groupBy: readonly string[]) {
  const byWorkspace = groupBy.includes('workspace_id');
  const byDescription = groupBy.includes('description');
  const sums = new Map<string, z.output<typeof CostResult>>();
  const add = (result: z.output<typeof CostResult>) => {
    const { amount, ...place } = result;
    const before = sums.get(JSON.stringify(place))?.amount ?? '0';
    sums.set(JSON.stringify(place), { ...place, amount: new Decimal(before).plus(amount).toFixed() });
  };
  for (const event of events.filter((each) => each.day === day))
    for (const type of TOKEN_TYPES) {
      const price = event.prices?.[type];
      const tokens = event.tokens[type] ?? 0;
      if (price === undefined || tokens === 0) continue;
      const tier = event.tier ?? 'standard';
      add({
        // A price a million tokens in dollars is a price a ten-thousandth of that in cents.
        amount: new Decimal(price).times(tokens).div(10_000).toFixed(),
        currency: 'USD',
        workspace_id: byWorkspace ? event.workspace : null,
        description: byDescription ? `${event.model} Usage - ${type}` : null,
        cost_type: byDescription ? 'tokens' : null,
        model: byDescription ? event.model : null,
        token_type: byDescription ? type : null,
        service_tier: byDescription ? z.enum(['standard', 'batch']).parse(tier) : null,
        context_window: byDescription ? (event.context ?? '0-200k') : null,
        inference_geo: null,
      });
    }
  for (const cost of costs.filter((each) => each.day === day))
    add({
      amount: cost.amount,
      currency: 'USD',
      workspace_id: byWorkspace ? cost.workspace : null,
      description: byDescription ? cost.description : null,
      cost_type: byDescription ? cost.type : null,
      model: null,
      token_type: null,
      service_tier: null,
      context_window: null,
      inference_geo: null,
    });
  return [...sums.values()];
}

function usageOf({ events }: AnthropicWorld, day: string, groupBy: readonly string[]) {
  const place = (event: AnthropicEvent) => ({
    api_key_id: groupBy.includes('api_key_id') ? event.key : null,
    workspace_id: groupBy.includes('workspace_id') ? event.workspace : null,
    model: groupBy.includes('model') ? event.model : null,
    service_tier: groupBy.includes('service_tier') ? (event.tier ?? 'standard') : null,
    context_window: groupBy.includes('context_window') ? (event.context ?? '0-200k') : null,
  });
  const groups = Map.groupBy(
    events.filter((event) => event.day === day),
    (event) => JSON.stringify(place(event)),
  );
  return [...groups].map(([, group]) => {
    const sum = (type: TokenType) => group.reduce((total, { tokens }) => total + (tokens[type] ?? 0), 0);
    const [first] = group;
    if (first === undefined) throw new Error('a group has an event');
    return UsageResult.parse({
      uncached_input_tokens: sum('uncached_input_tokens'),
      cache_read_input_tokens: sum('cache_read_input_tokens'),
      cache_creation: {
        ephemeral_1h_input_tokens: sum('cache_creation.ephemeral_1h_input_tokens'),
        ephemeral_5m_input_tokens: sum('cache_creation.ephemeral_5m_input_tokens'),
      },
      output_tokens: sum('output_tokens'),
      server_tool_use: {
        web_search_requests: group.reduce((total, { searches }) => total + (searches ?? 0), 0),
      },
      ...place(first),
    });
  });
}

function workspaces(
  { workspaces: all = {} }: AnthropicWorld,
  { limit, after_id }: z.output<typeof ListQuery>,
) {
  const ids = Object.keys(all).toSorted();
  const from = after_id === undefined ? 0 : ids.indexOf(after_id) + 1;
  const shown = ids.slice(from, from + limit);
  return {
    data: shown.map((id) => ({ id, type: 'workspace', name: all[id], archived_at: null })),
    has_more: from + limit < ids.length,
    first_id: shown[0] ?? null,
    last_id: shown.at(-1) ?? null,
  };
}

const once = (query: URLSearchParams) => Object.fromEntries(query);
const many = (query: URLSearchParams) =>
  Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key)]));
