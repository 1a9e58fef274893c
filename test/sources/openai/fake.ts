import {
  type Answer,
  type Asked,
  DAY,
  dayStart,
  daysBetween,
  toJson,
  type VendorServer,
  vendorServer,
} from '../ai-vendor/server.ts';
import { openAiInterface } from './schema.ts';

/** A result as OpenAI gives it, on its day. */
export interface Dated {
  readonly day: string;
  readonly [field: string]: unknown;
}

export interface OpenAiWorld {
  readonly costs?: readonly Dated[];
  /** By the path below /organization/usage: `completions`. */
  readonly usage?: Readonly<Record<string, readonly Dated[]>>;
  readonly projects?: Readonly<Record<string, string>>;
  /** Days a page. */
  readonly pageDays?: number;
  /** Answers instead of the world's, null where the world shall answer. */
  readonly instead?: (asked: Asked, index: number) => Answer | null;
  /** True where answers are as OpenAI gives them but not as it documents them (amounts as text). */
  readonly undocumented?: boolean;
}

const OBJECTS: Readonly<Record<string, string>> = {
  costs: 'organization.costs.result',
  file_search_calls: 'organization.usage.file_searches.result',
  web_search_calls: 'organization.usage.web_searches.result',
};

/** OpenAI's costs and usage of a known world. Requests and answers are checked against its published interface. */
export function openAiFake(world: OpenAiWorld): Promise<VendorServer> {
  const spec = openAiInterface();
  return vendorServer((asked, index) => {
    const given = world.instead?.(asked, index) ?? null;
    if (given !== null) return given;
    if (asked.headers.authorization !== 'Bearer sk-admin-test')
      return {
        status: 401,
        body: { error: { message: 'Incorrect API key provided', type: 'invalid_request_error' } },
      };
    const path = asked.path.replace(/^\/v1/, '');
    const faults = spec.requestFaults(path, asked.query);
    if (faults === null) return { status: 404, body: { error: { message: `no ${path}` } } };
    if (faults.length > 0) throw new Error(`${path}: ${faults.join('; ')}`);
    const body = path === '/organization/projects' ? projects(world) : report(world, path, asked.query);
    const text = toJson(body);
    const wrong = world.undocumented === true ? [] : spec.answerFaults(path, JSON.parse(text));
    if (wrong.length > 0) throw new Error(`the answer to ${path}: ${wrong.join('; ')}`);
    return { body: text, headers: { 'openai-organization': 'org-acme' } };
  });
}

function report(world: OpenAiWorld, path: string, query: URLSearchParams) {
  const kind = path.split('/').at(-1) ?? '';
  const all = kind === 'costs' ? (world.costs ?? []) : (world.usage?.[kind] ?? []);
  const only = query.getAll('project_ids');
  const first = Number(query.get('page')?.replace('page_', '') ?? query.get('start_time'));
  const end = Number(query.get('end_time'));
  const days = daysBetween(first, end).slice(
    0,
    Math.min(Number(query.get('limit') ?? 7), world.pageDays ?? 180),
  );
  const next = first + days.length * DAY;
  return {
    object: 'page',
    data: days.map((start) => ({
      object: 'bucket',
      start_time: start,
      end_time: start + DAY,
      results: all
        .filter(
          ({ day, project_id: id }) =>
            dayStart(day) === start && (only.length === 0 || only.includes(String(id))),
        )
        .map((dated) => ({
          object: OBJECTS[kind] ?? `organization.usage.${kind}.result`,
          ...without(dated, 'day'),
        })),
    })),
    has_more: next < end,
    next_page: next < end ? `page_${next}` : null,
  };
}

function projects({ projects: all = {} }: OpenAiWorld) {
  const data = Object.entries(all).map(([id, name]) => ({
    id,
    object: 'organization.project',
    name,
    created_at: 1_711_471_533,
    archived_at: null,
    status: 'active',
  }));
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: false,
  };
}

/** A cost of an ordinary line. */
export function cost(
  day: string,
  line: string,
  value: string | number,
  more: Record<string, unknown> = {},
): Dated {
  return {
    day,
    amount: { value, currency: 'usd' },
    line_item: line,
    project_id: 'proj_chat',
    api_key_id: 'key_a',
    ...more,
  };
}

/** Usage of completions. */
export function completions(
  day: string,
  model: string,
  tokens: { input: number; cached?: number; written?: number; output: number },
  more: Record<string, unknown> = {},
): Dated {
  const { input, cached, written, output } = tokens;
  return {
    day,
    model,
    input_tokens: input,
    output_tokens: output,
    ...(cached === undefined ? {} : { input_cached_tokens: cached }),
    ...(written === undefined ? {} : { input_cache_write_tokens: written }),
    num_model_requests: 1,
    project_id: 'proj_chat',
    api_key_id: 'key_a',
    batch: false,
    service_tier: 'default',
    ...more,
  };
}

function without(record: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
