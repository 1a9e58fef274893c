import { describe, expect, it } from 'vitest';
import { Comparison, Sources } from '../../../lib/estate/vectors/compare.ts';
import { contentTag } from '../../../lib/estate/vectors/contents.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { listingOf } from '../../../lib/estate/vectors/listing.ts';

const LISTED = '2026-11-20T10:00:00.000Z';
const MINUTE = 60_000;

function listed(complete: boolean) {
  const sources = new Sources('s3', 's3://docs/');
  sources.add({ key: 'a.md', modified: 1_000, content: null });
  return { sources, told: sources.summary(LISTED, complete), ...(complete ? {} : { why: 'it is too long' }) };
}

function documents(list: Documents['list']): Documents {
  const fields = { key: 'source', part: null, content: null, embedded: null, model: null, tokens: null };
  return { fields, most: 100, skew: 0, list, source: list === null ? null : 's3://docs/' };
}

describe('a listing', () => {
  it('that is not whole is used, and leaves a gap that says why', async () => {
    const given = listed(false);
    expect(await listingOf(documents(() => Promise.resolve(given)))).toEqual({
      listed: given,
      gaps: [
        {
          of: 'documents',
          why: 'Its source s3://docs/ was not listed to its end (it is too long): nothing is called gone.',
          failed: true,
        },
      ],
    });
  });

  it('that is whole, or of no source, leaves none', async () => {
    expect((await listingOf(documents(() => Promise.resolve(listed(true))))).gaps).toEqual([]);
    expect(await listingOf(documents(null))).toEqual({ listed: null, gaps: [] });
  });

  it('misses nothing that came after it began, as far as clocks may differ', () => {
    const gone = (embedded: number | null) => {
      const comparison = new Comparison(listed(true), { skew: 5 * MINUTE });
      comparison.add({ source: 'b.md', part: null, content: null, embedded, model: null, tokens: null });
      return comparison.result(1, 'all').counts.gone;
    };
    const began = Date.parse(LISTED);
    expect([began + MINUTE, began, began - 5 * MINUTE].map(gone)).toEqual([0, 0, 0]);
    expect([began - 5 * MINUTE - 1, null].map(gone)).toEqual([1, 1]);
  });

  it.each([
    ['the last change comes first', [9_000, 1_000]],
    ['the last change comes last', [1_000, 9_000]],
  ])('knows a key of several rows as it was changed last: %s', (_what, times) => {
    const sources = new Sources('postgres', 'postgres:pages');
    for (const modified of times) sources.add({ key: 'a', modified, content: `v${modified}` });
    expect(sources.find('a')).toEqual({ time: 9_000, content: contentTag('v9000') });
    expect(sources.summary(LISTED, true).keys).toBe(1);
  });
});
