import { expect, test } from 'vitest';
import { namesOf, providerOf } from '../../lib/focus/provider.ts';

test.each([
  ['AWS', 'aws'],
  [' Amazon Web Services ', 'aws'],
  ['Microsoft', 'azure'],
  ['Microsoft Azure', 'azure'],
  ['Google Cloud', 'gcp'],
  ['OpenAI', 'openai'],
  ['anthropic', 'anthropic'],
  ['Oracle', 'other'],
  ['constructor', 'other'],
  ['', 'other'],
  [null, 'other'],
])('%s is %s', (name, provider) => {
  expect(providerOf(name)).toBe(provider);
});

test('every name of a provider means it', () => {
  for (const provider of ['aws', 'azure', 'gcp', 'openai', 'anthropic'] as const)
    for (const name of namesOf(provider)) expect(providerOf(name)).toBe(provider);
});
