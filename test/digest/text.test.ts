import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { width } from '../../lib/digest/terminal.ts';
import { digestText } from '../../lib/digest/text.ts';
import { anyInput, anyInsight } from './arbitrary.ts';
import { fullInput } from './inputs.ts';

test('a full digest tells spend, figures, movers, wastes and what was not seen', () => {
  const text = digestText(digestContent(fullInput()));
  expect(text).toContain('Spent  $46,211  +$8,091 (+21.2%) on $38,120  provisional');
  expect(text).toMatch(/Waste found +\$11,756 {2}saving a month, 4 resources \(1 not known\)/);
  // Its cost may well be known.
  expect(text).toMatch(/\n +saving unknown {2}chunks_v1_embedding_idx /);
  expect(text).toMatch(/\$8,812 {2}llm-finetune-3 +IDLE, 11 days, us-east-1/);
  expect(text).toMatch(/aws:444455556666:eu-central-1, .*\(not read\): AccessDenied/);
  expect(text).toContain('This audit cost $0.03 in API fees, 37 calls.');
});

test('colour adds our own codes around the same words', () => {
  const content = digestContent(fullInput());
  expect(digestText(content, { colour: true }).replaceAll(/\p{Cc}\[\d+m/gu, '')).toBe(digestText(content));
});

test('whatever names hold, no line is wider than 100 columns or holds a control character', () => {
  fc.assert(
    fc.property(anyInput, anyInsight, (input, insight) => {
      const text = digestText(digestContent({ ...input, insight }));
      for (const line of text.split('\n')) expect(width(line)).toBeLessThanOrEqual(100);
      expect(text).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/u);
    }),
  );
});
