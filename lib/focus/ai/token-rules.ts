import type { Extract, TokenKind, TokenRule } from './model.ts';

/**
 * Amazon Bedrock writes the token kind into the usage type: `USE1-Claude4.5Sonnet-input-tokens`,
 * `...-cache-read-input-token-count-cross-region-global`, `USW2-anthropic.claude-opus-4-8-mantle-input-tokens-
 * global-standard`, with the quantity in `1K tokens`. Source: Amazon Bedrock User Guide, "Understanding your Amazon
 * Bedrock Cost and Usage Report data" (read November 2026).
 */
const BEDROCK = 'Amazon Bedrock User Guide, Understanding your Cost and Usage Report data, November 2026';

/** The region's prefix comes before the model: `USE1-`, `EU-`, `APN1-`. */
const bedrockModel: Extract = {
  from: 'meter',
  pattern:
    '^(?:(?:US|EU|AP|CA|SA|ME|AF|UG|IL|MX|CN)[A-Z]{0,2}[0-9]?-)?([A-Za-z0-9].*?)(?:-mantle)?(?:-(?:text|audio|image|video|speech))?-(?:cache-read|cache-write|input|output)-',
};

/**
 * Models that are sold through AWS Marketplace: the usage type holds the kind alone, `USE1-MP:USE1_InputTokenCount-
 * Units` or `USE1-MP:USE1_cache_read_tokens_standard-Units`; the model is the service, `Claude Opus 4.1 (Amazon
 * Bedrock Edition)`, and one unit is a million tokens. Source: AWS Price List, offer AmazonBedrockFoundationModels
 * (price descriptions "per Million ... Tokens", September 2026).
 */
const MARKETPLACE = 'AWS Price List, offer AmazonBedrockFoundationModels, September 2026';
const marketplaceModel: Extract = { from: 'service', pattern: '^(.+?) \\(Amazon Bedrock Edition\\)' };
const MILLION = [{ unit: 'units?', tokens: 1_000_000 }] as const;

/**
 * Vertex AI and the Gemini API: `Gemini 2.5 Flash GA Text Input - Predictions`, `Gemini 3 Flash Text Input Caching`;
 * storage of a cache is billed by the hour and is no token. The unit of the price is `count`. Gemini 1.x was sold by
 * the character and has no tokens. Source: Google Cloud SKU groups "Gen AI" and "Vertex API Gemini" (read September
 * 2026).
 */
const VERTEX = 'Google Cloud SKU groups, Vertex API Gemini, September 2026';
const vertexModel: Extract = {
  from: 'meter',
  pattern:
    '^((?:Gemini|Claude|PaLM|Llama|Mistral|Codestral|Jamba|DeepSeek|Qwen|Gemma|Grok|Kimi|GLM|gpt-oss) ?[0-9A-Za-z.-]*(?: (?:[0-9][0-9.A-Za-z]*|Pro|Flash|Lite|Ultra|Nano|Opus|Sonnet|Haiku|Instant|Large|Small|Medium|Image|Embedding|Maverick|Scout|Preview))*)',
};
const COUNT = [{ unit: 'count', tokens: 1 }] as const;
const COUNTED = '^(gemini [2-9]|claude )([^ ]* )+?';

/**
 * Azure OpenAI and Foundry models: meters such as `gpt-4o-mini-0718-Inp-glbl Tokens`, `gpt 4o 1120 cached Inp regnl
 * Tokens`, `GPT 5 Nano Inpt Glbl 1M Tokens`, `5.6 sol ShortCo Cd Wr Std Gl 1M Tokens`; blanks and hyphens mean the
 * same. The unit is that of the FOCUS row: `1K` or `1M` blocks of `Units`. Source: Azure Retail Prices API, services
 * Cognitive Services and Foundry Models (October 2026); FinOps toolkit, open data, pricing units.
 */
