import type { Dataset } from '../model.ts';
import { gcpAddresses } from './addresses.ts';
import { gcpCloudSql } from './cloud-sql.ts';
import { gcpCommitments } from './commitments.ts';
import { gcpDisks } from './disks.ts';
import { gcpNodePools } from './gke-pools.ts';
import {
  gcpGpuTelemetry,
  gcpWorkbenchTelemetry,
  gpuTelemetryOf,
  workbenchTelemetryOf,
} from './gpu-telemetry.ts';
import { gcpImages } from './images.ts';
import { gcpInstances } from './instances.ts';
import { gcpProject } from './projects.ts';
import { gcpReservationTelemetry, reservationTelemetryOf } from './reservation-telemetry.ts';
import { gcpReservations } from './reservations.ts';
import type { GcpSession } from './session.ts';
import { gcpSnapshots } from './snapshots.ts';
import { gcpSqlTelemetry, sqlTelemetryOf } from './sql-telemetry.ts';
import { gcpTpus } from './tpus.ts';
import { gcpVertexEndpoints } from './vertex-endpoints.ts';
import { gcpVertexIndexEndpoints } from './vertex-index-endpoints.ts';
import { gcpVertexJobs } from './vertex-jobs.ts';
import { gcpVertexPersistent } from './vertex-persistent.ts';
import { gcpVertexPools } from './vertex-pools.ts';
import {
  gcpVertexPoolTelemetry,
  gcpVertexTelemetry,
  vertexPoolTelemetryOf,
  vertexTelemetryOf,
} from './vertex-telemetry.ts';
import { gcpVertexVectorSearch } from './vertex-vector-search.ts';
import { gcpWorkbench } from './workbench.ts';

/**
 * Everything that is collected of a Google Cloud project, each after what it needs. An API that is not enabled in
 * the project makes its dataset incomplete and no other: Google does not say that what was made before an API was
 * turned off is gone, so that nothing is not what a refusal proves.
 */
export const GCP_DATASETS: readonly Dataset<GcpSession>[] = [
  gcpProject,
  gcpInstances,
  gcpDisks,
  gcpAddresses,
  gcpCommitments,
  gcpReservations,
  gcpSnapshots,
  gcpImages,
  gcpVertexEndpoints,
  gcpVertexPools,
  gcpVertexPersistent,
  gcpVertexJobs,
  gcpVertexIndexEndpoints,
  gcpVertexVectorSearch,
  gcpWorkbench,
  gcpTpus,
  gcpCloudSql,
  gcpNodePools,
  gcpGpuTelemetry,
  gcpWorkbenchTelemetry,
  gcpVertexTelemetry,
  gcpVertexPoolTelemetry,
  gcpSqlTelemetry,
  gcpReservationTelemetry,
];

/** The same, with the telemetry of these resources alone: for a second look at some of many. */
export function gcpDatasets(only: ReadonlySet<string> | undefined): readonly Dataset<GcpSession>[] {
  if (only === undefined) return GCP_DATASETS;
  const telemetry = new Map([
    [gcpGpuTelemetry.id, gpuTelemetryOf(only)],
    [gcpWorkbenchTelemetry.id, workbenchTelemetryOf(only)],
    [gcpVertexTelemetry.id, vertexTelemetryOf(only)],
    [gcpVertexPoolTelemetry.id, vertexPoolTelemetryOf(only)],
    [gcpSqlTelemetry.id, sqlTelemetryOf(only)],
    [gcpReservationTelemetry.id, reservationTelemetryOf(only)],
  ]);
  return GCP_DATASETS.map((dataset) => telemetry.get(dataset.id) ?? dataset);
}
