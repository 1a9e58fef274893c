import { expect, test } from 'vitest';
import { AI_USAGE, type AiUsage, aiUsageOf, aiUsageTable } from '../../../lib/sources/ai-vendor/requests.ts';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { describeWithShared } from '../../shared.ts';
import { completions, openAiFake } from '../openai/fake.ts';
import { anthropic, deliver, heldAfter, openAi } from './deliver.ts';

const usage: AiUsage = {
  day: '2026-11-02',
  kind: 'completions',
  subAccount: 'proj_chat',
  apiKey: null,
  model: 'gpt-4o',
  tier: null,
  batch: null,
  requests: '12',
  input: '900',
  cachedInput: '0',
  cacheWrite: null,
  output: '7',
};

test('rows come back as they were told, with the month that a delivery replaces', () => {
  const all = [usage, { ...usage, batch: true, requests: null }, { ...usage, batch: false, apiKey: 'key_a' }];
  const table = aiUsageTable(all, '2026-11-22T00:00:00.000Z');
  expect(table.name).toBe(AI_USAGE);
  expect(table.rows.map(({ period }) => period)).toEqual(['2026-11', '2026-11', '2026-11']);
  expect(table.rows.map(aiUsageOf)).toEqual(all);
  expect(() => aiUsageOf({ kind: 'completions' })).toThrow('without day or kind');
});

describeWithShared('requests beside the bill of OpenAI', () => {
  const world = {
    usage: {
      completions: [
        completions(
          '2026-11-02',
          'gpt-4o',
          { input: 1_000, cached: 300, written: 100, output: 50 },
          { num_model_requests: 7 },
        ),
        completions(
          '2026-11-02',
          'gpt-4o',
          { input: 10, output: 1 },
          { batch: true, num_model_requests: 2, api_key_id: null },
        ),
        // Scheduled and never asked: neither requests nor tokens.
        completions('2026-11-03', 'gpt-4o', { input: 0, output: 0 }, { num_model_requests: 0 }),
      ],
      embeddings: [
        {
          day: '2026-11-02',
          model: 'text-embedding-3-small',
          input_tokens: 77,
          num_model_requests: 3,
          project_id: 'proj_chat',
          api_key_id: 'key_a',
        },
      ],
      vector_stores: [{ day: '2026-11-02', usage_bytes: 1_000, project_id: 'proj_chat' }],
    },
  };

  test('of models alone; what a kind of call does not tell is null', async () => {
    await using fake = await openAiFake(world);
    const { delivery } = await deliver(openAi(fake.url));
    const [table, ...more] = delivery.beside ?? [];
    expect(more).toEqual([]);
    expect(table?.rows.map(aiUsageOf)).toEqual([
      {
        ...usage,
        apiKey: 'key_a',
        batch: false,
        requests: '7',
        input: '600',
        cachedInput: '300',
        cacheWrite: '100',
        output: '50',
      },
      { ...usage, batch: true, requests: '2', input: '10', cachedInput: '0', cacheWrite: '0', output: '1' },
      {
        ...usage,
        kind: 'embeddings',
        apiKey: 'key_a',
        model: 'text-embedding-3-small',
        requests: '3',
        input: '77',
        cachedInput: null,
        cacheWrite: null,
        output: null,
      },
    ]);
  });

  test('a bill that was read before requests were kept is read once more', async () => {
    await using fake = await openAiFake(world);
    const source = openAi(fake.url, { months: 3 });
    const first = await deliver(source);
    const held = heldAfter(first.delivery);
    const months = (delivery: typeof first.delivery) =>
      new Set((delivery.beside ?? []).flatMap(({ rows }) => rows.map(({ period }) => period)));
    expect(months(first.delivery)).toEqual(new Set(['2026-11']));
    const asked = fake.asked.length;
    await deliver(source, { held: { ...held, beside: {} } });
    const again = fake.asked.length - asked;
    await deliver(source, { held });
    // Settled months are left alone where requests are held.
    expect(fake.asked.length - asked - again).toBeLessThan(again);
  });
});

test('Anthropic tells tokens, and no number of requests', async () => {
  await using fake = await anthropicFake({
    events: [
      {
        day: '2026-11-02',
        workspace: null,
        key: 'apikey_a',
        model: 'claude-sonnet-4-20250514',
        tier: 'batch',
        tokens: {
          uncached_input_tokens: 10,
          cache_read_input_tokens: 20,
          'cache_creation.ephemeral_5m_input_tokens': 3,
          'cache_creation.ephemeral_1h_input_tokens': 4,
          output_tokens: 5,
        },
      },
    ],
  });
  const { delivery } = await deliver(anthropic(fake.url));
  expect(delivery.beside?.[0]?.rows.map(aiUsageOf)).toEqual([
    {
      day: '2026-11-02',
      kind: 'messages',
      subAccount: null,
      apiKey: 'apikey_a',
      model: 'claude-sonnet-4-20250514',
      tier: 'batch',
      batch: true,
      requests: null,
      input: '10',
      cachedInput: '20',
      cacheWrite: '7',
      output: '5',
    },
  ]);
});
