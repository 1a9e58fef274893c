import { hash } from 'node:crypto';

/** A vector of the corpus with what its metadata tell of it. */
export interface CorpusVector {
  readonly id: number;
  /** Key of its document. */
  readonly source: string;
  readonly part: string;
  /** Hash of the document that it was made of; null where nobody kept it. */
  readonly content: string | null;
  /** ISO-8601 UTC */
  readonly embedded: string;
  readonly model: string;
  readonly tokens: number;
  /** `DIMENSION` components, length 1. */
  readonly vector: readonly number[];
}

/** A document as its source lists it. */
export interface CorpusDocument {
  readonly key: string;
  /** ISO-8601 UTC */
  readonly modified: string;
  readonly content: string;
}

/** What a check must say of an index, written by hand. Indexes of which nothing is to be said have none. */
export interface CorpusTruth {
  readonly kind: 'unqueried' | 'orphaned' | 'out-of-date' | 'superseded-model' | 'duplicate' | 'churn';
  /** The whole index, or some of its vectors. */
  readonly of: 'index' | 'vectors';
  /** Where the store counts queries: a store that counts none says nothing of `unqueried`, and suspects copies. */
  readonly verdict: 'UNUSED' | 'INEFFICIENT';
  /** Vectors that are so. */
  readonly vectors: number;
  /** Tokens to embed them again, and US dollars at the list price of their model; null where none is asked for. */
  readonly repair: { readonly tokens: string; readonly usd: string } | null;
}

export interface CorpusIndex {
  readonly name: string;
  /** At the first look, and at the second. */
  readonly looks: readonly [readonly CorpusVector[], readonly CorpusVector[]];
  /** How often it is to be asked between the looks. */
  readonly asked: number;
  /** At the second look, 30 days after the first. */
  readonly truth: readonly CorpusTruth[];
}

export interface Corpus {
  /** The documents of all indexes, at the first look and at the second. */
  readonly documents: readonly [readonly CorpusDocument[], readonly CorpusDocument[]];
  readonly indexes: readonly CorpusIndex[];
}

export const DIMENSION = 16;
/** Days from one look to the next: as long as nobody may have asked an index. */
export const DAYS = 30;

const WRITTEN = '2026-03-01T08:00:00.000Z';
const EMBEDDED = '2026-04-01T08:00:00.000Z';
const CHANGED = '2026-06-01T08:00:00.000Z';
const AGAIN = '2026-07-01T08:00:00.000Z';

const SMALL = 'text-embedding-3-small';
const LARGE = 'text-embedding-3-large';

/**
 * Generated documents, their vectors in nine indexes, and what is wrong with each: all six kinds of stale embeddings,
 * each by itself. The same in every run.
 */
