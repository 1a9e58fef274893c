import { collectionDown } from './aws-aoss-collection.ts';
import { autoscalingScaleToZero } from './aws-autoscaling-scale-to-zero.ts';
import { bedrockProvisionedDelete } from './aws-bedrock-provisioned-delete.ts';
import { ebsSnapshotDeleteVolume } from './aws-ebs-snapshot-delete-volume.ts';
import { ec2Stop } from './aws-ec2-stop.ts';
import { eksNodegroupToZero } from './aws-eks-nodegroup-to-zero.ts';
import { logsRetention } from './aws-logs-retention.ts';
import { rdsStop } from './aws-rds-stop.ts';
import { sagemakerAppDelete } from './aws-sagemaker-app-delete.ts';
import { sagemakerEndpointDelete } from './aws-sagemaker-endpoint-delete.ts';
import { sagemakerNotebookStop } from './aws-sagemaker-notebook-stop.ts';
import { tagsFix } from './aws-tags-fix.ts';
import { gcpComputeStop } from './gcp-compute-stop.ts';
import { gcpTpuStop } from './gcp-tpu-stop.ts';
import { gcpVertexUndeploy } from './gcp-vertex-undeploy.ts';
import { gcpWorkbenchStop } from './gcp-workbench-stop.ts';
import type { Action } from './model.ts';
import { pgvectorDeleteVectors } from './postgres-pgvector-delete-vectors.ts';
import { pgvectorDropIndex } from './postgres-pgvector-drop-index.ts';

/**
 * Every action. A new one is a file of its own and a line here.
 * @param protectedTags keys that the config protects by (`guards.protectedTags`).
 */
export function actions(protectedTags: readonly string[]): readonly Action[] {
  return [
    ec2Stop,
    autoscalingScaleToZero,
    eksNodegroupToZero,
    sagemakerNotebookStop,
    sagemakerEndpointDelete,
    sagemakerAppDelete,
    rdsStop,
    bedrockProvisionedDelete,
    ebsSnapshotDeleteVolume,
    logsRetention,
    collectionDown,
    tagsFix(protectedTags),
    gcpComputeStop,
    gcpWorkbenchStop,
    gcpTpuStop,
    gcpVertexUndeploy,
    pgvectorDropIndex,
    pgvectorDeleteVectors,
  ];
}

/** Every action under the default config. */
export const ACTIONS: readonly Action[] = actions(['do-not-stop']);

/** What of a finding says which action answers it. */
export interface Actionable {
  readonly check: string;
  readonly provider: string;
  readonly resourceType: string;
  readonly resourceId: string;
}

/** The action that answers a finding; null where there is none: it is never more than warned about. */
export function actionFor(
  { check, provider, resourceType, resourceId }: Actionable,
  among: readonly Action[] = ACTIONS,
): Action | null {
  return (
    among.find(
      (action) =>
        action.provider === provider &&
        action.resourceTypes.includes(resourceType) &&
        action.checks.includes(check) &&
        (action.answers?.({ resourceId }) ?? true),
    ) ?? null
  );
}

/** The action of that id; null where this version has none. */
export function actionById(id: string, among: readonly Action[] = ACTIONS): Action | null {
  return among.find((action) => action.id === id) ?? null;
}
