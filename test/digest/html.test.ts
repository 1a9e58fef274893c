import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { anyInput } from './arbitrary.ts';
import { fullInput } from './inputs.ts';

test('the policy allows the one stylesheet and nothing else', () => {
  const page = digestHtml(digestContent(fullInput()));
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(
    `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
  );
  expect(page).not.toMatch(/<script|<link|<img|<iframe|style="|href=|src=|url\(|@import/i);
});

test('every table has a caption and every header cell its scope', () => {
  const page = digestHtml(digestContent(fullInput()));
  expect(page.match(/<table/g)?.length).toBe(page.match(/<caption>[^<]/g)?.length);
  expect(page.match(/<th(?! scope="(col|row)")[ >]/g)).toBeNull();
  expect(page.match(/<h1>/g)).toHaveLength(1);
});

const TAGS = new Set(
  'html head meta title style body main header h1 h2 p dl div dt dd span bdi section figure figcaption svg line text rect table caption thead tbody tr th td details summary ul li strong footer !doctype'.split(
    ' ',
  ),
);

test('whatever names hold, the page has only our own elements and attributes', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const page = digestHtml(digestContent(input));
      for (const [, tag = '', rest = ''] of page.matchAll(/<\/?([^\s>/]+)((?:"[^"]*"|[^">])*)>/g)) {
        expect(TAGS).toContain(tag);
        expect(rest.replaceAll(/"[^"]*"/g, '')).not.toMatch(/\son\w+=/);
      }
      expect(page).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 40 },
  );
});