export function corpus(): Corpus {
  const handbook = made('handbook', 100, { parts: 3, tokens: 500 });
  const archive = made('archive', 80, { parts: 5 });
  const prices = made('prices', 300);
  const feed = made('feed', 500, { tokens: 200 });
  const indexes: CorpusIndex[] = [
    { ...still('handbook', handbook), asked: 6, truth: [] },
    {
      // Copied before anybody asked: of the two it is the one that is asked less.
      ...still('handbook_copy', handbook),
      asked: 2,
      truth: [{ kind: 'duplicate', of: 'index', verdict: 'UNUSED', vectors: 300, repair: null }],
    },
    {
      ...still('forgotten', made('forgotten', 200)),
      asked: 0,
      truth: [{ kind: 'unqueried', of: 'index', verdict: 'UNUSED', vectors: 200, repair: null }],
    },
    {
      // 12 of its 80 documents are gone, with five vectors each.
      ...still('archive', archive),
      asked: 3,
      truth: [{ kind: 'orphaned', of: 'vectors', verdict: 'UNUSED', vectors: 60, repair: null }],
    },
    {
      // 30 documents have another text and a later time, 10 another text under the old time, 20 were only touched;
      // of 5 that are later nobody kept the hash: 45 of 300, of 640 tokens at 0.02 USD a million.
      ...still(
        'prices',
        prices.map((one, at) => ({ ...one, tokens: 640, content: at >= 60 && at < 65 ? null : one.content })),
      ),
      asked: 4,
      truth: [
        {
          kind: 'out-of-date',
          of: 'vectors',
          verdict: 'INEFFICIENT',
          vectors: 45,
          repair: { tokens: '28800', usd: '0.000576' },
        },
      ],
    },
    {
      // 20 of 200 by another model than the rest, of 300 tokens at 0.13 USD a million.
      ...still(
        'faq',
        made('faq', 200, { tokens: 300 }).map((one, at) => ({ ...one, model: at < 180 ? LARGE : SMALL })),
      ),
      asked: 1,
      truth: [
        {
          kind: 'superseded-model',
          of: 'index',
          verdict: 'INEFFICIENT',
          vectors: 20,
          repair: { tokens: '6000', usd: '0.00078' },
        },
      ],
    },
    {
      // Google ended embedding-001 on 2025-10-30; its successor costs 0.15 USD a million tokens.
      ...still('legacy', made('legacy', 150, { tokens: 400, model: 'embedding-001' })),
      asked: 1,
      truth: [
        {
          kind: 'superseded-model',
          of: 'index',
          verdict: 'INEFFICIENT',
          vectors: 150,
          repair: { tokens: '60000', usd: '0.009' },
        },
      ],
    },
    {
      ...still('tickets', [
        ...made('tickets', 250),
        ...made('tickets', 50).map((one) => ({ ...one, id: one.id + 250 })),
      ]),
      asked: 2,
      truth: [{ kind: 'duplicate', of: 'vectors', verdict: 'UNUSED', vectors: 50, repair: null }],
    },
    {
      // 90 are made again of the same text, 10 of a text that was changed: of 200 tokens at 0.02 USD a million.
      name: 'feed',
      looks: [
        feed,
        feed.map((one, at) => {
          if (at >= 100) return one;
          return { ...one, embedded: AGAIN, ...(at < 90 ? {} : remade('feed', at, 1)) };
        }),
      ],
      asked: 5,
      truth: [
        {
          kind: 'churn',
          of: 'index',
          verdict: 'INEFFICIENT',
          vectors: 90,
          repair: { tokens: '18000', usd: '0.00036' },
        },
      ],
    },
  ];
  const always = [
    ...documentsOf('handbook', 100),
    ...documentsOf('forgotten', 200),
    ...documentsOf('archive', 80).slice(12),
    ...documentsOf('prices', 300).map((one, at) => ({
      ...one,
      ...(at < 40 ? { content: contentOf('prices', at, 1) } : {}),
      ...(at < 30 || (at >= 40 && at < 65) ? { modified: CHANGED } : {}),
    })),
    ...documentsOf('faq', 200),
    ...documentsOf('legacy', 150),
    ...documentsOf('tickets', 250),
  ];
  const fed = documentsOf('feed', 500);
  const changed = fed.map((one, at) =>
    at >= 90 && at < 100 ? { ...one, modified: CHANGED, content: contentOf('feed', at, 1) } : one,
  );
  return {
    documents: [
      [...always, ...fed],
      [...always, ...changed],
    ],
    indexes,
  };
}

/** An index that nobody writes between the looks. */
function still(name: string, vectors: readonly CorpusVector[]): Pick<CorpusIndex, 'name' | 'looks'> {
  return { name, looks: [vectors, vectors] };
}

function documentsOf(index: string, count: number): CorpusDocument[] {
  return Array.from({ length: count }, (_, at) => ({
    key: keyOf(index, at),
    modified: WRITTEN,
    content: contentOf(index, at, 0),
  }));
}

/** The vectors of so many documents: `parts` of each, one after the other. */
function made(
  index: string,
  documents: number,
  { parts = 1, tokens = 250, model = SMALL } = {},
): CorpusVector[] {
  return Array.from({ length: documents * parts }, (_, at) => {
    const document = Math.floor(at / parts);
    const part = at % parts;
    return {
      id: at,
      source: keyOf(index, document),
      part: String(part),
      embedded: EMBEDDED,
      model,
      tokens,
      ...remade(index, document, 0, part),
    };
  });
}

/** What changes in a vector with the text of its document. */
function remade(
  index: string,
  document: number,
  version: number,
  part = 0,
): Pick<CorpusVector, 'content' | 'vector'> {
  return {
    content: contentOf(index, document, version),
    vector: embed(textOf(index, document, version, part)),
  };
}

const keyOf = (index: string, document: number) => `docs/${index}/${String(document).padStart(4, '0')}.md`;

function contentOf(index: string, document: number, version: number): string {
  return hash('sha256', textOf(index, document, version), 'hex');
}

const WORDS =
  'invoice refund parcel customs warranty battery charger firmware holiday salary travel lease pump valve sensor relay harbour quay crane pallet ledger audit clause notice permit grid feeder meter tariff vendor'.split(
    ' ',
  );

/** Sixty words that hang on the document, its part and its version alone. */
export function textOf(index: string, document: number, version: number, part = 0): string {
  const digits = hash('sha512', `${index} ${document} ${version} ${part}`, 'hex');
  const picked = Array.from({ length: 60 }, (_, at) => {
    const number = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
    return WORDS[number % WORDS.length] ?? '';
  });
  return `${index} ${document}: ${picked.join(' ')}`;
}

/** The words of a text, hashed into `DIMENSION` components and brought to length 1. */
export function embed(text: string): number[] {
  const sum = Array.from({ length: DIMENSION }, () => 0);
  for (const word of text.split(/\W+/)) {
    const at = Number.parseInt(hash('sha256', word, 'hex').slice(0, 8), 16) % DIMENSION;
    sum[at] = (sum[at] ?? 0) + 1;
  }
  const length = Math.hypot(...sum);
  return sum.map((each) => each / length);
}
