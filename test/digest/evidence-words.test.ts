import { expect, test } from 'vitest';
import { evidenceValue, windowDays } from '../../lib/digest/evidence-words.ts';

test.each([
  ['13', '% of the limit of the card', '13 % of the limit of the card'],
  ['video model', 'text', 'video model'],
  ['env', 'tag key', 'env'],
  ['0', 'count', '0'],
  ['available', '', 'available'],
  ['4', '4 x NVIDIA A10G', '4 x NVIDIA A10G'],
  ['3', '2 x NVIDIA T4, 1 x NVIDIA A10G', '2 x NVIDIA T4, 1 x NVIDIA A10G'],
])('evidence of %s in %s reads %s', (value, unit, read) => {
  expect(evidenceValue({ value, unit })).toBe(read);
});

test.each([
  ['P30D', '30 days'],
  ['P1D', '1 day'],
  ['PT1H', null],
  ['2026-11-09T08:00:00Z/2026-11-16T08:00:00Z', null],
  ['', null],
])('the window %s is %s', (window, read) => {
  expect(windowDays(window)).toBe(read);
});
