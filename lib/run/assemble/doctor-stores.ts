import type { Config, StoreConfig } from '../../config/schema.ts';
import type { Snapshot, VectorIndex } from '../../estate/model.ts';
import { vectorPart } from '../../estate/model-vectors.ts';
import type { Examined } from './examined.ts';
import { documentsName, fits } from './store-documents.ts';

/**
 * What a look at a store showed of its documents, one line for each entry of the config: which indexes it is for, and
 * what their source lacks. Nothing where the scope is no store of the config.
 */
export function examineDocuments(stores: Config['estate']['stores'], snapshot: Snapshot): Examined[] {
  return storesOf(stores, snapshot).flatMap(([id, store, indexes]) =>
    store.documents.map((entry, at) => {
      const meant = indexes.filter(
        ({ index }) => store.documents.findIndex((each) => fits(each.index, index)) === at,
      );
      return examineEntry(documentsName(id, at), entry.index, meant, indexes);
    }),
  );
}

/** Was all of it read but documents, of which `examineDocuments` tells? */
export function isReadBesidesDocuments({ coverage, vectorIndexes }: Snapshot): boolean {
  const documents = new Set(vectorIndexes.map(({ id }) => vectorPart('documents', id)));
  return coverage.every(
    ({ status, incomplete = [] }) =>
      status === 'complete' ||
      (status === 'partial' && incomplete.length > 0 && incomplete.every((name) => documents.has(name))),
  );
}

function storesOf(
  stores: Config['estate']['stores'],
  { scope: { accountId, provider }, vectorIndexes }: Snapshot,
): [string, StoreConfig, readonly VectorIndex[]][] {
  const store = Object.hasOwn(stores, accountId) ? stores[accountId] : undefined;
  const isStore = provider === 'postgres' || provider === 'other';
  return store === undefined || !isStore ? [] : [[accountId, store, vectorIndexes]];
}

function examineEntry(
  what: string,
  wanted: string,
  meant: readonly VectorIndex[],
  all: readonly VectorIndex[],
): Examined {
  const fails = (told: string, todo: string): Examined => ({ what, state: 'fails', told, todo });
  if (meant.length === 0)
    return fails(
      `no index is called ${wanted}, or another entry before it is for them`,
      all.length === 0
        ? 'The store has no vector index, or the login sees none.'
        : `The store has: ${all
            .map(({ index }) => index)
            .slice(0, 10)
            .join(', ')}.`,
    );
  const gaps = [
    ...new Set(
      meant.flatMap((index) => index.gaps.filter((gap) => gap.of === 'documents').map(({ why }) => why)),
    ),
  ];
  if (gaps.length > 0) return fails(gaps.join(' '), 'Until then those indexes are judged without it.');
  const samples = meant.flatMap(({ sample }) => (sample === null ? [] : [sample]));
  const unmatched = samples.filter(
    ({ size, counts, sources }) =>
      sources !== null && size > counts.unkeyed && counts.gone + counts.unkeyed === size,
  );
  const [other] = unmatched;
  if (other !== undefined)
    return fails(
      `of ${unmatched.length} of ${meant.length} indexes, not one key is among the ${other.sources?.keys ?? 0} documents`,
      'See that `as` names documents as the vectors do, and that `key` is where the vectors name them.',
    );
  const unkeyed = samples.filter(({ size, counts }) => size > 0 && counts.unkeyed === size);
  if (unkeyed.length > 0)
    return fails(
      `the vectors of ${unkeyed.length} of ${meant.length} indexes name no document`,
      'See that `key` is where the vectors name their document.',
    );
  const vectors = samples.reduce((sum, { size }) => sum + size, 0);
  return { what, state: 'works', told: `${vectors} vectors of ${meant.length} indexes compared`, todo: null };
}
