/**
 * stale-embeddings: vectors that nobody asks for, that point to nothing, that are out of date, or are paid for twice.
 *
 * What it means: six kinds, each named in the evidence. Unqueried: no query in the window. Orphaned: vectors whose
 * document is gone from a source that was listed whole. Duplicate: vectors with the key of another in the same index,
 * or an index whose keys are those of another index of the same model and distance, the one that is asked less.
 * Out-of-date: the document was changed after its vector, or the hash of its content is another. Superseded-model: the
 * maker of the embedding model told its end, or one index mixes the vectors of several models, whose distances to one
 * another mean nothing. Churn: content that did not change was embedded again. UNUSED is said of the first three,
 * INEFFICIENT of the others, and SUSPECTED where part of a proof is missing. Counters only grow: they are kept in
 * snapshots and differenced, a reset, another making of the index or a replica keeps it from being called UNUSED, and
 * so does everything that a store cannot tell. Where a store measures queries by time, every point must have come:
 * silence is no zero. Counts are exact where all vectors were compared; else they come with the 95% interval of the
 * hypergeometric distribution, and only its lower end counts as saved. The cost is the index's part, by bytes, of what
 * the bill charges for its store; to embed again costs the tokens at a dated list price.
 *
 * What it leaves out: indexes that were queried within the window or are not watched for so long; a store that counts
 * no queries is never called unqueried; less than the smallest share of the vectors; keys that differ from those of a
 * document in case, Unicode form or percent-encoding alone; whatever else is wrong with an index that nobody asks.
 * Out-of-date vectors and superseded models are risks: no saving is told of them, but what it costs to make the vectors
 * again, in how many calls, and which index first. No saving is told either where the store costs the same without the
 * index (a cluster that others share, a minimum capacity): then it says what would have to go together.
 *
 * What it cannot see: the vectors and texts themselves, which it never reads; whether an answer was any good; readers
 * that share the storage instead of streaming from this server; documents that moved and are still there elsewhere; how
 * often content changed between two looks.
 */

import { costsOf } from './cost.ts';
import { durationMs } from './duration.ts';
import type { Check, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';
import { breakEvenOf } from './stale/break-even.ts';
import { churn } from './stale/churn.ts';
import { type Context, judgementOf, type Told } from './stale/context.ts';
import { copies } from './stale/copies.ts';
import { documents } from './stale/documents.ts';
import { Models } from './stale/models.ts';
import { type StaleEmbeddingsSettings, settings } from './stale/settings.ts';
import { type Share, shareOf, wholeCost } from './stale/share.ts';
import { superseded } from './stale/superseded.ts';
import { type Unasked, unqueried } from './stale/unqueried.ts';
import { type Seen, watchOf } from './stale/watch.ts';

export { type StaleEmbeddingsSettings, settings };

export const staleEmbeddings: Check<StaleEmbeddingsSettings> = {
  id: 'stale-embeddings',
  title: 'Stale embeddings',
  needs: ['vector-indexes', 'costs'],
  datasets: [
    'pgvector.indexes',
    'opensearch.indexes',
    'qdrant.collections',
    'weaviate.collections',
    'pinecone.indexes',
    'lancedb.tables',
    'milvus.collections',
    'aws.opensearchserverless.vectors',
    'aws.bedrock.knowledge-vectors',
    'aws.s3vectors.indexes',
    'gcp.aiplatform.vector-search',
  ],
  verdicts: {
    UNUSED: { actionable: true },
    INEFFICIENT: { actionable: false },
    SUSPECTED: { actionable: false },
  },
  judge(facts, given, now) {
    const context: Context = {
      facts,
      settings: given,
      scopes: new Scopes(facts.coverage),
      costs: costsOf(facts),
      models: new Models(given.models),
      now,
      watches: watchesOf(facts, given),
    };
    const unasked = new Map(
      context.watches.flatMap((watch) => {
        const found = unqueried(context, watch);
        return found === null ? [] : [[watch.index.id, found] as const];
      }),
    );
    const unused = new Set([...unasked].flatMap(([id, { verdict }]) => (verdict === 'UNUSED' ? [id] : [])));
    const share = (index: Seen): Share => shareOf(index, context.costs, unused);
    const copied = copies(context, unused, share);
    return context.watches.flatMap((watch): Judgement[] => {
      const { index } = watch;
      const found = unasked.get(index.id);
      const own =
        found === undefined ? [] : [judgementOf(context, index, wholly(index, found, share(index)))];
      // What is wrong with an index that nobody asks goes with it.
      if (unused.has(index.id)) return own;
      const copy = copied.get(index.id);
      const parts = documents(context, index, share(index)).filter(
        ({ kind }) => copy === undefined || kind !== 'duplicate',
      );
      const rest = [
        ...(copy === undefined ? [] : [copy]),
        // A part of what goes as a whole is not saved twice.
        ...parts.map((told) =>
          copy?.verdict === 'UNUSED' ? { ...told, cost: { ...told.cost, monthlySaving: null } } : told,
        ),
        ...superseded(context, index),
        ...churn(context, watch),
      ];
      return [...own, ...rest.map((told) => judgementOf(context, index, told))];
    });
  },
  wouldChange(verdict, { window, minShare }) {
    const asked = `One query of the index within ${window}: no finding of the kind unqueried.`;
    if (verdict === 'UNUSED')
      return [
        asked,
        'A reset of the counters, a scan of the table without the index, or a replica that may answer: SUSPECTED.',
        `Fewer than ${minShare}% of its vectors orphaned or copied: no finding of these kinds.`,
        'A source that was not listed to its end: nothing is called orphaned.',
      ];
    if (verdict === 'INEFFICIENT')
      return [
        `Vectors made again until fewer than ${minShare}% are older than their documents: not out of date.`,
        'All vectors made again by one model whose end is not told: no superseded model.',
        'Content that is embedded again only when it changed: no churn.',
      ];
    return [
      asked,
      'The same counts in two looks that lie the window apart, with nothing that may hide a query: UNUSED.',
      'A store that was read whole, and a sample that is large enough: UNUSED.',
    ];
  },
};

/** An index that nobody asks, with what it costs and what another place would cost. */
function wholly(index: Seen, found: Unasked, share: Share): Told {
  const { evidence, blindSpots } = breakEvenOf(index, share);
  return {
    ...found,
    cost: wholeCost(share),
    evidence: [...found.evidence, ...evidence],
    blindSpots: [...found.blindSpots, ...blindSpots],
  };
}

function watchesOf(facts: Facts, { window }: StaleEmbeddingsSettings): Context['watches'] {
  const history = Map.groupBy(facts.vectorIndexes.history, ({ id }) => id);
  return onceEach(facts.vectorIndexes.current).map((index) =>
    watchOf(index, history.get(index.id) ?? [], durationMs(window)),
  );
}

/** Two stores of the config may name one server: of an index that is seen twice, the look that knows more. */
function onceEach(indexes: Facts['vectorIndexes']['current']): readonly Seen[] {
  const byId = new Map<string, Seen>();
  for (const index of indexes) {
    const before = byId.get(index.id);
    if (before === undefined || (before.sample === null && index.sample !== null)) byId.set(index.id, index);
  }
  return [...byId.values()];
}
