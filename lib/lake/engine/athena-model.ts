import type { AthenaClient } from '@aws-sdk/client-athena';
import type { Meter } from '../../platform/meter.ts';
import type { ExportPlace } from '../../sources/aws-data-export/permissions.ts';

export interface AthenaSettings {
  readonly region: string;
  readonly workgroup: string;
  /** Database of the Glue Data Catalog. */
  readonly database: string;
  /** `s3://bucket/prefix/` for results; left out: that of the workgroup. */
  readonly output?: string;
  /** What one query may scan at most, bytes: the workgroup must have this limit or a lower one. */
  readonly bytesLimit: bigint;
  /** Where the exports lie that are asked in place: the caller of Athena reads them, whatever role collects. */
  readonly exports: readonly ExportPlace[];
}

export interface Athena extends AthenaSettings {
  readonly client: AthenaClient;
  readonly meter: Meter;
  /** Left out: 30 minutes, the quota "DML query timeout" as accounts have it at first (Athena, Service Quotas). */
  readonly deadlineMs?: number;
  /** First wait between two looks at a running query, ms; it grows to 25 times as much. */
  readonly pollMs?: number;
}
