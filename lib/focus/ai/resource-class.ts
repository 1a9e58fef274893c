import type { AiClass } from './model.ts';

/** What these types can only be. */
const BY_TYPE: ReadonlyMap<string, AiClass> = new Map([
  ['aws:sagemaker:endpoint', 'inference'],
  ['aws:sagemaker:notebook-instance', 'notebook'],
  ['aws:sagemaker:domain', 'notebook'],
  ['aws:sagemaker:space', 'notebook'],
  ['aws:sagemaker:app', 'notebook'],
  ['aws:sagemaker:training-job', 'training'],
  ['aws:sagemaker:processing-job', 'data pipeline'],
  ['aws:bedrock:provisioned-model-throughput', 'model API'],
  ['aws:bedrock:custom-model', 'model API'],
  ['aws:bedrock:inference-profile', 'model API'],
  ['aws:bedrock:knowledge-base', 'vector store'],
  ['aws:batch:job', 'GPU compute'],
  ['gcp:aiplatform:endpoint', 'inference'],
  ['gcp:aiplatform:deployment-resource-pool', 'inference'],
  ['gcp:aiplatform:custom-job', 'training'],
  ['gcp:aiplatform:persistent-resource', 'training'],
  ['gcp:aiplatform:index-endpoint', 'vector store'],
  ['gcp:notebooks:instance', 'notebook'],
  ['gcp:tpu:node', 'GPU compute'],
  ['pgvector:index', 'vector store'],
]);

/**
 * The AI class of a resource that a finding is of, as far as its type tells; `idle-gpu` speaks only of machines
 * with accelerators. Null where nothing tells: what its bill says of it is asked by `bursar spend`.
 */
export function resourceClass(check: string, resourceType: string): AiClass | null {
  return BY_TYPE.get(resourceType) ?? (check === 'idle-gpu' ? 'GPU compute' : null);
}
