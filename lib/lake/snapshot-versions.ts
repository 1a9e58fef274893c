import type { VectorIndex } from '../estate/model.ts';

/** The version that this one writes. */
export const SNAPSHOT_VERSION = 2;

/** An index as a snapshot of that version holds it, in the shape of now: what nobody asked then is not known. */
export function indexOfVersion(version: number, value: VectorIndex): VectorIndex {
  return version < 2 ? fromV1(value) : value;
}

/** Version 1 knew pgvector alone, and less of it. */
function fromV1(value: VectorIndex): VectorIndex {
  return {
    ...value,
    provider: 'postgres',
    // `postgres://host:port/database/schema.index`
    accountId: value.id.split('/')[2] ?? value.id,
    region: 'global',
    dataset: 'pgvector.indexes',
    incarnation: null,
    metric: null,
    model: null,
    created: null,
    lastWrite: null,
    measured: null,
    writes: null,
    modelLifecycle: null,
    latency: null,
    source: null,
    capacity: null,
    sample: null,
    gaps: [],
  };
}
