import { type SourceKey, Sources } from '../../lib/estate/vectors/compare.ts';
import type { Documents } from '../../lib/estate/vectors/documents.ts';

/** Documents as a config may tell them, with a source of these keys. */
export function documents(keys: readonly SourceKey[], more: Partial<Documents> = {}): Documents {
  return {
    fields: { key: 'source', part: null, content: null, embedded: null, model: 'model', tokens: null },
    most: 20_000,
    skew: 300_000,
    source: 's3://docs/',
    list: async () => {
      const sources = new Sources('s3', 's3://docs/');
      for (const key of keys) sources.add(key);
      return { sources, told: sources.summary('2026-11-20T09:00:00.000Z', true) };
    },
    ...more,
  };
}
