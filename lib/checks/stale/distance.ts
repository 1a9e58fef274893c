/**
 * What stores call the distances of vectors, by one word each. A squared distance has the same neighbours as the
 * distance itself; those of pgvector, Qdrant, Milvus, Weaviate, Pinecone, OpenSearch, LanceDB, S3 Vectors and Vertex AI.
 */
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cosine: ['cosine', 'cosinesimil', 'cosine_distance'],
    l2: ['l2', 'euclid', 'euclidean', 'l2-squared', 'squared_l2_distance'],
    dot: ['dot', 'ip', 'innerproduct', 'dotproduct', 'dot_product_distance'],
    l1: ['l1', 'manhattan', 'l1_distance'],
    linf: ['linf'],
    hamming: ['hamming', 'hammingbit'],
    jaccard: ['jaccard'],
  }).flatMap(([distance, words]) => words.map((word) => [word, distance])),
);

/** The distance that an index compares by, whatever its store calls it; null where that is not known. */
export function distanceOf(metric: string | null): string | null {
  return metric === null ? null : (WORDS.get(metric.trim().toLowerCase()) ?? null);
}
