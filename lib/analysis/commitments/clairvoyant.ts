import { sortedQuantile } from './quantile.ts';

/**
 * The cheapest covers had all spend been known: one a segment, none below the one before, since what is bought
 * stays. The cost of a segment is convex with its minimum at the d-quantile, so that pooling adjacent violators
 * gives the exact minimum (Best and Chakravarti, "Active set algorithms for isotonic regression", Mathematical
 * Programming 47, 1990): a segment whose minimum lies below the one before is taken together with it.
 * @param segments known on-demand spend a step of each, none below zero
 */
export function cheapestCovers(segments: readonly Float64Array[], discount: string): number[] {
  const blocks: { sorted: Float64Array; cover: number; segments: number }[] = [];
  for (const segment of segments) {
    const sorted = segment.toSorted();
    let block = { sorted, cover: sortedQuantile(sorted, discount), segments: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.cover >= block.cover; last = blocks.at(-1)) {
      blocks.pop();
      const joined = new Float64Array(last.sorted.length + block.sorted.length);
      joined.set(last.sorted);
      joined.set(block.sorted, last.sorted.length);
      joined.sort();
      block = {
        sorted: joined,
        cover: sortedQuantile(joined, discount),
        segments: last.segments + block.segments,
      };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ cover, segments: count }) => Array.from({ length: count }, () => cover));
}
