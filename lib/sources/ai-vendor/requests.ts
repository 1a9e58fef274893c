import type { BesideTable } from '../model.ts';

/** Name of the table beside a vendor's bill that tells requests and tokens a day. */
export const AI_USAGE = 'ai usage';

/**
 * What a vendor's usage counts of one day, project, key, model and tier. Counts are whole numbers as text; null: the
 * vendor does not count it, which is no zero.
 */
export interface AiUsage {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** What kind of call: `completions`, `embeddings`, `messages`. */
  readonly kind: string;
  readonly subAccount: string | null;
  readonly apiKey: string | null;
  /** As the vendor writes it. */
  readonly model: string | null;
  readonly tier: string | null;
  /** Was it asked for in a batch? Null: not told. */
  readonly batch: boolean | null;
  readonly requests: string | null;
  /** Without what was read from or written to the cache. */
  readonly input: string | null;
  readonly cachedInput: string | null;
  readonly cacheWrite: string | null;
  readonly output: string | null;
}

/** As rows of the table; `period` is the month that a delivery replaces. */
export function aiUsageTable(usage: readonly AiUsage[], takenAt: string): BesideTable {
  return {
    name: AI_USAGE,
    takenAt,
    rows: usage.map(({ batch, subAccount, apiKey, cachedInput, cacheWrite, day, ...more }) => ({
      period: day.slice(0, 7),
      day,
      ...more,
      project: subAccount,
      key: apiKey,
      batch: batch === null ? null : String(batch),
      cached_input: cachedInput,
      cache_write: cacheWrite,
    })),
  };
}

/** The same back; a row that is none of such a table throws RangeError. */
export function aiUsageOf(row: BesideTable['rows'][number]): AiUsage {
  const text = (name: string) => row[name] ?? null;
  const [day, kind] = [text('day'), text('kind')];
  if (day === null || kind === null) throw new RangeError('a row of ai usage without day or kind');
  const batch = text('batch');
  return {
    day,
    kind,
    subAccount: text('project'),
    apiKey: text('key'),
    model: text('model'),
    tier: text('tier'),
    batch: batch === null ? null : batch === 'true',
    requests: text('requests'),
    input: text('input'),
    cachedInput: text('cached_input'),
    cacheWrite: text('cache_write'),
    output: text('output'),
  };
}
