import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Namespace of Bursar's own metrics in CloudWatch. */
export const METRICS_NAMESPACE = 'Bursar';

/**
 * What the deployed functions count, all of them counts of one run. Each has the dimensions `stack` and `function` and
 * no other: every further value of a dimension is a metric of its own, which CloudWatch charges for.
 */
export const METRICS = {
  /** Of the sweep: runs that ended well. Of other functions Lambda's own Invocations and Errors tell that. */
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

/**
 * Counts of what happens now and then. None of it is no line: CloudWatch charges a metric for each hour in which it is
 * sent (Amazon CloudWatch pricing, "Metrics"), and of what tells only that something happened an alarm takes silence for
 * good (Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": notBreaching). All others
 * are told at zero, too: how much there is, and whether a digest is late, which only a sweep that looked can say.
 */
export const HAPPENINGS: ReadonlySet<Metric> = new Set([
  'stopsFailed',
  'restoresFailed',
  'capsReached',
  'faults',
  'warned',
  'stopped',
  'restored',
  'rows',
  'failed',
  'published',
]);
const METRIC_NAMES = Object.keys(METRICS).filter(isMetric);

function isMetric(name: string): name is Metric {
  return Object.hasOwn(METRICS, name);
}

export type Counts = Readonly<Partial<Record<Metric, number>>>;

/** Writes counts of one run, whole numbers. */
export type Count = (counts: Counts) => void;

/**
 * Counts as CloudWatch takes them out of a function's log (Amazon CloudWatch User Guide, "Specification: Embedded
 * metric format"): at most one line of standard output a call, and no right beside that of the log.
 */
export function embeddedMetrics(stack: string, name: string): Count {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
  // Powertools adds a dimension of its own, `service`.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ stack, function: name });
  return (counts) => {
    const told = METRIC_NAMES.flatMap((metric) => {
      const count = counts[metric];
      return count === undefined || (count === 0 && HAPPENINGS.has(metric)) ? [] : [{ metric, count }];
    });
    for (const { metric, count } of told) metrics.addMetric(METRICS[metric], MetricUnit.Count, count);
    // Powertools warns where there is nothing to publish.
    if (told.length > 0) metrics.publishStoredMetrics();
  };
}
