/**
 * What Bursar was measured to take, in one table. Seconds are those of one run as Lambda bills it at the memory of
 * infra/sizes.ts. Processor time is taken for wall time: 2,048 MiB is 1.16 processors (AWS Lambda Developer Guide,
 * "Configure Lambda function memory": one at 1,769 MB), and what computes uses little more than one.
 */
export const MEASURED = {
  asOf: '2026-11',
  machine: '2 cores (AMD EPYC), Node 24.21.0, DuckDB 1.5.5, with other work on it',
  /** docs/performance.md: processor time of the ingest of Parquet files, 146 s for ten million rows. */
  ingestSecondsPerMillionRows: '14.6',
  /**
   * test/bench/handlers.ts: two audits of a bill of one million rows, one of a year of days and a region took 62.2 s of
   * processor time. docs/performance.md: those of one and ten million rows differ by 9 s.
   */
  auditSeconds: '30.1',
  auditSecondsPerMillionRows: '1.0',
  /** The same: two digests took 31.6 s; those of one and ten million rows differ by 12.2 s. */
  digestSeconds: '14.4',
  digestSecondsPerMillionRows: '1.4',
  /** docs/performance.md: one month of 10 million rows, 57 columns, 913 MB of Parquet. */
  bytesPerRow: '92',
  /** test/load: calls to AWS of one look at one region, and its time where each call is answered at once. */
  callsPerScope: '36',
  scopeSeconds: '0.35',
  /** test/load: calls of one collection to queue, table and bucket, and of an audit for each scope. */
  s3WritesPerScope: '2',
  s3ReadsPerScope: '0',
  s3ListsPerScopeOfAudit: '1',
  s3ReadsPerScopeOfAudit: '1',
  tableReadsPerTask: '2',
  tableWritesPerTask: '2',
  /** test/load: bytes of log of one message. */
  logBytesPerTask: '700',
  /** docs/performance.md, "Estate": metrics asked of 5,000 machines with a GPU. */
  metricsPerAccelerator: '5.4',
} as const;

/** What nobody measured: told with every bill, so that it can be judged and replaced. */
export const ASSUMED = {
  /** Seconds that one call to AWS takes over the network; four datasets of a scope ask at once. */
  callSeconds: '0.1',
  callsAtOnce: '4',
  /** Seconds to load a function that starts cold; every start but those of the queue is taken for one. */
  coldSeconds: '1.5',
  /** Share of resources whose metrics are read (accelerators, databases, load balancers, addresses of NAT), and how many of each. */
  meteredShare: '0.05',
  metricsPerMetered: '3',
  /** Share of resources with an open finding, and write units of one that an audit sees again (under 2 KB, and its index). */
  findingShare: '0.3',
  writesPerFinding: '3',
  /** Kilobytes of a finding with its trail. */
  kilobytesPerFinding: '4',
  /** Seconds of a sweep, and of a look at AI usage in one region. */
  sweepSeconds: '3',
  usageSecondsPerScope: '0.05',
  /** Share of the hours in which a function runs in which something happens that it counts (HAPPENINGS of lib/platform/metrics.ts). */
  happeningShare: '0.1',
  /** Clicks of people in Slack a month. */
  clicks: '1000',
  /** Months of rows that the lake holds. */
  months: '13',
  /** A snapshot of a scope, kilobytes, and how many of a scope are kept. */
  kilobytesPerResource: '0.5',
  snapshotsKept: '40',
  /** Requests of one run of Cost Explorer: two and one for each kind of charge, each of one page. */
  costExplorerRequests: '6',
} as const;
