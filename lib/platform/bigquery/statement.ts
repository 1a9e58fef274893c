import type { Statement } from './model.ts';

/** The body of jobs.insert for a query (REST reference, Job and JobConfigurationQuery). */
export function insertBody(
  { sql, params = {}, location }: Statement,
  job: {
    readonly project: string;
    /** Null: BigQuery makes one (a dry run has no job to find again). */
    readonly jobId: string | null;
    readonly dryRun?: boolean;
    readonly maximumBytesBilled?: bigint;
    /** BigQuery ends the job itself after this, milliseconds: nothing runs on where this process dies. */
    readonly patience?: number;
  },
): object {
  const { project, jobId, dryRun = false, maximumBytesBilled, patience } = job;
  return {
    jobReference: { projectId: project, location, ...(jobId === null ? {} : { jobId }) },
    configuration: {
      ...(dryRun ? { dryRun } : {}),
      ...(patience === undefined ? {} : { jobTimeoutMs: String(Math.ceil(patience)) }),
      labels: { tool: 'bursar' },
      query: {
        query: sql,
        useLegacySql: false,
        ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled: String(maximumBytesBilled) }),
        ...(Object.keys(params).length === 0
          ? {}
          : {
              parameterMode: 'NAMED',
              queryParameters: Object.entries(params).map(([name, value]) => ({
                name,
                parameterType: { type: 'STRING' },
                // Without a value it is NULL.
                parameterValue: value === null ? {} : { value },
              })),
            }),
      },
    },
  };
}
