import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { completionCounts } from '../../../lib/sources/openai/completions.ts';

const counted = (told: Parameters<typeof completionCounts>[0]) =>
  Object.fromEntries(
    completionCounts(told)
      .filter(({ quantity }) => quantity.gt(0))
      .map(({ measure, variant, quantity }) => [`${measure} ${variant ?? '-'}`, quantity.toFixed()]),
  );

test('input tokens include what was cached and what was written to the cache: neither is counted twice', () => {
  expect(
    counted({
      input_tokens: '27444',
      input_cached_tokens: '8448',
      input_cache_write_tokens: '1000',
      output_tokens: '5',
    }),
  ).toEqual({ 'input -': '17996', 'cached-input -': '8448', 'cache-write -': '1000', 'output -': '5' });
});

test('text, audio and image are told apart where they add up', () => {
  expect(
    counted({
      input_tokens: '100',
      input_cached_tokens: '40',
      input_text_tokens: '50',
      input_audio_tokens: '10',
      input_cached_text_tokens: '40',
      output_tokens: '7',
      output_image_tokens: '7',
    }),
  ).toEqual({ 'input text': '50', 'input audio': '10', 'cached-input text': '40', 'output image': '7' });
});

test('where they do not add up, the kind stays whole', () => {
  expect(counted({ input_tokens: '100', input_text_tokens: '99', output_tokens: '0' })).toEqual({
    'input -': '100',
  });
});

test('more cached than there was is refused, and so are missing counts', () => {
  expect(() => counted({ input_tokens: '1', input_cached_tokens: '2', output_tokens: '0' })).toThrow(
    'more cached',
  );
  expect(() => counted({ input_tokens: '1' })).toThrow('no input_tokens or output_tokens');
});

test('whatever the parts say, the kinds add up to input and output', () => {
  const n = fc.nat(1_000_000);
  fc.assert(
    fc.property(n, n, n, n, n, n, n, (fresh, cached, written, output, text, audio, image) => {
      const kinds = completionCounts({
        input_tokens: String(fresh + cached + written),
        input_cached_tokens: String(cached),
        input_cache_write_tokens: String(written),
        output_tokens: String(output),
        input_text_tokens: String(text),
        input_cached_audio_tokens: String(audio),
        output_image_tokens: String(image),
      });
      const sum = (measure: string) =>
        kinds.reduce((total, each) => total + (each.measure === measure ? each.quantity.toNumber() : 0), 0);
      expect(['input', 'cached-input', 'cache-write', 'output'].map(sum)).toEqual([
        fresh,
        cached,
        written,
        output,
      ]);
    }),
  );
});
