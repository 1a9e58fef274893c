import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Alert } from '../../../lib/ledger/alerts/model.ts';
import { listAlerts } from '../../../lib/ledger/alerts/store.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { watchAi } from '../../../lib/run/alerts/runaway.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import { watchSweep } from '../../../lib/run/sweep/watch.ts';
import type { HourlyFeed } from '../../../lib/sources/ai-vendor/hourly.ts';
import { vendorSession } from '../../../lib/sources/ai-vendor/http.ts';
import { anthropicHourly } from '../../../lib/sources/anthropic/hourly.ts';
import { openAiHourly } from '../../../lib/sources/openai/hourly.ts';
import { describeWithShared } from '../../shared.ts';
import { type Answer, type VendorServer, vendorServer } from '../../sources/ai-vendor/server.ts';
import { openAiInterface } from '../../sources/openai/schema.ts';
import { type World, world } from '../sweep/world.ts';

const HOUR = 3600;
/** Hours a page of both vendors holds at most. */
const PAGE = 168;

/** Tokens of output in an hour (Unix seconds), by project or workspace. */
type Burned = (at: number, place: string) => number;

let server: VendorServer;
let w: World;
let burned: Burned;
let failing: Answer | null;

beforeEach(async () => {
  w = world([]);
  burned = () => 100_000;
  failing = null;
  server = await vendorServer(({ path, query }) => {
    if (failing !== null) return failing;
    return path.startsWith('/v1/organizations/') ? ofAnthropic(query) : ofOpenAi(path, query);
  });
});
afterEach(() => server[Symbol.asyncDispose]());

/** Every hour of a page, and where the next one begins. */
function hoursOf(start: number, end: number): { hours: number[]; next: number | null } {
  const all = Math.min(PAGE, Math.round((end - start) / HOUR));
  const hours = Array.from({ length: all }, (_, at) => start + at * HOUR);
  const next = start + all * HOUR;
  return { hours, next: next < end ? next : null };
}

function ofOpenAi(path: string, query: URLSearchParams): Answer {
  const spec = openAiInterface();
  const faults = spec.requestFaults(path.replace(/^\/v1/, ''), query);
  if (faults === null || faults.length > 0) throw new Error(`${path}: ${faults?.join('; ')}`);
  const start = Number(query.get('page') ?? query.get('start_time'));
  const { hours, next } = hoursOf(start, Number(query.get('end_time')));
  const body = {
    object: 'page',
    data: hours.map((at) => ({
      object: 'bucket',
      start_time: at,
      end_time: at + HOUR,
      results: ['proj_chat', 'proj_search'].map((project) => ({
        object: 'organization.usage.completions.result',
        input_tokens: 10,
        output_tokens: burned(at, project),
        num_model_requests: 1,
        project_id: project,
        model: 'gpt-4o-2024-08-06',
        batch: false,
        service_tier: 'default',
      })),
    })),
    has_more: next !== null,
    next_page: next === null ? null : String(next),
  };
  const wrong = spec.answerFaults('/organization/usage/completions', body);
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  return { body };
}

const iso = (at: number) => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;

function ofAnthropic(query: URLSearchParams): Answer {
  if (query.get('bucket_width') !== '1h' || query.get('limit') !== String(PAGE)) throw new Error('no hours');
  const start = Number(query.get('page') ?? Date.parse(query.get('starting_at') ?? '') / 1000);
  const { hours, next } = hoursOf(start, Date.parse(query.get('ending_at') ?? '') / 1000);
  return {
    body: {
      data: hours.map((at) => ({
        starting_at: iso(at),
        ending_at: iso(at + HOUR),
        results: [
          {
            uncached_input_tokens: 0,
            cache_read_input_tokens: 0,
            cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
            output_tokens: burned(at, 'wrkspc_a'),
            server_tool_use: { web_search_requests: 0 },
            api_key_id: null,
            workspace_id: 'wrkspc_a',
            model: 'claude-sonnet-4-20250514',
            service_tier: 'standard',
            context_window: '0-200k',
          },
        ],
      })),
      has_more: next !== null,
      next_page: next === null ? null : String(next),
    },
  };
}

