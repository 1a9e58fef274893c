/** The dataset that counts calls of models. */
export const CALLS_DATASET = 'aws.bedrock.usage';

/** Days that are read: a week, the four weeks before it, and the month and days that bills may be behind. */
export const CALLS_DAYS = 75;

/** What is counted of calls of a model. */
export type CallCount =
  | 'requests'
  | 'input'
  | 'output'
  | 'clientErrors'
  | 'serverErrors'
  | 'throttles'
  | 'cachedInput'
  | 'cacheWrite';

/**
 * Days before a look in which a model was called that it counts: ListMetrics names what had a point in the last two
 * weeks (CloudWatch API Reference, ListMetrics), of which the first day is not whole.
 */
export const LISTED_DAYS = 13;

/** What one model was asked on one day; null: the metric has no point in all the days that were read. */
export interface ModelCalls extends Readonly<Record<CallCount, number | null>> {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** As the caller wrote it: a model, a profile or a throughput. */
  readonly model: string;
}
