import { vectorPart } from '../../estate/model-vectors.ts';
import { datasetOf } from '../../platform/coverage.ts';
import type { Costs } from '../cost.ts';
import type { Evidence, Facts, Judgement, Verdict } from '../model.ts';
import type { Scopes } from '../scopes.ts';
import type { Models } from './models.ts';
import type { StaleEmbeddingsSettings } from './settings.ts';
import type { PartCost } from './share.ts';
import type { Seen, Watch } from './watch.ts';

/** What all kinds look at. */
export interface Context {
  readonly facts: Facts;
  readonly settings: StaleEmbeddingsSettings;
  readonly scopes: Scopes;
  readonly costs: Costs;
  readonly models: Models;
  readonly now: Date;
  /** Of every index that the newest snapshots hold, in their order. */
  readonly watches: readonly Watch[];
}

export type Kind = 'unqueried' | 'orphaned' | 'out-of-date' | 'superseded-model' | 'duplicate' | 'churn';

/** What a kind says of an index. */
export interface Told {
  readonly kind: Kind;
  /** All of the index, or some of its vectors. */
  readonly of: 'index' | 'vectors';
  readonly verdict: Verdict;
  readonly confidence: Judgement['confidence'];
  readonly cost: PartCost;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
  readonly reason: string;
  /** What it rests on besides its own store, as `restsOf` names it. */
  readonly rests?: readonly string[];
}

/**
 * A finding is known by its resource: an index that nobody asks is the resource itself, and whatever else is told of
 * it has the kind after its id.
 */
export function judgementOf({ facts }: Context, index: Seen, told: Told): Judgement {
  const { provider, accountId, region, storeType } = index;
  const { kind, of, verdict, confidence, cost, reason } = told;
  return {
    check: 'stale-embeddings',
    provider,
    accountId,
    region,
    resourceType: `${storeType}:${of}`,
    resourceId: kind === 'unqueried' ? index.id : `${index.id}#${kind}`,
    resourceName: index.index,
    owner: facts.ownerOf({ accountId, tags: null }),
    verdict,
    confidence,
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    // What may be waste saves nothing yet.
    monthlySaving: verdict === 'UNUSED' ? cost.monthlySaving : null,
    evidence: [
      ...fact('kind', kind, 'kind', 'stale-embeddings'),
      ...told.evidence,
      ...fact('table', index.table === '' ? null : index.table, 'table', storeType),
      ...fact('method', index.method, 'access method', storeType),
      ...fact('vectors', index.vectors, 'as the store counts or estimates them', storeType),
      ...fact('dimension', index.dimension, 'components', storeType),
      ...fact('size', index.bytes, 'bytes', storeType),
      ...fact('embedding model', index.model, 'model', 'store or config'),
      ...cost.evidence,
    ],
    // What its store cannot tell is said by name, whatever is said of the index.
    blindSpots: [...new Set([...told.blindSpots, ...cost.blindSpots, ...index.gaps.map(({ why }) => why)])],
    reason,
    scopes: [
      ...new Set([...restsOf(index, kind === 'unqueried' ? 'queries' : 'documents'), ...(told.rests ?? [])]),
    ],
  };
}

/** What must be read whole before the absence of a finding counts: the store's indexes, and of this one a part. */
export function restsOf(index: Seen, of: 'queries' | 'documents'): string[] {
  return [scopeOf(index), datasetOf(index.scope, vectorPart(of, index.id))];
}

/** A state as evidence; nothing where it is not known. */
export function fact(name: string, value: string | number | null, unit: string, source: string): Evidence[] {
  return value === null ? [] : [{ name, value: String(value), unit, window: '', source }];
}

/** What must be read whole: the dataset that read the index, in its scope. */
export function scopeOf({ scope, dataset }: Seen): string {
  return datasetOf(scope, dataset);
}
