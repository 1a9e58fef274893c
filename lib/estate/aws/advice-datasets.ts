import type { Dataset } from '../model.ts';
import { awsComputeOptimizer } from './compute-optimizer.ts';
import { awsCostOptimizationHub } from './cost-optimization-hub.ts';
import type { AwsSession } from './session.ts';

/** What tools of AWS recommend: read only where the config asks for it, and in no second look before a stop. */
export const AWS_ADVICE_DATASETS: readonly Dataset<AwsSession>[] = [
  awsComputeOptimizer,
  awsCostOptimizationHub,
];