function feedOf(vendor: 'openai' | 'anthropic'): HourlyFeed {
  const session = vendorSession({
    where: `bill:${vendor}`,
    vendor,
    address: `${server.url}/v1`,
    keyHint: 'a key',
    headers: async () => ({}),
    attempts: 1,
  });
  return vendor === 'openai' ? openAiHourly('openai', session, []) : anthropicHourly('anthropic', session);
}

const SETTINGS = {
  runawayMinimum: '50',
  runawayTokens: 10_000_000,
  runawayAtOnce: false,
  expectedDays: 30,
  escalate: '#escalate',
  escalateAfter: 8,
  fallback: '#finops',
};

const owners: Readonly<Record<string, string>> = { proj_chat: 'ana@acme.example' };

function ownerOf({ accountId }: { readonly accountId: string }) {
  const id = owners[accountId];
  return id === undefined ? null : ({ id, source: 'account', confidence: 'medium' } as const);
}

/** A sweep that watches these vendors. */
async function swept(...vendors: readonly ('openai' | 'anthropic')[]) {
  return await sweptWith(SETTINGS, vendors);
}

async function sweptWith(settings: typeof SETTINGS, vendors: readonly ('openai' | 'anthropic')[]) {
  const parts = w.parts();
  const watched = { ledger: w.ledger, feeds: vendors.map(feedOf), settings, ownerOf };
  return await sweep({ ...parts, watchAi: (runId, now) => watchAi(watched, runId, now) }, 'warn');
}

const alerts = async (): Promise<Alert[]> => await listAlerts(w.ledger);
/** The running hour of the world, as Unix seconds. */
const running = () => Math.floor(w.now().getTime() / 3_600_000) * HOUR;

