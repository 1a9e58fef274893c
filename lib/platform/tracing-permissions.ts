import type { Permission } from './permissions.ts';

/**
 * What active tracing takes: Lambda sends the segments in the function's name (AWS Lambda Developer Guide, "Visualize
 * Lambda function invocations using AWS X-Ray"). Neither action knows a resource level (Service Authorization Reference,
 * "Actions, resources, and condition keys for AWS X-Ray").
 */
export const TRACING_PERMISSIONS: readonly Permission[] = [
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
].map((action) => ({ cloud: 'aws', action, why: 'sends traces of its runs to X-Ray' }));
