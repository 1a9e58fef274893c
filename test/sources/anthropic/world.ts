import type { AnthropicWorld } from '../../counterparts/anthropic.ts';

/** List prices of Claude Sonnet 4, US dollars a million tokens (Anthropic, "Pricing"). */
export const SONNET = {
  uncached_input_tokens: '3',
  cache_read_input_tokens: '0.30',
  'cache_creation.ephemeral_5m_input_tokens': '3.75',
  'cache_creation.ephemeral_1h_input_tokens': '6',
  output_tokens: '15',
} as const;

/** Two workspaces and the default one, three keys, the Console, a batch, and Priority Tier, which has no cost. */
export const WORLD: AnthropicWorld = {
  workspaces: { wrkspc_search: 'Search', wrkspc_chat: 'Chat' },
  events: [
    {
      day: '2026-11-02',
      workspace: 'wrkspc_search',
      key: 'apikey_a',
      model: 'claude-sonnet-4-20250514',
      tokens: {
        uncached_input_tokens: 1_000_000,
        cache_read_input_tokens: 2_000_000,
        'cache_creation.ephemeral_5m_input_tokens': 400_000,
        'cache_creation.ephemeral_1h_input_tokens': 100_000,
        output_tokens: 50_000,
      },
      searches: 30,
      prices: SONNET,
    },
    {
      day: '2026-11-02',
      workspace: 'wrkspc_search',
      key: 'apikey_b',
      model: 'claude-sonnet-4-20250514',
      tokens: { uncached_input_tokens: 333_333, output_tokens: 7 },
      searches: 10,
      prices: SONNET,
    },
    {
      day: '2026-11-02',
      workspace: null,
      key: null,
      model: 'claude-sonnet-4-20250514',
      tokens: { uncached_input_tokens: 1, output_tokens: 1 },
      prices: SONNET,
    },
    {
      day: '2026-11-03',
      workspace: 'wrkspc_chat',
      key: 'apikey_c',
      model: 'claude-opus-4-1-20250805',
      tier: 'priority',
      tokens: { uncached_input_tokens: 2_000_000, output_tokens: 100_000 },
    },
    {
      day: '2026-11-20',
      workspace: 'wrkspc_chat',
      key: 'apikey_c',
      model: 'claude-sonnet-4-20250514',
      tier: 'batch',
      tokens: { uncached_input_tokens: 1_000, output_tokens: 3 },
      prices: { uncached_input_tokens: '1.5', output_tokens: '7.5' },
    },
  ],
  costs: [
    {
      day: '2026-11-02',
      workspace: 'wrkspc_search',
      amount: '40',
      type: 'web_search',
      description: 'Web Search Usage',
    },
    {
      day: '2026-11-03',
      workspace: 'wrkspc_search',
      amount: '123.78912',
      type: 'code_execution',
      description: 'Code Execution Usage',
    },
  ],
};
