import type { VectorSample } from '../../estate/model.ts';
import { Decimal } from '../../focus/decimal.ts';
import type { Evidence } from '../model.ts';
import { type CountRange, countRange } from './confidence.ts';
import { type Context, fact, scopeOf, type Told } from './context.ts';
import { modelOf, repairOf } from './models.ts';
import { rebuildOf, rebuildWords } from './rebuild.ts';
import { type Share, vectorsCost } from './share.ts';
import type { Seen } from './watch.ts';

/** Vectors whose document is gone, that have copies, or whose document was changed after them. */
export function documents(context: Context, index: Seen, share: Share): Told[] {
  const { sample } = index;
  if (sample === null || sample.size === 0) return [];
  return [
    ...orphaned(context, index, sample, share),
    ...duplicates(context, index, sample, share),
    ...outOfDate(context, index, sample),
  ];
}

function orphaned(context: Context, index: Seen, sample: VectorSample, share: Share): Told[] {
  const { counts, sources, size } = sample;
  if (sources === null || !sources.complete) return [];
  const range = tellable(context, sample, 'gone');
  if (range === null) return [];
  const matched = size - counts.unkeyed - counts.gone;
  const doubts = [
    ...(matched > 0 ? [] : ['not one of its keys is among the sources: more likely they are the wrong ones']),
    ...wholly(context, index),
  ];
  return [
    {
      kind: 'orphaned',
      of: 'vectors',
      ...verdictOf(sample, doubts),
      cost: vectorsCost(share, ...partsOf(sample, range)),
      evidence: [
        countOf('vectors whose source is gone', sample, range),
        ...sourceOf(sample),
        ...fact('vectors without a key', counts.unkeyed, 'of those that were compared', 'metadata'),
        ...fact(
          'vectors whose key is spelled otherwise',
          counts.respelled,
          'of those that were compared; not told as gone',
          'metadata',
        ),
      ],
      blindSpots: ['A document that moved elsewhere is gone from here all the same.', ...sampled(sample)],
      reason: `${shown(sample, range)} vectors point to documents that are gone${but(doubts)}.`,
    },
  ];
}

function duplicates(context: Context, index: Seen, sample: VectorSample, share: Share): Told[] {
  // Drawn by chance, the copies of a vector are seldom drawn together.
  if (sample.drawn === 'at-random') return [];
  const range = tellable(context, sample, 'duplicate');
  if (range === null) return [];
  const doubts = wholly(context, index);
  return [
    {
      kind: 'duplicate',
      of: 'vectors',
      ...verdictOf(sample, doubts),
      cost: vectorsCost(share, ...partsOf(sample, range)),
      evidence: [countOf('copies within the index', sample, range)],
      blindSpots: [
        'Vectors are copies where their keys are the same: the vectors themselves are not compared.',
        ...sampled(sample),
      ],
      reason: `${shown(sample, range)} vectors are copies of others in the same index${but(doubts)}.`,
    },
  ];
}

function outOfDate(context: Context, index: Seen, sample: VectorSample): Told[] {
  const { counts, sources } = sample;
  const range = sources === null ? null : tellable(context, sample, 'outOfDate');
  if (range === null) return [];
  const repair = repairOf(new Decimal(range.likeliest), index, modelOf(index), context.models);
  const advice = [...repair.evidence, ...rebuildOf(context, index, range.likeliest)];
  return [
    {
      kind: 'out-of-date',
      of: 'vectors',
      verdict: 'INEFFICIENT',
      confidence: isExact(sample) ? 'high' : 'medium',
      // A risk: what is wrong costs as much as what is right.
      cost: NOTHING_SAVED,
      evidence: [
        countOf('vectors older than their source', sample, range),
        ...fact(
          'source changed later',
          counts.newer,
          'of those that were compared',
          'times of source and vector',
        ),
        ...fact(
          'source with another hash',
          counts.differs,
          'of those that were compared',
          'hashes of source and vector',
        ),
        ...sourceOf(sample),
        ...advice,
      ],
      blindSpots: [
        'A risk and no saving: searches find what the documents no longer say.',
        ...(sources?.hashed === true
          ? []
          : ['Without hashes of the content, a document that was only touched counts as changed.']),
        ...repair.blindSpots,
        ...sampled(sample),
      ],
      reason: `${shown(sample, range)} vectors are older than the documents that they were made of.${rebuildWords(advice)}`,
    },
  ];
}

export const NOTHING_SAVED = {
  costBasis: 'unknown',
  monthlyCost: null,
  monthlySaving: null,
  evidence: [],
  blindSpots: [],
} as const;

/** How many there are in the index; null where they are fewer than what is told. */
function tellable(
  { settings }: Context,
  sample: VectorSample,
  of: 'gone' | 'duplicate' | 'outOfDate',
): CountRange | null {
  const hits = sample.counts[of];
  if (hits === 0) return null;
  const range = countRange(sample.population, sample.size, hits, sample.effects?.[of]);
  return range.likeliest * 100 >= settings.minShare * populationOf(sample) ? range : null;
}

function populationOf({ population, size }: VectorSample): number {
  return Math.max(population, size);
}

function isExact({ population, size }: VectorSample): boolean {
  return size >= population;
}

function wholly({ scopes }: Context, index: Seen): string[] {
  return scopes.complete(scopeOf(index)) ? [] : ['the store was not read whole'];
}

function verdictOf(sample: VectorSample, doubts: readonly string[]): Pick<Told, 'verdict' | 'confidence'> {
  if (doubts.length > 0) return { verdict: 'SUSPECTED', confidence: 'low' };
  return { verdict: 'UNUSED', confidence: isExact(sample) ? 'high' : 'medium' };
}

function partsOf(sample: VectorSample, { likeliest, least }: CountRange): [Decimal, Decimal] {
  const all = populationOf(sample);
  return [new Decimal(likeliest).div(all), new Decimal(least).div(all)];
}

function countOf(name: string, sample: VectorSample, { likeliest, least, most }: CountRange): Evidence {
  const all = populationOf(sample);
  return {
    name,
    value: String(likeliest),
    unit: isExact(sample)
      ? `of ${all} vectors, counted`
      : `of ${all} vectors, estimated from ${sample.size}: ${least} to ${most} at 95%`,
    window: '',
    source:
      sample.sources === null ? 'keys of the vectors' : `keys of the vectors and ${sample.sources.name}`,
  };
}

function sourceOf({ sources }: VectorSample): Evidence[] {
  return sources === null
    ? []
    : [
        {
          name: 'documents of the source',
          value: String(sources.keys),
          unit: sources.complete ? 'keys, listed whole' : 'keys, not listed whole',
          window: '',
          source: `${sources.name} at ${sources.listedAt}`,
        },
      ];
}

function sampled(sample: VectorSample): string[] {
  return isExact(sample)
    ? []
    : [
        `${sample.size} of ${populationOf(sample)} vectors were compared: only the least that agrees with them counts as saved.`,
      ];
}

function shown(sample: VectorSample, { likeliest }: CountRange): string {
  return `${isExact(sample) ? '' : 'About '}${likeliest} of ${populationOf(sample)}`;
}

function but(doubts: readonly string[]): string {
  return doubts.length === 0 ? '' : ` as far as is known, but ${doubts.join('; ')}`;
}
