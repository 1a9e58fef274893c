/**
 * Embedding models: their list prices by the token and, where their makers told one, the end of their service. For
 * estimates and advice alone. What is not here is not known; `checks.stale-embeddings.models` adds to it.
 *
 * - OpenAI API documentation, "text-embedding-3-large" and "text-embedding-3-small" (read November 2026).
 * - gemini-embedding-*: LiteLLM's price file (model_prices_and_context_window.json, July 2026, licence MIT), which
 *   cites Google's "Generative AI on Vertex AI pricing".
 * - OpenAI API documentation, "Deprecations", 2023-07-06: the first generation of embedding models.
 * - Google's notice to users of the Gemini API (September 2025): models that end on 2025-10-30.
 */
export interface EmbeddingModel {
  /** As its maker writes it, lower case. */
  readonly name: string;
  /** US dollars for a million tokens, decimal text; null where no list is known. */
  readonly usdPerMillionTokens: string | null;
  /** Whose list, and of when; of the end of service, where there is no price. */
  readonly source: string;
  /** `YYYY-MM-DD`: since when its maker advises another, and when it ends; null where nothing is told. */
  readonly legacySince: string | null;
  readonly endOfLife: string | null;
  /** The model that its maker names in its place. */
  readonly successor: string | null;
}

const OPENAI = 'OpenAI API documentation, read November 2026';
const LITELLM = 'list price of July 2026 (LiteLLM)';
const FIRST_GENERATION = 'OpenAI API documentation, "Deprecations", 2023-07-06';
const GEMINI_NOTICE = "Google's notice to users of the Gemini API, September 2025";

export const EMBEDDING_MODELS: readonly EmbeddingModel[] = [
  priced('text-embedding-3-small', '0.02', OPENAI),
  priced('text-embedding-3-large', '0.13', OPENAI),
  priced('gemini-embedding-001', '0.15', LITELLM),
  priced('gemini-embedding-2', '0.2', LITELLM),
  ...['ada', 'babbage', 'curie', 'davinci'].flatMap((size) => [
    ...[`text-similarity-${size}-001`, `text-search-${size}-doc-001`, `text-search-${size}-query-001`].map(
      firstGeneration,
    ),
    ...(size === 'ada' || size === 'babbage'
      ? [`code-search-${size}-code-001`, `code-search-${size}-text-001`].map(firstGeneration)
      : []),
  ]),
  ...['embedding-001', 'embedding-gecko-001', 'gemini-embedding-exp', 'gemini-embedding-exp-03-07'].map(
    (name): EmbeddingModel => ({
      name,
      usdPerMillionTokens: null,
      source: GEMINI_NOTICE,
      legacySince: null,
      endOfLife: '2025-10-30',
      successor: 'gemini-embedding-001',
    }),
  ),
];

function priced(name: string, usdPerMillionTokens: string, source: string): EmbeddingModel {
  return { name, usdPerMillionTokens, source, legacySince: null, endOfLife: null, successor: null };
}

/** OpenAI's page names text-embedding-ada-002 in their place, of which no successor is told. */
function firstGeneration(name: string): EmbeddingModel {
  return {
    name,
    usdPerMillionTokens: null,
    source: FIRST_GENERATION,
    legacySince: '2023-07-06',
    endOfLife: '2024-01-04',
    successor: 'text-embedding-ada-002',
  };
}
