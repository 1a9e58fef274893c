import type { ClassRule } from '../../../lib/focus/ai/model.ts';
import { AI_COLUMNS, FOCUS_COLUMNS, storedType } from '../../../lib/focus/columns.ts';
import { withDerived } from '../../../lib/lake/attribution/derived.ts';
import type { Dialect } from '../../../lib/lake/dialect/model.ts';

export type Charge = Readonly<Record<string, string>>;
const TYPES = new Map<string, string>(
  [...FOCUS_COLUMNS, ...AI_COLUMNS].map(({ name, kind }) => [name, storedType(kind)]),
);

/** The names of the types that the charges have, as the engines call them. */
const BIGQUERY: Readonly<Record<string, string>> = {
  'DECIMAL(38,18)': 'BIGNUMERIC',
  VARCHAR: 'STRING',
  BOOLEAN: 'BOOL',
};

/**
 * `costs` over charges whose other columns are null; `x_at` is their order.
 * @param billers what the lake knows of ProviderName
 */
export function viewOf(
  d: Dialect,
  charges: readonly Charge[],
  aiRules: readonly ClassRule[] = [],
  asked?: string,
  billers?: readonly string[],
): string {
  const names = [
    ...new Set([
      ...FOCUS_COLUMNS.map(({ name }) => name),
      'x_Source',
      ...charges.flatMap((each) => Object.keys(each)),
    ]),
  ];
  const rows = charges.map((charge, at) => {
    const values = names.map((name) => {
      const text = charge[name];
      const type = TYPES.get(name) ?? 'VARCHAR';
      const named = d.id === 'bigquery' ? (BIGQUERY[type] ?? type) : type;
      return `CAST(${text === undefined ? 'NULL' : d.text(text)} AS ${named}) AS ${d.name(name)}`;
    });
    return `SELECT ${[...values, `${at} AS x_at`].join(', ')}`;
  });
  const attribution = { dimensions: {}, aiRules, ...(billers && { billers }) };
  return withDerived(d, rows.join(' UNION ALL '), [...names, 'x_at'], attribution, asked);
}

/** The question of all engines, in the order of the charges. */
export const AI_OF_EACH = (d: Dialect) =>
  `SELECT ${['x_AiClass', 'x_AiModel', 'x_AiModelVersion', 'x_TokenKind', 'x_TokenQuantity', 'x_model'].map((name) => `${d.name(name)} AS ${name.toLowerCase()}`).join(', ')} FROM costs ORDER BY ${d.name('x_at')}`;

const usage = { ChargeCategory: 'Usage', ChargePeriodStart: '2026-11-05 00:00:00' };
export const aws = (ServiceName: string, more: Charge = {}) => ({
  ...usage,
  ProviderName: 'AWS',
  ServiceName,
  ...more,
});
const gcp = (ServiceName: string, SkuMeter: string, more: Charge = {}) => ({
  ...usage,
  ProviderName: 'Google Cloud',
  ServiceName,
  SkuMeter,
  ...more,
});
const azure = (SkuMeter: string, more: Charge = {}) => ({
  ...usage,
  ProviderName: 'Microsoft',
  ServiceName: 'Azure OpenAI',
  SkuMeter,
  ...more,
});
export const thousand = { ConsumedQuantity: '12.5', ConsumedUnit: '1K tokens' };

