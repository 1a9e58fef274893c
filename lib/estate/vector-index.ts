import type { VectorGap, VectorIndex } from './model.ts';

/** Of a store that keeps vectors without the name of their maker. @param product `Qdrant` */
export function unknownModel(product: string): VectorGap {
  return {
    of: 'model',
    why: `${product} does not know which model made the vectors; the config may name it.`,
  };
}

/** An index as far as its store tells of it: what `own` leaves out is not known. */
export function vectorIndex(
  own: Pick<
    VectorIndex,
    'store' | 'storeType' | 'provider' | 'accountId' | 'region' | 'dataset' | 'id' | 'index' | 'gaps'
  > &
    Partial<VectorIndex>,
): VectorIndex {
  return {
    incarnation: null,
    table: '',
    method: null,
    dimension: null,
    metric: null,
    model: null,
    modelLifecycle: null,
    vectors: null,
    bytes: null,
    created: null,
    lastWrite: null,
    lastQuery: null,
    queries: null,
    measured: null,
    tableScans: null,
    writes: null,
    statsSince: null,
    replica: false,
    replicas: null,
    latency: null,
    source: null,
    capacity: null,
    sample: null,
    ...own,
  };
}
