import { EMBEDDING_MODELS, type EmbeddingModel } from '../../focus/data/embedding-models.ts';
import { Decimal, decimal } from '../../focus/decimal.ts';
import { type Money, money } from '../../focus/money.ts';
import type { Evidence } from '../model.ts';
import type { StaleEmbeddingsSettings } from './settings.ts';
import type { Seen } from './watch.ts';

/** What is known of embedding models: of the config first, then of the dated table. */
export class Models {
  readonly #byName: ReadonlyMap<string, EmbeddingModel>;

  constructor(own: StaleEmbeddingsSettings['models']) {
    const known = new Map(EMBEDDING_MODELS.map((each) => [each.name, each]));
    for (const [name, given] of Object.entries(own)) {
      const key = nameOf(name);
      const before = known.get(key);
      known.set(key, {
        name: key,
        usdPerMillionTokens: given.usdPerMillionTokens ?? before?.usdPerMillionTokens ?? null,
        source: given.source,
        legacySince: given.legacySince ?? before?.legacySince ?? null,
        endOfLife: given.endOfLife ?? before?.endOfLife ?? null,
        successor: given.successor ?? before?.successor ?? null,
      });
    }
    this.#byName = known;
  }

  of(model: string): EmbeddingModel | null {
    return this.#byName.get(nameOf(model)) ?? null;
  }
}

/** `arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v1`, `models/embedding-001`: the last part names it. */
export function nameOf(model: string): string {
  return model.trim().toLowerCase().split('/').at(-1) ?? '';
}

/** The one model that the index is made by, as store, config or all of its vectors that were looked at say; else null. */
export function modelOf({ model, sample }: Seen): string | null {
  const named = new Set(
    Object.keys(sample?.models ?? {})
      .filter((name) => name !== '')
      .map(nameOf),
  );
  if (model !== null) named.add(nameOf(model));
  // Vectors that name none may be of any.
  else if ((sample?.models[''] ?? 0) > 0) return null;
  const [only] = named;
  return named.size === 1 && only !== undefined ? only : null;
}

/** Evidence that says so. */
export const COST_TO_EMBED = 'cost to embed again';

/** What it costs to make vectors again: tokens at the list price of a model. */
export interface Repair {
  readonly cost: Money | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
}

export function repairOf(vectors: Decimal, { sample }: Seen, model: string | null, models: Models): Repair {
  const tokens = sample?.tokens ?? null;
  if (tokens === null || tokens.vectors === 0)
    return {
      cost: null,
      evidence: [],
      blindSpots: [
        'How many tokens its vectors were made of is not known: what it costs to make them again is not either.',
      ],
    };
  const needed = vectors.times(tokens.sum).div(tokens.vectors).toDecimalPlaces(0, Decimal.ROUND_HALF_UP);
  const evidence: Evidence[] = [
    {
      name: 'tokens to embed again',
      value: needed.toFixed(),
      unit: `tokens, ${tokens.sum} of ${tokens.vectors} vectors`,
      window: '',
      source: tokens.source,
    },
  ];
  const known = model === null ? null : models.of(model);
  if (known === null || known.usdPerMillionTokens === null)
    return {
      cost: null,
      evidence,
      blindSpots: [
        model === null
          ? 'Which model would make them again is not known: its price is not either.'
          : `No list price of ${model} is known: checks.stale-embeddings.models may name it.`,
      ],
    };
  const cost = money(needed.times(decimal(known.usdPerMillionTokens)).div(1_000_000), 'USD');
  return {
    cost,
    evidence: [
      ...evidence,
      {
        name: COST_TO_EMBED,
        value: cost.amount,
        unit: 'USD',
        window: 'once',
        source: `${known.usdPerMillionTokens} USD a million tokens of ${known.name}: ${known.source}`,
      },
    ],
    blindSpots: ['Reading the documents and writing the vectors again is not in the cost of embedding them.'],
  };
}
