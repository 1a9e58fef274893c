import { expect, test } from 'vitest';
import { isAtLeast, pythonFor } from './python.ts';

test.each([
  ['3.12.1', '3.12', true],
  ['3.12.1', '3.12.2', false],
  ['3.9.18', '3.11', false],
  ['3.11.7', '3.11', true],
  ['4.0.0', '3.12', true],
])('Python %s is at least %s: %s', (version, least, expected) => {
  expect(isAtLeast(version, least)).toBe(expected);
});

test('a Python that no machine has yet is not found, whatever there is', async () => {
  expect(await pythonFor('99.0')).toBeNull();
});
