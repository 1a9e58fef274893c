import { describe, expect, it } from 'vitest';
import type { Judgement, SeenIndex } from '../../../lib/checks/model.ts';
import { settings, staleEmbeddings } from '../../../lib/checks/stale-embeddings.ts';
import type { VectorSample } from '../../../lib/estate/model.ts';
import { vectorPart } from '../../../lib/estate/model-vectors.ts';
import { vectorIndex } from '../../../lib/estate/vector-index.ts';
import { gapOf } from '../../../lib/platform/coverage.ts';
import { facts, NOW } from '../facts.ts';

const DAY = 86_400_000;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY).toISOString();
const NONE = { gone: 0, newer: 0, differs: 0, outOfDate: 0, duplicate: 0, unkeyed: 0, respelled: 0 };

function sample(counts: Partial<VectorSample['counts']>, given: Partial<VectorSample> = {}): VectorSample {
  return {
    population: 10_000,
    size: 10_000,
    drawn: 'all',
    counts: { ...NONE, ...counts },
    models: { 'text-embedding-3-large': 10_000 },
    tokens: { sum: 4_000_000, vectors: 10_000, source: 'metadata field tokens' },
    sources: {
      kind: 's3',
      name: 's3://docs/',
      listedAt: ago(0),
      keys: 900,
      complete: true,
      hashed: true,
      newest: null,
    },
    sketch: [],
    ...given,
  };
}

function seen(index: string, queries: number, given: Partial<SeenIndex> = {}): SeenIndex {
  return {
    ...vectorIndex({
      store: 'docs',
      storeType: 'qdrant',
      provider: 'other',
      accountId: 'docs',
      region: 'global',
      dataset: 'qdrant.collections',
      id: `https://qdrant.acme.example/${index}`,
      index,
      gaps: [],
    }),
    vectors: 10_000,
    queries,
    statsSince: ago(100),
    replicas: 0,
    scope: 'store:docs',
    at: ago(0),
    ...given,
  };
}

function judge(indexes: readonly SeenIndex[], own: unknown = {}): Judgement[] {
  return staleEmbeddings.judge(
    facts({
      vectorIndexes: {
        current: indexes,
        history: indexes.map((index) => ({ ...index, queries: 0, sample: null, at: ago(40) })),
      },
      coverage: [{ scope: 'store:docs', status: 'complete', reason: null, asOf: NOW.toISOString() }],
    }),
    settings.parse(own),
    NOW,
  );
}

const evidence = (found: Judgement | undefined, name: string) =>
  found?.evidence.find((each) => each.name === name);

/** What is told of one index of which 500 vectors are out of date. */
const outOfDate = (given: Partial<VectorSample>, own: unknown = {}) =>
  judge([seen('docs', 1, { sample: sample({ outOfDate: 500 }, given) })], own)[0];

describe('what it costs to mend', () => {
  it('is tokens at a dated list price, in so many calls, what is asked most first', () => {
    const stale = { sample: sample({ outOfDate: 2500, newer: 2500 }) };
    const [rare, often, ...rest] = judge([seen('rare', 100, stale), seen('often', 300, stale)]);
    expect(rest).toEqual([]);
    expect(rare).toMatchObject({
      verdict: 'INEFFICIENT',
      monthlySaving: null,
      resourceType: 'qdrant:vectors',
    });
    // 2,500 vectors of 400 tokens at 0.13 USD a million.
    expect(evidence(rare, 'tokens to embed again')?.value).toBe('1000000');
    expect(evidence(rare, 'cost to embed again')).toMatchObject({
      value: '0.13',
      unit: 'USD',
      source: expect.stringContaining('0.13 USD a million tokens of text-embedding-3-large'),
    });
    expect(evidence(rare, 'batches to rebuild')).toMatchObject({ value: '2', unit: 'calls of 2048 vectors' });
    expect(evidence(rare, 'place in the order of rebuilding')).toMatchObject({
      value: '2',
      unit: 'by queries: 100 of 400, 25%',
    });
    expect(evidence(often, 'place in the order of rebuilding')?.value).toBe('1');
    // A message may have no room for the evidence: the advice stands in its first sentences, too.
    expect(rare?.reason).toMatch(
      / To make these vectors again takes 2 calls and 0\.13 USD; by its queries it is number 2 to rebuild\.$/,
    );
  });

  it('is not told without tokens or a price, and the config may name one', () => {
    expect(evidence(outOfDate({ tokens: null }), 'cost to embed again')).toBeUndefined();
    expect(outOfDate({ tokens: null })?.blindSpots.join(' ')).toContain('How many tokens');
    expect(outOfDate({ tokens: null })?.reason).toContain('takes one call, at a price that is not known');
    const models = { 'own/embedder-1': 10_000 };
    expect(outOfDate({ models })?.blindSpots.join(' ')).toContain('No list price of embedder-1 is known');
    const priced = outOfDate(
      { models },
      { models: { 'embedder-1': { usdPerMillionTokens: '0.5', source: 'contract of May 2026' } } },
    );
    expect(evidence(priced, 'cost to embed again')).toMatchObject({
      value: '0.1',
      source: '0.5 USD a million tokens of embedder-1: contract of May 2026',
    });
  });

  it('of a sample goes with its interval', () => {
    const [found] = judge([
      seen('docs', 1, {
        sample: sample({ outOfDate: 120 }, { population: 1_000_000, drawn: 'at-random' }),
      }),
    ]);
    expect(found?.confidence).toBe('medium');
    expect(evidence(found, 'vectors older than their source')).toMatchObject({
      value: '12000',
      unit: 'of 1000000 vectors, estimated from 10000: 9969 to 14320 at 95%',
    });
  });
});

