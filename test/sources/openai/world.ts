import { exactly } from '../ai-vendor/server.ts';
import { completions, cost, type OpenAiWorld } from './fake.ts';

export const DAY = '2026-11-02';
export const MODEL = 'gpt-4o-2024-08-06';

/** Every form of line item, keys and projects that are null, usage without a cost and costs without usage. */
export const WORLD: OpenAiWorld = {
  projects: { proj_chat: 'Chat', proj_search: 'Search' },
  costs: [
    cost(DAY, `${MODEL}, input`, 2.5, { quantity: 1_000_000, quantity_unit: 'tokens' }),
    cost(DAY, `${MODEL}, cached input`, exactly('0.2500000000000000000000'), {
      quantity: 200,
      quantity_unit: '1000_tokens',
    }),
    cost(DAY, `${MODEL}, output`, exactly('1e-7')),
    cost(DAY, 'gpt-5.6-luna, cache writes', 0.5, { project_id: 'proj_search', api_key_id: 'key_b' }),
    cost(DAY, 'assistants api | file search', 0.000271, { project_id: null, api_key_id: null }),
    cost('2026-11-03', 'whisper', 0.006, { quantity: 1, quantity_unit: 'duration_minutes' }),
    cost('2026-11-20', 'web search tool calls', 0.03, { quantity: 3, quantity_unit: null }),
    cost('2026-11-20', 'Adjustment', exactly('-0.00'), { api_key_id: null }),
  ],
  usage: {
    completions: [
      completions(DAY, MODEL, { input: 1_200_000, cached: 200_000, output: 1 }),
      completions(
        DAY,
        'gpt-5.6-luna',
        { input: 400_010, cached: 0, written: 400_000, output: 0 },
        {
          project_id: 'proj_search',
          api_key_id: 'key_b',
        },
      ),
    ],
    audio_transcriptions: [
      {
        day: '2026-11-03',
        model: 'whisper-1',
        seconds: 60,
        num_model_requests: 1,
        project_id: 'proj_chat',
        api_key_id: 'key_a',
      },
    ],
    web_search_calls: [
      {
        day: '2026-11-20',
        model: MODEL,
        num_requests: 3,
        num_model_requests: 1,
        project_id: 'proj_chat',
        api_key_id: 'key_a',
      },
    ],
    moderations: [
      {
        day: DAY,
        model: 'omni-moderation-latest',
        input_tokens: 77,
        num_model_requests: 1,
        project_id: null,
        api_key_id: null,
      },
    ],
    vector_stores: [{ day: DAY, usage_bytes: 1_000, project_id: 'proj_chat' }],
  },
};
