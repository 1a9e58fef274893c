import type { Dataset } from '../model.ts';
import { awsGpuTelemetry, gpuTelemetryOf } from './gpu-telemetry.ts';
import { awsInstances } from './instances.ts';
import type { AwsSession } from './session.ts';
import { awsVolumes } from './volumes.ts';

/** Everything that is collected of an AWS account and region, in order: telemetry needs the instances. */
export const AWS_DATASETS: readonly Dataset<AwsSession>[] = [awsInstances, awsVolumes, awsGpuTelemetry];

/** The same, with the telemetry of these resources alone: for a second look at some of many. */
export function awsDatasets(only: ReadonlySet<string> | undefined): readonly Dataset<AwsSession>[] {
  return only === undefined ? AWS_DATASETS : [awsInstances, awsVolumes, gpuTelemetryOf(only)];
}
