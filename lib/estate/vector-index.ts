import type { VectorIndex } from './model.ts';

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