describeWithShared('runaway AI usage', () => {
  test('is told once, at once, to the owner of the project and to the channel, with money marked as an estimate', async () => {
    const loop = running() - HOUR;
    burned = (at, place) => (place === 'proj_chat' && at === loop ? 20_000_000 : 100_000);
    const { lines, faults } = await swept('openai');
    expect(faults).toEqual([]);
    expect(lines.map(({ did, told }) => [did, told])).toEqual([
      ['warned', 'ana@acme.example'],
      ['warned', '#finops'],
    ]);
    const [alert, ...others] = await alerts();
    expect(others).toEqual([]);
    // 20 million tokens of output at the list price of gpt-4o-2024-08-06, $10 a million, less the usual dollar.
    expect(alert).toMatchObject({
      kind: 'runaway',
      subject: { vendor: 'openai', account: 'proj_chat' },
      firstDay: new Date(loop * 1000).toISOString(),
      money: { amount: '199', currency: 'USD' },
      causes: ['model gpt-4o-2024-08-06, 100% of the estimate'],
      blindSpots: [],
    });
    const text = w.said.map((each) => each.text).join('\n');
    expect(text).toContain('Estimated at list price: ');
    expect(text).toContain('An estimate before any bill');
    // Within the hour nobody is asked again, and later it is the same thing.
    const asked = server.asked.length;
    w.pass(15);
    await swept('openai');
    expect(server.asked.length).toBe(asked);
    w.pass(45);
    await swept('openai');
    expect(server.asked.length).toBeGreaterThan(asked);
    expect(w.said.filter(({ how }) => how === 'deliver')).toHaveLength(2);
    expect(await alerts()).toMatchObject([{ id: alert?.id }]);
  });

  test('is closed after six quiet hours, and a later one is another alert', async () => {
    const first = running();
    const spikes = new Set([first]);
    burned = (at) => (spikes.has(at) ? 60_000_000 : 100_000);
    await swept('anthropic');
    expect(await alerts()).toMatchObject([{ state: 'open', money: { amount: '898.5' } }]);
    w.pass(8 * 60);
    await swept('anthropic');
    expect(await alerts()).toMatchObject([{ state: 'closed' }]);
    w.pass(60);
    spikes.add(running());
    await swept('anthropic');
    expect((await alerts()).map(({ state }) => state).toSorted()).toEqual(['closed', 'open']);
    // Each is told once, to the channel: nobody is known to own the workspace.
    expect(w.said.filter(({ how, to }) => how === 'deliver' && to === '#finops')).toHaveLength(2);
  });

  test('a batch of every month is expected, and one of twice its size is not', async () => {
    const first = w.now();
    const [year, month, day] = [first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate()];
    const before = Date.UTC(year, month - 1, day, first.getUTCHours()) / 1000;
    const batches = new Map([
      [before, 40_000_000],
      [running(), 40_000_000],
    ]);
    burned = (at, place) => (place === 'proj_chat' ? (batches.get(at) ?? 100_000) : 100_000);
    expect(await swept('openai')).toMatchObject({ lines: [], faults: [] });
    expect(await alerts()).toEqual([]);
    batches.set(running(), 80_000_000);
    w.pass(60);
    await swept('openai');
    expect(await alerts()).toMatchObject([{ state: 'open', subject: { account: 'proj_chat' } }]);
  });

  test('months that a vendor does not tell excuse nothing, and that is said', async () => {
    const loop = running();
    burned = (at) => (at === loop ? 40_000_000 : 100_000);
    const feed = feedOf('openai');
    const short: HourlyFeed = {
      ...feed,
      usage: async (span, meter) => {
        if (span.end.getTime() < w.now().getTime() - 86_400_000) failing = { status: 400, body: {} };
        return await feed.usage(span, meter);
      },
    };
    const watched = { ledger: w.ledger, feeds: [short], settings: SETTINGS, ownerOf };
    expect(await watchAi(watched, 'run', w.now())).toEqual([]);
    const all = await alerts();
    expect(all).toHaveLength(2);
    for (const { blindSpots } of all)
      expect(blindSpots).toEqual([
        expect.stringContaining('Whether it comes every month could not be looked up: '),
      ]);
  });

  test('whoever comes next hears of it at once, in the same sweep, and is told why', async () => {
    const loop = running();
    burned = (at, place) => (place === 'proj_chat' && at === loop ? 20_000_000 : 100_000);
    const { lines } = await sweptWith({ ...SETTINGS, runawayAtOnce: true }, ['openai']);
    expect(lines.map(({ did, told }) => [did, told])).toEqual([
      ['warned', 'ana@acme.example'],
      ['warned', '#finops'],
      ['warned', '#escalate'],
    ]);
    const escalated = w.said.find(({ to }) => to === '#escalate');
    expect(escalated?.text).toContain(
      'This does not wait for business hours: ana@acme.example was told as well.',
    );
    expect(escalated?.text).not.toContain('nobody has answered');
    // Once, however long nobody answers.
    w.pass(60 * 24 * 3);
    await sweptWith({ ...SETTINGS, runawayAtOnce: true }, ['openai']);
    expect(w.said.filter(({ how, to }) => how === 'deliver' && to === '#escalate')).toHaveLength(1);
  });

  test('is nothing where usage is as usual', async () => {
    const { lines, faults } = await swept('openai', 'anthropic');
    expect([lines, faults, await alerts()]).toEqual([[], [], []]);
  });

  test('a vendor that refuses is told as a fault, and the other is watched', async () => {
    const loop = running();
    burned = (at) => (at === loop ? 60_000_000 : 100_000);
    await server[Symbol.asyncDispose]();
    const feeds = [feedOf('openai')];
    server = await vendorServer(({ query }) => ofAnthropic(query));
    feeds.push(feedOf('anthropic'));
    const faults = await watchAi(
      { ledger: w.ledger, feeds, settings: SETTINGS, ownerOf: () => null },
      'run',
      w.now(),
    );
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('AI usage of openai could not be watched');
    expect(await alerts()).toMatchObject([{ source: 'anthropic' }]);
  });

  test('an answer that is no hour is refused: nothing is told of what cannot be read', async () => {
    failing = {
      body: {
        object: 'page',
        data: [{ object: 'bucket', start_time: 1_763_280_000, end_time: 1_763_366_400, results: [] }],
        has_more: false,
        next_page: null,
      },
    };
    const now = w.now();
    await expect(
      feedOf('openai').usage({ start: new Date(now.getTime() - 3_600_000), end: now }, new Meter()),
    ).rejects.toMatchObject({ message: expect.stringContaining('no hour') });
    const { faults } = await swept('openai');
    expect(faults).toHaveLength(1);
  });

  test('what has no list price is in no figure, and said so', async () => {
    const loop = running();
    burned = (at, place) => (place === 'proj_chat' && at === loop ? 20_000_000 : 100_000);
    const feed = feedOf('openai');
    const unknown: HourlyFeed = {
      ...feed,
      usage: async (span, meter) => {
        const uses = await feed.usage(span, meter);
        return [...uses, ...uses.map((use) => ({ ...use, model: 'made-up-1' }))];
      },
    };
    await watchAi(
      { ledger: w.ledger, feeds: [unknown], settings: SETTINGS, ownerOf: () => null },
      'run',
      w.now(),
    );
    const [alert] = await alerts();
    expect(alert?.money?.amount).toBe('199');
    expect(alert?.blindSpots).toEqual([
      '20000010 tokens of made-up-1 have no list price and are not counted.',
    ]);
  });

  test('of Bedrock tokens are told, not money; feeds are looked for once an hour, beside the others', async () => {
    const loop = running();
    burned = (at) => (at === loop ? 30_000_000 : 100_000);
    let found = 0;
    const bedrock: HourlyFeed = {
      ...feedOf('openai'),
      id: 'bedrock:aws:111122223333:us-east-1',
      vendor: 'bedrock',
      region: 'us-east-1',
    };
    const further = {
      name: 'bedrock',
      find: async () => {
        found += 1;
        return { feeds: [bedrock], faults: ['aws:444455556666 could not be listed'] };
      },
    };
    const parts = w.parts();
    const watched = { ledger: w.ledger, feeds: [], further, settings: SETTINGS, ownerOf };
    const turn = async () =>
      await watchSweep({ ...parts, watchAi: (runId, now) => watchAi(watched, runId, now) });
    expect(await turn()).toMatchObject({
      faults: ['aws:444455556666 could not be listed'],
      lines: [{ did: 'warned' }, { did: 'warned' }, { did: 'warned' }],
    });
    const all = (await alerts()).toSorted((a, b) =>
      (a.subject['account'] ?? '') < (b.subject['account'] ?? '') ? -1 : 1,
    );
    // 30 million tokens of output and 10 of input, in each project.
    expect(all).toMatchObject(
      ['proj_chat', 'proj_search'].map((account) => ({
        subject: { vendor: 'bedrock', account, region: 'us-east-1' },
        money: null,
        expected: null,
        measured: { of: 'tokens', actual: '30000010', expected: '100010', worse: true },
        causes: ['model gpt-4o-2024-08-06, 100% of the tokens'],
      })),
    );
    const text = w.said.map((each) => each.text).join('\n');
    expect(text).toContain('30,000,010 tokens from');
    expect(text).toContain('Counted before any bill, and not priced.');
    expect(text).not.toContain('$');
    await turn();
    expect(found).toBe(1);
    w.pass(60);
    await turn();
    expect(found).toBe(2);
    expect(w.said.filter(({ how }) => how === 'deliver')).toHaveLength(3);
  });

  test('tokens of Bedrock below the least that is told are nothing', async () => {
    const loop = running();
    burned = (at) => (at === loop ? 9_000_000 : 100_000);
    const bedrock: HourlyFeed = { ...feedOf('openai'), vendor: 'bedrock' };
    await watchAi({ ledger: w.ledger, feeds: [bedrock], settings: SETTINGS, ownerOf }, 'run', w.now());
    expect(await alerts()).toEqual([]);
  });
});
