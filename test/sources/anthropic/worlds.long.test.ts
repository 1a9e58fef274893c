import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { type AnthropicEvent, anthropicFake, type TokenType } from '../../counterparts/anthropic.ts';
import { anthropic, deliver, sums } from '../ai-vendor/deliver.ts';
import { SONNET } from './world.ts';

const KIND_OF: Partial<Record<TokenType, string>> = {
  uncached_input_tokens: 'input',
  cache_read_input_tokens: 'cached-input',
};

test('for any world the bill is that of the reports: money by workspace, tokens by workspace, key, model and kind', async () => {
  const types: TokenType[] = ['uncached_input_tokens', 'cache_read_input_tokens', 'output_tokens'];
  const event: fc.Arbitrary<AnthropicEvent> = fc
    .record({
      day: fc.constantFrom('2026-11-01', '2026-11-02'),
      workspace: fc.constantFrom(null, 'wrkspc_a', 'wrkspc_b'),
      key: fc.constantFrom(null, 'apikey_1', 'apikey_2', 'apikey_3'),
      model: fc.constantFrom('claude-sonnet-4-20250514', 'claude-opus-4-1-20250805'),
      tier: fc.constantFrom('standard', 'batch', 'priority'),
      context: fc.constantFrom('0-200k' as const, '200k-1M' as const),
      counts: fc.tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000)),
    })
    .map(({ counts, ...rest }) => ({
      ...rest,
      tokens: Object.fromEntries(types.map((type, index) => [type, counts[index] ?? 0])),
      ...(rest.tier === 'priority' ? {} : { prices: SONNET }),
    }));
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      await using fake = await anthropicFake({ events });
      const { rows } = await deliver(anthropic(fake.url));
      const money: Record<string, Decimal> = {};
      const tokens: Record<string, Decimal> = {};
      for (const { workspace, key, model, tokens: counts, prices } of events)
        for (const type of types) {
          const count = new Decimal(counts[type] ?? 0);
          const kind = KIND_OF[type] ?? 'output';
          add(money, workspace ?? '', count.times(prices?.[type] ?? 0).div(1_000_000));
          add(tokens, `${workspace ?? ''} ${key ?? ''} ${model} ${kind}`, count);
        }
      const billed = sums(
        rows.filter(({ BilledCost }) => BilledCost !== '0'),
        'BilledCost',
        'SubAccountId',
      );
      expect(billed).toEqual(texts(money));
      const named = rows.map((row) => ({ ...row, model: `${row['x_AiModel']}-${row['x_AiModelVersion']}` }));
      expect(sums(named, 'x_TokenQuantity', 'SubAccountId', 'x_ApiKeyId', 'model', 'x_TokenKind')).toEqual(
        texts(tokens),
      );
    }),
    { numRuns: 60 },
  );
});

/** Adds to a sum; what is nothing makes no key. */
function add(to: Record<string, Decimal>, key: string, value: Decimal): void {
  if (!value.isZero()) to[key] = (to[key] ?? new Decimal(0)).plus(value);
}

function texts(found: Readonly<Record<string, Decimal>>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, value.toFixed()]));
}