export type Tokens = [
  Charge,
  model: string | null,
  version: string | null,
  kind: string | null,
  tokens: string | null,
];
export const TOKENS: readonly Tokens[] = [
  // Amazon Bedrock, by usage type.
  [
    aws('Amazon Bedrock', { x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens', ...thousand }),
    'Claude4.6Sonnet',
    null,
    'input',
    '12500',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USE1-Claude4.6Sonnet-output-tokens-cross-region-global',
      ...thousand,
    }),
    'Claude4.6Sonnet',
    null,
    'output',
    '12500',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USW2-Claude4.5Sonnet-cache-write-input-token-count',
      ConsumedQuantity: '433.893',
      ConsumedUnit: '1K tokens',
    }),
    'Claude4.5Sonnet',
    null,
    'cache-write',
    '433893',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USW2-Claude4.6Sonnet-cache-read-input-token-count',
      ...thousand,
    }),
    'Claude4.6Sonnet',
    null,
    'cached-input',
    '12500',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard',
      ...thousand,
    }),
    'anthropic.claude-opus-4-8',
    null,
    'input',
    '12500',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard',
      ...thousand,
    }),
    'anthropic.claude-opus-4-8',
    null,
    'cache-write',
    '12500',
  ],
  [
    aws('Amazon Bedrock', { x_UsageType: 'USE1-gpt-oss-120b-output-tokens-priority', ...thousand }),
    'gpt-oss-120b',
    null,
    'output',
    '12500',
  ],
  [
    aws('Amazon Bedrock', { x_UsageType: 'EU-Qwen3-VL-235B-A22B-input-tokens', ...thousand }),
    'Qwen3-VL-235B-A22B',
    null,
    'input',
    '12500',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global',
      ...thousand,
    }),
    'Nova2.0Pro',
    null,
    'input',
    '12500',
  ],
  [
    aws('AmazonBedrock', {
      SkuMeter: 'APN1-Nova2.0Lite-input-tokens-flex',
      PricingQuantity: '2',
      PricingUnit: '1K tokens',
    }),
    'Nova2.0Lite',
    null,
    'input',
    '2000',
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens',
      ConsumedQuantity: '3',
      ConsumedUnit: 'Bundles',
    }),
    'Claude4.6Sonnet',
    null,
    'input',
    null,
  ],
  [
    aws('Amazon Bedrock', {
      x_UsageType: 'USE1-Claude4.6Sonnet-ProvisionedThroughput-NoCommit-ModelUnits',
    }),
    null,
    null,
    null,
    null,
  ],
  [
    aws('Amazon Bedrock', { x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens', ChargeCategory: 'Credit' }),
    null,
    null,
    null,
    null,
  ],
  [aws('Amazon S3', { x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens' }), null, null, null, null],
  // Models sold through AWS Marketplace: a unit is a million tokens.
  [
    aws('Claude Opus 4.1 (Amazon Bedrock Edition)', {
      x_UsageType: 'USW2-MP:USW2_InputTokenCount-Units',
      ConsumedQuantity: '0.25',
      ConsumedUnit: 'Units',
    }),
    'Claude Opus 4.1',
    null,
    'input',
    '250000',
  ],
  [
    aws('Claude Opus 4.1 (Amazon Bedrock Edition)', {
      x_UsageType: 'USE1-MP:USE1_cache_read_tokens_standard-Units',
      ConsumedQuantity: '2',
      ConsumedUnit: 'Units',
    }),
    'Claude Opus 4.1',
    null,
    'cached-input',
    '2000000',
  ],
  [
    aws('Claude Opus 4.1 (Amazon Bedrock Edition)', {
      x_UsageType: 'USE1-MP:USE1_CacheWriteInputTokenCount_Global-Units',
      ConsumedQuantity: '2',
      ConsumedUnit: 'Units',
    }),
    'Claude Opus 4.1',
    null,
    'cache-write',
    '2000000',
  ],
  // Vertex AI, by SKU description.
  [
    gcp('Vertex AI', 'Gemini 2.5 Flash GA Text Input - Predictions', {
      ConsumedQuantity: '1065040',
      ConsumedUnit: 'count',
    }),
    'Gemini 2.5 Flash',
    null,
    'input',
    '1065040',
  ],
  [
    gcp('Vertex AI', 'Gemini 2.5 Flash GA Thinking Text Output - Predictions', {
      ConsumedQuantity: '7',
      ConsumedUnit: 'count',
    }),
    'Gemini 2.5 Flash',
    null,
    'output',
    '7',
  ],
  [
    gcp('Vertex AI', 'Gemini 2.5 Flash GA Input Text Caching', {
      PricingQuantity: '7',
      PricingUnit: 'count',
    }),
    'Gemini 2.5 Flash',
    null,
    'cached-input',
    '7',
  ],
  [
    gcp('Vertex AI', 'Gemini 3 Flash Text Input Caching Storage', {
      ConsumedQuantity: '7',
      ConsumedUnit: 'hour',
    }),
    null,
    null,
    null,
    null,
  ],
  [
    gcp('Vertex AI', 'Gemini 1.5 Pro Text Input - Predictions', {
      ConsumedQuantity: '7',
      ConsumedUnit: 'count',
    }),
    null,
    null,
    null,
    null,
  ],
  // Azure OpenAI, by meter.
  [
    azure('gpt-4o-mini-0718-Inp-glbl Tokens', { ConsumedQuantity: '5', ConsumedUnit: '1K' }),
    'gpt-4o-mini',
    '0718',
    'input',
    '5000',
  ],
  [
    azure('gpt-4o-mini-0718-Outp-regnl Tokens', { ConsumedQuantity: '5', ConsumedUnit: '1K Tokens' }),
    'gpt-4o-mini',
    '0718',
    'output',
    '5000',
  ],
  [
    azure('gpt 4o 1120 cached Inp regnl Tokens', { ConsumedQuantity: '5', ConsumedUnit: 'Units' }),
    'gpt-4o',
    '1120',
    'cached-input',
    '5',
  ],
  [
    azure('GPT 5 Nano Inpt Glbl 1M Tokens', { PricingQuantity: '5', PricingUnit: '1M' }),
    'gpt-5-nano',
    null,
    'input',
    '5000000',
  ],
  [azure('5.4 mini Opt Gl 1M Tokens', {}), '5.4-mini', null, 'output', null],
  [azure('5.6 sol ShortCo Cd Wr Std Gl 1M Tokens', {}), '5.6-sol', null, 'cache-write', null],
  [azure('5.4 mini cd Inp Gl 1M Tokens', {}), '5.4-mini', null, 'cached-input', null],
  [azure('gpt 4.1 nano Inp glbl Tokens', {}), 'gpt-4.1-nano', null, 'input', null],
  [azure('Kontext Pro glbl Images', {}), null, null, null, null],
];

export const CLASSES: readonly [Charge, string][] = [
  [aws('Amazon Bedrock', { x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens' }), 'model API'],
  [aws('Amazon Bedrock', { x_UsageType: 'USE1-NovaLite-Customization-Training' }), 'training'],
  [aws('Amazon Bedrock', { ChargeCategory: 'Credit' }), 'model API'],
  [aws('Claude Opus 4.1 (Amazon Bedrock Edition)'), 'model API'],
  [aws('Amazon SageMaker', { x_UsageType: 'USE1-Train:ml.p4d.24xlarge' }), 'training'],
  [aws('Amazon SageMaker', { x_UsageType: 'USE1-Host:ml.g5.xlarge' }), 'inference'],
  [aws('AmazonSageMaker', { x_UsageType: 'Tsform:ml.m5.large' }), 'inference'],
  [aws('Amazon SageMaker', { x_UsageType: 'EUC1-Notebk:ml.t3.medium' }), 'notebook'],
  [aws('Amazon SageMaker', { x_UsageType: 'FeatureStore:ReadRequestUnits' }), 'feature store'],
  [aws('Amazon SageMaker', { x_UsageType: 'DataWrangler:ml.m5.4xlarge' }), 'data pipeline'],
  [aws('Amazon SageMaker', { x_UsageType: 'USE1-Cluster:ml.p5.48xlarge' }), 'GPU compute'],
  [aws('Amazon SageMaker', { x_UsageType: 'USE1-Cluster:ml.m5.large' }), 'unknown'],
  [aws('Amazon Elastic Compute Cloud', { x_UsageType: 'BoxUsage:p4d.24xlarge' }), 'GPU compute'],
  [aws('Amazon Elastic Compute Cloud', { x_UsageType: 'USE1-SpotUsage:g6e.12xlarge' }), 'GPU compute'],
  [aws('AmazonEC2', { SkuPriceDetails: '{"InstanceType":"trn2.48xlarge"}' }), 'GPU compute'],
  [aws('Amazon Elastic Compute Cloud', { x_UsageType: 'BoxUsage:m6i.large' }), 'unknown'],
  [aws('Amazon Elastic Compute Cloud', { x_UsageType: 'BoxUsage:m6g.large' }), 'unknown'],
  [aws('Amazon Elastic Compute Cloud', { x_UsageType: 'EBS:VolumeUsage.gp3' }), 'unknown'],
  [aws('Amazon Simple Storage Service'), 'unknown'],
  [aws('Amazon Rekognition'), 'model API'],
  [aws('Amazon Route 53'), 'not AI'],
  [aws('Amazon CloudFront', { ServiceCategory: 'Networking' }), 'not AI'],
  [aws('A service of tomorrow', { ServiceCategory: 'Networking' }), 'not AI'],
  [aws('A service of tomorrow', { ServiceCategory: 'AI and Machine Learning' }), 'unknown'],
  [gcp('Vertex AI', 'Gemini 2.5 Flash GA Text Input - Predictions'), 'model API'],
  [gcp('Vertex AI', 'Vertex AI: Training/Pipelines on Americas N1 standard-4'), 'training'],
  [gcp('Vertex AI', 'Vertex AI: Online/Batch Prediction N1 Predefined Instance Core'), 'inference'],
  [gcp('Vertex AI', 'Vertex AI Workbench management fee'), 'notebook'],
  [gcp('Compute Engine', 'Nvidia Tesla A100 GPU running in Americas'), 'GPU compute'],
  [gcp('Compute Engine', 'N2 Instance Core running in Americas'), 'unknown'],
  [gcp('Cloud TPU', 'TPU v5e'), 'GPU compute'],
  [azure('gpt-4o-mini-0718-Inp-glbl Tokens'), 'model API'],
  [azure('NC24ads A100 v4', { ServiceName: 'Virtual Machines' }), 'GPU compute'],
  [azure('D4s v5', { ServiceName: 'Virtual Machines' }), 'unknown'],
  [{ ...usage, ProviderName: 'OpenAI', ServiceName: 'OpenAI API' }, 'model API'],
  [{ ...usage, ProviderName: 'OpenAI', SkuMeter: 'gpt-4o fine-tuning training' }, 'training'],
  [{ ...usage, ProviderName: 'Anthropic', ServiceName: 'Claude API' }, 'model API'],
  [{ ...usage, ProviderName: 'Pinecone' }, 'vector store'],
  [{ ...usage, ProviderName: 'Some SaaS', ServiceName: 'Bedrock mattresses' }, 'unknown'],
  [{}, 'unknown'],
];
