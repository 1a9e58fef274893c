import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { anyInput, anyInsight } from './arbitrary.ts';
import { emptyInput, finding, fullInput } from './inputs.ts';
import { fullInsight } from './insight-inputs.ts';

const ELEMENTS =
  /<\/?(?!(?:html|head|meta|title|body|table|tr|td|th|h1|h2|p|b|bdi|ul|li|div|!doctype)\b)[a-z!]/i;

test('one column, styles inline; no script, no style sheet, no picture, nothing from elsewhere', () => {
  const mail = digestEmail(digestContent(fullInput({ insight: fullInsight() })));
  expect(mail).not.toMatch(ELEMENTS);
  expect(mail).not.toMatch(/https?:|src=|href=|url\(|class=|@import/i);
  expect(mail).toContain('max-width:600px');
});

test('whatever names hold, there are no other elements and no attributes of theirs', () => {
  fc.assert(
    fc.property(anyInput, anyInsight, (input, insight) => {
      const mail = digestEmail(digestContent({ ...input, insight }));
      expect(mail).not.toMatch(ELEMENTS);
      const attributes = [...mail.matchAll(/<[a-z0-9]+((?:\s[^<>]*?)?)>/gi)]
        .flatMap(([, inner = '']) => [...inner.replaceAll(/"[^"]*"/g, '""').matchAll(/([a-z-]+)=/g)])
        .map(([, attribute]) => attribute);
      expect(attributes).toContain('style');
      for (const attribute of attributes)
        expect(['style', 'role', 'scope', 'aria-label', 'lang', 'charset', 'name', 'content']).toContain(
          attribute,
        );
    }),
    { numRuns: 50 },
  );
});

test('what the bars show is told in words', () => {
  const mail = digestEmail(digestContent(fullInput()));
  const words = 'Effective cost a day in USD: $5,400 on Oct 12, highest $7,449 on Nov 4, $5,701 on Nov 8';
  expect(mail).toContain(`<table role="img" aria-label="${words}"`);
  expect(mail).toContain(`>${words}.</p>`);
  expect(mail.match(/background:#1f5fbf/g)).toHaveLength(7);
});

test('a list that is not the whole says so', () => {
  const coverage = Array.from({ length: 12 }, (_, at) => ({
    scope: `aws:${at}:eu`,
    status: 'failed' as const,
    reason: `reason ${at}`,
    asOf: null,
  }));
  const events = Array.from({ length: 6 }, (_, at) => ({
    id: 'stopped' as const,
    at: '2026-11-03T10:00:00Z',
    finding: finding({ resourceName: `gpu-${at}` }),
  }));
  const life = { events, decisions: [], notes: [] };
  const mail = digestEmail(digestContent(emptyInput({ coverage, life, asOf: '2026-11-09T00:00:00.000Z' })));
  expect(mail).toContain('10 of 12, all of them in the report');
  expect(mail).toMatch(/<b>Stopped 6[^<]*<\/b>: <bdi>gpu-5, gpu-4, gpu-3, gpu-2, gpu-1<\/bdi> and others/);
});

test('it says what the other forms say', () => {
  const mail = digestEmail(digestContent(fullInput({ insight: fullInsight() })));
  for (const told of ['$8,812', 'llm-finetune-3', '93% likely to exceed it', 'Not seen', '$4,912 from 3 new'])
    expect(mail).toContain(told);
});

test('a company with nothing has a mail, too', () => {
  const mail = digestEmail(digestContent(emptyInput()));
  expect(mail).toContain('No bill was read');
  expect(mail).not.toContain('role="img"');
});
