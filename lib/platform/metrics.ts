import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Namespace of Bursar's own metrics in CloudWatch. */
export const METRICS_NAMESPACE = 'Bursar';

/**
 * What the deployed functions count, all of them counts of one run. Each has the dimensions `stack` and `function` and
 * no other: every further value of a dimension is a metric of its own, which CloudWatch charges for.
 */
export const METRICS = {
  /** Runs that ended well; each run that ended otherwise is an error of Lambda's own metrics. */
  succeeded: 'Succeeded',
  /** Of the sweep: stops that failed, and things that could not be brought back. */
  stopsFailed: 'StopsFailed',
  restoresFailed: 'RestoresFailed',
  /** Of the sweep: findings that were not stopped since a cap of the day was reached. */
  capsReached: 'CapsReached',
  /** Of the sweep: messages and other effects that did not succeed and are tried again. */
  faults: 'Faults',
  /** Of the sweep: digests whose time has come and gone without one. */
  digestsLate: 'DigestsLate',
  /** Of the sweep: people warned, and resources stopped and brought back. */
  warned: 'Warned',
  stopped: 'Stopped',
  restored: 'Restored',
  /** Of the audit: findings that are open, and bills and scopes that were not wholly seen. */
  findings: 'Findings',
  gaps: 'Gaps',
  /** Of the audit: what its calls and those of its collectors cost, in millionths of a US dollar. */
  ownCost: 'OwnCostMicrodollars',
  /** Of the plan: tasks that were queued. */
  tasks: 'Tasks',
  /** Of the collector, by task: rows of bills that were kept, and bills and scopes of which something failed. */
  rows: 'Rows',
  failed: 'ScopesFailed',
  /** Of the digest: those that were posted, or stored where there is no Slack. */
  published: 'DigestsPublished',
} as const;

export type Metric = keyof typeof METRICS;
export type Counts = Readonly<Partial<Record<Metric, number>>>;

/** Writes counts of one run, whole numbers. */
export type Count = (counts: Counts) => void;

/**
 * Counts as CloudWatch takes them out of a function's log (Amazon CloudWatch User Guide, "Specification: Embedded
 * metric format"): one line of standard output a call, and no right beside that of the log.
 */
export function embeddedMetrics(stack: string, name: string): Count {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
  // Powertools adds a dimension of its own, `service`.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ stack, function: name });
  return (counts) => {
    const given = new Map(Object.entries(counts));
    for (const [metric, called] of Object.entries(METRICS)) {
      const count = given.get(metric);
      if (count !== undefined) metrics.addMetric(called, MetricUnit.Count, count);
    }
    metrics.publishStoredMetrics();
  };
}
