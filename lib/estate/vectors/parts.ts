import { type VectorIndex, vectorPart } from '../model-vectors.ts';

/** Indexes that are named in one line of a reason, and lines of a scope. */
const NAMED = 3;
const LINES = 10;

/** What of vector indexes this look could not be told, though another may be: names by which findings rest on it. */
export function partsUntold(indexes: readonly Pick<VectorIndex, 'id' | 'gaps'>[]): string[] {
  return [
    ...new Set(
      indexes.flatMap(({ id, gaps }) =>
        gaps.flatMap(({ of, untold }) => (untold === true ? [vectorPart(of, id)] : [])),
      ),
    ),
  ];
}

/**
 * What of vector indexes was asked for and not read: the names by which findings rest on it, and a line for each
 * reason, however many indexes have it.
 */
export function partsUnread(indexes: readonly Pick<VectorIndex, 'id' | 'index' | 'gaps'>[]): {
  readonly names: readonly string[];
  readonly reasons: readonly string[];
} {
  const unread = indexes.flatMap(({ id, index, gaps }) =>
    gaps.flatMap(({ of, why, failed }) => (failed === true ? [{ id, index, of, why }] : [])),
  );
  const lines = [...Map.groupBy(unread, ({ of, why }) => `${of} ${why}`).values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined
      ? []
      : [`${first.of} of ${some(alike.map(({ index }) => index))}: ${first.why}`];
  });
  return {
    names: [...new Set(unread.map(({ id, of }) => vectorPart(of, id)))],
    reasons: [
      ...lines.slice(0, LINES),
      ...(lines.length > LINES ? [`and ${lines.length - LINES} more reasons, told with each index`] : []),
    ],
  };
}

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more <= 0 ? names.join(', ') : `${names.slice(0, NAMED).join(', ')} and ${more} more`;
}