describe('the model that made an index', () => {
  it('is told before it ends, by the config too', () => {
    const index = seen('docs', 1, { model: 'embedder-1', sample: sample({}, { models: {} }) });
    const ending = (endOfLife: string) =>
      judge([index], { models: { 'embedder-1': { endOfLife, successor: 'text-embedding-3-small' } } })[0];
    expect(ending('2027-05-19')).toMatchObject({
      verdict: 'INEFFICIENT',
      reason: expect.stringMatching(
        /^Its model embedder-1 ends on 2027-05-19\. To make these vectors again takes 5 calls/,
      ),
      resourceId: 'https://qdrant.acme.example/docs#superseded-model',
    });
    expect(evidence(ending('2027-05-19'), 'cost to embed again')?.value).toBe('0.08');
    expect(ending('2027-05-20')).toBeUndefined();
    expect(ending('2026-11-20')?.reason).toContain('ended on 2026-11-20');
  });

  it('is one: what most of the vectors were made by, and the others must be made again', () => {
    const models = {
      'text-embedding-3-large': 9000,
      'openai/text-embedding-3-large': 500,
      'text-embedding-3-small': 500,
    };
    const [found] = judge([seen('docs', 1, { sample: sample({}, { models }) })]);
    expect(evidence(found, 'vectors of text-embedding-3-large')?.value).toBe('9500');
    expect(evidence(found, 'tokens to embed again')?.value).toBe('200000');
    expect(evidence(found, 'cost to embed again')?.value).toBe('0.026');
  });
});

it('settings refuse days and prices that are none', () => {
  for (const model of [{ endOfLife: '2027-02-30' }, { endOfLife: 'soon' }, { usdPerMillionTokens: '1e3' }])
    expect(settings.safeParse({ models: { m: model } }).success).toBe(false);
});

const part = (index: string) => vectorPart('documents', `https://qdrant.acme.example/${index}`);
/** Which of the findings may be ended by a look that left this out. */
const ended = (found: readonly Judgement[], incomplete: readonly string[]) => {
  const coverage = [
    { scope: 'store:docs', status: 'partial' as const, reason: 'denied', asOf: null, incomplete },
  ];
  return found
    .filter(({ scopes }) => scopes.every((scope) => gapOf(coverage, scope) === null))
    .map(({ resourceId }) => resourceId.split('/').at(-1));
};

