import { awsBedrockProvisioned } from './bedrock-provisioned.ts';
import { type ServiceMetric, serviceTelemetry } from './service-telemetry.ts';

const ofUnit: Pick<
  ServiceMetric,
  'resourceType' | 'states' | 'namespace' | 'dimensions' | 'metric' | 'unit' | 'statistics'
> = {
  resourceType: 'aws:bedrock:provisioned-model-throughput',
  states: ['InService'],
  namespace: 'AWS/Bedrock',
  metric: 'requests',
  unit: 'count',
  statistics: ['sum'],
  // A call names the throughput by its ARN in place of a model.
  dimensions: ({ id }) => [{ Name: 'ModelId', Value: id }],
};

/**
 * Requests that provisioned throughputs of Bedrock answered or throttled over 30 days, so that a silence can be told
 * from what was never counted (Amazon Bedrock User Guide, "Monitor bedrock-runtime inference using CloudWatch
 * metrics": throttled requests do not count as Invocations).
 *
 * It does not see: requests to `bedrock-mantle`, which publishes elsewhere; a period without a request may have no
 * point at all.
 */
export const awsBedrockTelemetry = serviceTelemetry({
  id: 'aws.bedrock.invocations',
  needs: [awsBedrockProvisioned.id],
  hours: 720,
  metrics: ['Invocations', 'InvocationThrottles'].map((metricName) => ({ ...ofUnit, metricName })),
});
