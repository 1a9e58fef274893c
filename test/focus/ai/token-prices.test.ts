import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelName } from '../../../lib/focus/ai/model-name.ts';
import { type Counted, listEstimate } from '../../../lib/focus/ai/token-prices.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { tokenPricesSource } from '../../generate/token-prices.ts';
import { describeWithShared, sharedData } from '../../shared.ts';

const estimate = (more: Partial<Counted>) =>
  listEstimate({
    vendor: 'openai',
    model: 'gpt-4o-2024-08-06',
    kind: 'input',
    variant: null,
    tier: null,
    context: null,
    tokens: new Decimal(1_000_000),
    ...more,
  })?.amount ?? null;

const sonnet = { vendor: 'anthropic', model: 'claude-sonnet-4-20250514', tier: 'standard' } as const;

describe('a list-price estimate', () => {
  // OpenAI and Anthropic, "Pricing": dollars a million tokens.
  test.each([
    [{}, '2.5'],
    [{ kind: 'cached-input' }, '1.25'],
    [{ kind: 'output' }, '10'],
    [{ tier: 'batch' }, '1.25'],
    [{ tier: 'batch', kind: 'output' }, '5'],
    [{ tier: 'batch', kind: 'cached-input' }, null],
    [{ tier: 'scale' }, null],
    [{ context: 'long context' }, null],
    [{ variant: 'text' }, '2.5'],
    [{ variant: 'audio' }, null],
    [{ kind: 'cache-write' }, null],
    [{ model: 'gpt-unheard-of' }, null],
    [{ tokens: new Decimal(1) }, '0.0000025'],
    [sonnet, '3'],
    [{ ...sonnet, kind: 'cached-input' }, '0.3'],
    [{ ...sonnet, kind: 'cache-write', variant: '5m' }, '3.75'],
    [{ ...sonnet, kind: 'cache-write', variant: '1h' }, '6'],
    [{ ...sonnet, kind: 'output' }, '15'],
    [{ ...sonnet, context: '200k-1M' }, '6'],
    [{ ...sonnet, context: '0-200k' }, '3'],
    [{ ...sonnet, tier: 'priority' }, '3'],
    [{ ...sonnet, tier: 'flex' }, null],
    [{ ...sonnet, model: 'claude-3-opus-20240229', kind: 'cache-write', variant: '1h' }, null],
    [{ ...sonnet, vendor: 'openai' }, null],
  ] as const)('of %j', (more, amount) => {
    expect(estimate(more)).toBe(amount);
  });

  test('says whose list it is, and of when', () => {
    expect(
      listEstimate({ ...sonnet, kind: 'input', variant: null, context: null, tokens: new Decimal(1) })
        ?.source,
    ).toMatch(/2026/);
  });
});

test.each([
  ['gpt-4o-2024-08-06', 'gpt-4o', '2024-08-06'],
  ['claude-sonnet-4-20250514', 'claude-sonnet-4', '20250514'],
  ['gpt-3.5-turbo-0125', 'gpt-3.5-turbo', '0125'],
  ['claude-opus-4-1', 'claude-opus-4-1', null],
  ['text-embedding-3-small', 'text-embedding-3-small', null],
  ['gpt-4-1106-preview', 'gpt-4-1106-preview', null],
  ['ft:gpt-4o-2024-08-06:acme::abc', 'ft:gpt-4o-2024-08-06:acme::abc', null],
])('%s is %s of %s', (name, model, version) => {
  expect(modelName(name)).toEqual({ model, version });
});

describeWithShared('the table of list prices', () => {
  const json = readFileSync(sharedData('prices', 'litellm_prices_trim.json'), 'utf8');

  test('is what the script makes of the price file', () => {
    const file = join(import.meta.dirname, '..', '..', '..', 'lib', 'focus', 'data', 'token-prices.ts');
    expect(tokenPricesSource(json).text).toBe(readFileSync(file, 'utf8'));
  });

  test('leaves out what cannot be right, by name', () => {
    expect(tokenPricesSource(json).leftOut.map((line) => line.split(' of ')[0])).toEqual([
      'claude-3-haiku-20240307: cacheWrite1h',
      'claude-3-opus-20240229: cacheWrite1h',
    ]);
    const broken = `{"m":{"litellm_provider":"openai","input_cost_per_token":2e-06,"cache_read_input_token_cost":2e-06,
      "cache_creation_input_token_cost":1e-06,"output_cost_per_token":3e-06}}`;
    const { text, leftOut } = tokenPricesSource(broken);
    expect(leftOut).toHaveLength(2);
    expect(text).toContain('openai m input=0.000002 output=0.000003');
  });
});