describe('what a finding rests on', () => {
  it('is the documents of its index: where they could not be read, what they showed is not gone', () => {
    const found = judge([
      seen('docs', 0),
      seen('mails', 5, { sample: sample({ gone: 5000 }) }),
      seen('wiki', 7, { sample: sample({ outOfDate: 5000 }) }),
    ]);
    expect(ended(found, [part('mails')])).toEqual(['docs', 'wiki#out-of-date']);
    expect(ended(found, [part('docs')])).toEqual(['docs', 'mails#orphaned', 'wiki#out-of-date']);
    expect(ended(found, ['qdrant.collections'])).toEqual([]);
  });

  it('is both indexes, of what two of them hold', () => {
    const sketch = Array.from({ length: 100 }, (_, at) => ({
      key: at.toString(16).padStart(16, '0'),
      content: null,
      embedded: null,
    }));
    const same = {
      dimension: 3,
      metric: 'cosine',
      sample: sample({}, { size: 100, population: 100, sketch }),
    };
    const found = judge([seen('one', 5, same), seen('two', 9, same)]);
    expect(found.map(({ resourceId }) => resourceId)).toEqual(['https://qdrant.acme.example/one#duplicate']);
    expect(found[0]?.reason).toBe('It holds the same as two, which is asked more.');
    expect(ended(found, [part('two')])).toEqual([]);
    expect(ended(found, [part('one')])).toEqual([]);
    expect(ended(found, [])).toEqual(['one#duplicate']);
    const alike = judge([seen('one', 9, same), seen('two', 9, same)]);
    expect(alike[0]?.reason).toBe('It holds the same as one, which is asked no less.');
    const unknown = judge([seen('one', 5, same), seen('two', 9, { ...same, queries: null })]);
    expect(unknown[0]?.reason).toBe(
      'It holds the same as one, as far as is known, but how often each of them is asked is not known.',
    );
  });
});

const verdicts = (...indexes: SeenIndex[]) => judge(indexes).map(({ verdict, reason }) => [verdict, reason]);

describe('one index that is seen twice', () => {
  const sketch = Array.from({ length: 100 }, (_, at) => ({
    key: at.toString(16).padStart(16, '0'),
    content: null,
    embedded: null,
  }));
  const known = {
    dimension: 3,
    metric: 'cosine',
    sample: sample({}, { size: 100, population: 100, sketch }),
  };

  it('by two stores of one address is told once, and is no copy of itself', () => {
    const one = seen('one', 5, { ...known, sample: sample({ gone: 5000 }) });
    expect(verdicts(one, { ...one, store: 'again' }).length).toBe(1);
    // The look that knows its documents counts, whichever came first.
    expect(verdicts({ ...one, sample: null }, one)).toEqual(verdicts(one, { ...one, sample: null }));
    expect(verdicts(seen('one', 5, known), seen('one', 5, known))).toEqual([]);
  });

  it('by two addresses is no copy where its id is one of a kind, and suspected where it may be another', () => {
    const id = { ...known, storeType: 'opensearch', incarnation: 'f0b3' } as const;
    expect(verdicts(seen('one', 5, id), seen('two', 9, id))).toEqual([]);
    expect(verdicts(seen('one', 5, id), seen('two', 9, { ...id, incarnation: 'f0b4' }))).toMatchObject([
      ['UNUSED', 'It holds the same as two, which is asked more.'],
    ]);
    const row = { ...known, storeType: 'pgvector', incarnation: '5.16384', tableScans: 0 } as const;
    expect(verdicts(seen('one', 5, row), seen('two', 9, row))).toMatchObject([
      ['SUSPECTED', expect.stringContaining('two addresses')],
    ]);
    expect(verdicts(seen('one', 5, { ...row, replica: true }), seen('two', 9, row))).toEqual([]);
  });

  it.each<[string, Partial<SeenIndex>]>([
    ['replicas answer', { replicas: 1 }],
    ['replicas may not be asked for', { replicas: null }],
    ['it is a replica', { replica: true }],
    ['a node counts for itself', { gaps: [{ of: 'queries', why: 'Another node counts.' }] }],
  ])('only suspects a copy where queries may be hidden: %s', (_what, given) => {
    expect(verdicts(seen('one', 5, { ...known, ...given }), seen('two', 9, known))).toMatchObject([
      ['SUSPECTED', expect.stringContaining('not counted')],
    ]);
  });
});

it('a model that some of its vectors name is not that of all: the store or the config must name it', () => {
  const half = { models: { '': 5000, 'text-embedding-3-small': 5000 } };
  const retired = { models: { 'text-embedding-3-small': { endOfLife: '2026-01-01' } } };
  const of = (given: Partial<SeenIndex>) =>
    judge([seen('docs', 1, given)], retired).map(({ reason }) => reason);
  expect(of({ sample: sample({}, half) })).toEqual([]);
  expect(of({ sample: sample({}, half), model: 'text-embedding-3-small' })).toMatchObject([
    expect.stringContaining('ended on 2026-01-01'),
  ]);
});