const AZURE = 'Azure Retail Prices API, meters of Azure OpenAI and Foundry Models, October 2026';
const AZURE_WORDS = '(?:cached|cchd|cache|cd|ch|batch|pp|ft|dev|std|shortco|longco|aud|txt|img|image|rt|wr)';
const azureModel: Extract = {
  from: 'meter',
  pattern: `(?i:^(.+?)(?:[ -][0-9]{4})?(?:[ -]${AZURE_WORDS})*[ -](?:batch)?(?:inp|inpt|input|outp|outpt|output|opt|out|wr|cached|cchd|cd)[ -].*tokens?$)`,
  write: 'hyphens',
};
const azureVersion: Extract = {
  from: 'meter',
  pattern: `(?i:^.+?[ -]([0-9]{4})(?:[ -]${AZURE_WORDS})*[ -](?:batch)?(?:inp|inpt|input|outp|outpt|output|opt|out|wr)[ -].*tokens?$)`,
};
const BLOCKS = [
  { unit: '(1 )?units?', tokens: 1 },
  { unit: '1k|1,?000( units?)?', tokens: 1000 },
  { unit: '1m|1,?000,?000( units?)?', tokens: 1_000_000 },
] as const;

/** Kinds in the order in which they are tried: "cache-read-input" is not "input". */
const rules = (
  id: string,
  rest: Omit<TokenRule, 'id' | 'kind'>,
  kinds: Readonly<Record<TokenKind, string>>,
): TokenRule[] =>
  (['cache-write', 'cached-input', 'output', 'input'] as const).map((kind) => ({
    id: `${id}-${kind}`,
    ...rest,
    kind,
    when: { ...rest.when, charge: '^usage$', meter: kinds[kind] },
  }));

export const TOKEN_RULES: readonly TokenRule[] = [
  ...rules(
    'aws-bedrock-marketplace',
    {
      source: MARKETPLACE,
      when: { provider: 'aws', service: '\\(amazon bedrock edition\\)' },
      model: marketplaceModel,
      units: MILLION,
    },
    {
      'cache-write': 'mp:.*cache_?write.*token',
      'cached-input': 'mp:.*cache_?read.*token',
      output: 'mp:.*output_?token',
      input: 'mp:.*input_?token',
    },
  ),
  ...rules(
    'aws-bedrock',
    {
      source: BEDROCK,
      when: { provider: 'aws', service: 'bedrock' },
      model: bedrockModel,
    },
    {
      'cache-write': '-cache-write-(input-)?token',
      'cached-input': '-cache-read-(input-)?token',
      output: '-output-(text-|audio-|image-|video-|speech-)?token',
      input: '-input-(text-|audio-|image-|video-|speech-)?token',
    },
  ),
  ...rules(
    'gcp-vertex',
    {
      source: VERTEX,
      when: { provider: 'gcp', service: '^(vertex ai|gemini api|generative language api)$' },
      model: vertexModel,
      units: COUNT,
    },
    {
      'cache-write': `${COUNTED}cache writes?( tokens?)?( - .*)?$`,
      'cached-input': `${COUNTED}(caching|cache (hits?|reads?)( tokens?)?)( - .*)?$`,
      output: `${COUNTED}output( tokens?)?( - predictions.*)?$`,
      input: `${COUNTED}input( tokens?)?( - predictions.*)?$`,
    },
  ),
  ...rules(
    'azure-openai',
    {
      source: AZURE,
      when: { provider: 'azure', service: 'openai|cognitive services|azure ai services|foundry' },
      model: azureModel,
      version: azureVersion,
      units: BLOCKS,
    },
    {
      'cache-write': '[ -](cached|cchd|cache|cd)[ -](wr|write)[ -].*tokens?$',
      'cached-input': '[ -](cached|cchd|cache|cd)[ -].*tokens?$',
      output: '[ -](batch)?(outp|outpt|opt|out|output)[ -].*tokens?$',
      input: '[ -](batch)?(inp|inpt|input)[ -].*tokens?$|embedding.*tokens?$',
    },
  ),
];
