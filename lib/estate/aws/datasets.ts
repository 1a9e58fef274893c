import type { Dataset } from '../model.ts';
import { awsGpuTelemetry } from './gpu-telemetry.ts';
import { awsInstances } from './instances.ts';
import type { AwsSession } from './session.ts';
import { awsVolumes } from './volumes.ts';

/** Everything that is collected of an AWS account and region, in order: telemetry needs the instances. */
export const AWS_DATASETS: readonly Dataset<AwsSession>[] = [awsInstances, awsVolumes, awsGpuTelemetry];
