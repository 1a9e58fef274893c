import type { ClassRule } from './model.ts';

const OPENAI = 'OpenAI API reference, organization costs, line items, August 2026';
const PAGES = 'product pages of each vendor, November 2026';

/** Billers who sell nothing but AI, by what they sell. */
export const VENDOR_RULES: readonly ClassRule[] = [
  {
    id: 'openai-training',
    source: OPENAI,
    when: { provider: 'openai', meter: 'fine[- ]?tun\\w*.*train|training' },
    class: 'training',
  },
  {
    id: 'openai-vector-store',
    source: OPENAI,
    when: { provider: 'openai', meter: 'vector ?store|file search' },
    class: 'vector store',
  },
  { id: 'openai', source: OPENAI, when: { provider: 'openai' }, class: 'model API' },
  {
    id: 'anthropic',
    source: 'Anthropic Admin API reference, cost report, November 2026',
    when: { provider: 'anthropic' },
    class: 'model API',
  },
  {
    id: 'vendors-models',
    source: PAGES,
    when: {
      biller:
        '^(cohere|mistral ?ai|groq|together ai|fireworks ai|replicate|deepseek|perplexity|xai|elevenlabs)\\b',
    },
    class: 'model API',
  },
  {
    id: 'vendors-vector-stores',
    source: PAGES,
    when: { biller: '^(pinecone|weaviate|qdrant|zilliz|chroma)\\b' },
    class: 'vector store',
  },
  {
    id: 'vendors-gpus',
    source: PAGES,
    when: { biller: '^(coreweave|lambda labs|runpod|crusoe|vast[.]ai)\\b' },
    class: 'GPU compute',
  },
  {
    id: 'vendors-observability',
    source: PAGES,
    when: { biller: '^(langfuse|langsmith|langchain|arize|helicone|weights (&|and) biases|comet( ml)?)\\b' },
    class: 'observability',
  },
];
