import { expect, test } from 'vitest';
import { billedOf, lineItem } from '../../../lib/sources/openai/line-item.ts';

const NONE = { model: null, measure: null, variant: null, tier: null, context: null, surface: null };

test.each([
  ['gpt-4o-2024-08-06, input', { model: 'gpt-4o-2024-08-06', measure: 'input' }],
  ['gpt-5.6-luna, cached input', { model: 'gpt-5.6-luna', measure: 'cached-input' }],
  ['gpt-5.6-luna, cache writes', { model: 'gpt-5.6-luna', measure: 'cache-write' }],
  ['ft-gpt-4o-2024-08-06, output', { model: 'ft-gpt-4o-2024-08-06', measure: 'output' }],
  ['text-embedding-3-small, input', { model: 'text-embedding-3-small', measure: 'input' }],
  [
    'gpt-image-2-2026-04-21 image, cached input',
    { model: 'gpt-image-2-2026-04-21', measure: 'cached-input', variant: 'image' },
  ],
  [
    'gpt-audio-mini-2025-12-15 audio, input',
    { model: 'gpt-audio-mini-2025-12-15', measure: 'input', variant: 'audio' },
  ],
  [
    'priority | gpt-5.6-sol, output, long context',
    { model: 'gpt-5.6-sol', measure: 'output', tier: 'priority', context: 'long context' },
  ],
  [
    'evals | gpt-4o-mini-2024-07-18, input',
    { model: 'gpt-4o-mini-2024-07-18', measure: 'input', surface: 'evals' },
  ],
  ['web search tool calls', { measure: 'web-search-calls' }],
  ['file search tool calls', { measure: 'file-search-calls' }],
  ['assistants api | code interpreter', { measure: 'sessions' }],
  ['assistants api | file search', {}],
  ['Vector storage', {}],
  ['gpt-4o, images', {}],
  ['some, new, line, item', {}],
  ['', {}],
  [null, {}],
] as const)('%j', (text, expected) => {
  expect(lineItem(text, null)).toEqual({ ...NONE, ...expected });
});

test('one word that is counted in seconds is a model', () => {
  expect(lineItem('whisper', 'duration_seconds')).toEqual({ ...NONE, model: 'whisper', measure: 'seconds' });
  expect(lineItem('whisper', null)).toEqual(NONE);
});

test.each([
  ['1000', 'tokens', 'gpt-4o, input', '1000 Tokens'],
  ['2.5', '1000_tokens', 'gpt-4o, input', '2500 Tokens'],
  ['30.0', undefined, 'gpt-4o, input', '30 Tokens'],
  ['30.0', null, 'gpt-4o, input', null],
  ['3', undefined, 'web search tool calls', null],
  ['0.5', 'duration_hours', 'whisper', '1800 Seconds'],
  ['12.25', 'gibibyte_hours', 'Vector storage', '12.25 GiB-Hours'],
  ['7', 'parsecs', 'whisper', null],
  [null, 'tokens', 'gpt-4o, input', null],
])('%s of %s in %j is %s', (quantity, unit, text, expected) => {
  const billed = billedOf(quantity, unit, lineItem(text, unit ?? null));
  expect(billed === null ? null : `${billed.quantity.toFixed()} ${billed.unit}`).toBe(expected);
});
