import type { Dataset } from '../model.ts';
import { awsGpuTelemetry, gpuTelemetryOf } from './gpu-telemetry.ts';
import { awsInstances } from './instances.ts';
import { awsSagemakerEndpoints } from './sagemaker-endpoints.ts';
import { awsSagemakerNotebooks } from './sagemaker-notebooks.ts';
import { awsSagemakerTelemetry, telemetryOf } from './sagemaker-telemetry.ts';
import type { AwsSession } from './session.ts';
import { awsVolumes } from './volumes.ts';

/** Everything that is collected of an AWS account and region, in order: telemetry needs the instances. */
export const AWS_DATASETS: readonly Dataset<AwsSession>[] = [
  awsInstances,
  awsVolumes,
  awsSagemakerEndpoints,
  awsSagemakerNotebooks,
  awsGpuTelemetry,
  awsSagemakerTelemetry,
];

/** The same, with the telemetry of these resources alone: for a second look at some of many. */
export function awsDatasets(only: ReadonlySet<string> | undefined): readonly Dataset<AwsSession>[] {
  if (only === undefined) return AWS_DATASETS;
  const telemetry = new Map([
    [awsGpuTelemetry.id, gpuTelemetryOf(only)],
    [awsSagemakerTelemetry.id, telemetryOf(only)],
  ]);
  return AWS_DATASETS.map((dataset) => telemetry.get(dataset.id) ?? dataset);
}
