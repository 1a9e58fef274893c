import type { ClassRule, Condition } from './model.ts';

const SKUS = 'Google Cloud SKU catalogue of the service (cloud.google.com/skus), September 2026';
const SERVICES = 'Google Cloud product pages of each service, November 2026';

const rule = (id: string, source: string, when: Condition, verdict: ClassRule['class']): ClassRule => ({
  id: `gcp-${id}`,
  source,
  when: { provider: 'gcp', ...when },
  class: verdict,
});

const VERTEX = '^(vertex ai|cloud machine learning engine|cloud automl|prediction|notebooks)$';

/** Google Cloud by service and SKU description, the narrower before the wider. */
export const GCP_RULES: readonly ClassRule[] = [
  rule('vertex-evaluation', SKUS, { service: VERTEX, meter: '(^|[^a-z])evaluation' }, 'evaluation'),
  rule(
    'vertex-tuning',
    SKUS,
    { service: VERTEX, meter: '(^|[^a-z])(tuning|training)([^a-z]|$)' },
    'training',
  ),
  rule('vertex-feature-store', SKUS, { service: VERTEX, meter: 'feature ?store' }, 'feature store'),
  rule(
    'vertex-vector-search',
    SKUS,
    { service: VERTEX, meter: 'vector search|matching engine' },
    'vector store',
  ),
  rule('vertex-notebook', SKUS, { service: VERTEX, meter: 'notebook|workbench|colab' }, 'notebook'),
  rule('vertex-pipelines', SKUS, { service: VERTEX, meter: 'pipelines?([^a-z]|$)' }, 'data pipeline'),
  rule('vertex-monitoring', SKUS, { service: VERTEX, meter: 'model monitoring' }, 'observability'),
  rule(
    'vertex-models',
    SKUS,
    {
      service: VERTEX,
      meter:
        '(gemini|palm|claude|llama|mistral|codestral|jamba|deepseek|qwen|gemma|grok|imagen|veo|lyria|chirp|text ?embedding|embedding for|grounding)',
    },
    'model API',
  ),
  rule(
    'vertex-prediction',
    SKUS,
    {
      service: VERTEX,
      meter: '(^|[^a-z])(online|batch|custom|automl)?[ /-]*(prediction|inference)s?([^a-z]|$)',
    },
    'inference',
  ),
  rule('gemini-api', SERVICES, { service: '^(gemini api|generative language api)$' }, 'model API'),
  rule('tpu', SERVICES, { service: '^cloud tpu$' }, 'GPU compute'),
  rule(
    'compute-accelerated',
    SKUS,
    {
      service: '^(compute engine|kubernetes engine|google kubernetes engine|cloud run)$',
      meter:
        '(^|[^a-z0-9])(nvidia|gpus?|tpus?|a2 instance|a3 instance|a4 instance|g2 instance|g4 instance)([^a-z0-9]|$)',
    },
    'GPU compute',
  ),
  rule(
    'compute-machines',
    SERVICES,
    { service: '^compute engine$', machine: '^(a[2-9]|g[2-9]|ct[0-9][a-z]*)-' },
    'GPU compute',
  ),
  rule(
    'ready-models',
    SERVICES,
    {
      service:
        '^(cloud )?(vision api|natural language( api)?|speech api|speech-to-text|text-to-speech( api)?|translation( api)?|translate|video intelligence api|document ai api|dialogflow( api)?)$',
    },
    'model API',
  ),
  rule(
    'no-place-for-ai',
    SERVICES,
    {
      service:
        '^(networking|cloud dns|cloud cdn|cloud key management service \\(kms\\)|secret manager|cloud pub/sub|cloud tasks|cloud scheduler|identity platform|security command center|support|cloud domains)$',
    },
    'not AI',
  ),
];
