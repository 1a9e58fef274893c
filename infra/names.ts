import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import type { Entry } from '../lib/run/assemble/permissions.ts';

/** `ai-usage` as the config names it: `aiUsage`. */
export function keyOf(entry: Entry): 'aiUsage' | Exclude<Entry, 'ai-usage'> {
  return entry === 'ai-usage' ? 'aiUsage' : entry;
}

/** The same as an id of the template: `AiUsage`. */
export function idOf(entry: Entry): string {
  const key = keyOf(entry);
  return `${key[0]?.toUpperCase()}${key.slice(1)}`;
}

/** What logs, alarms and the dashboard call it: `collect`, `collectIn...`. */
export function nameOf({ node: { id } }: IConstruct): string {
  return `${id[0]?.toLowerCase()}${id.slice(1)}`;
}

/** The CDK has a name for each number of days that CloudWatch Logs takes. */
export function retentionOf(days: number): RetentionDays {
  const found = Object.values(RetentionDays).find((each) => Number(each) === days);
  if (typeof found !== 'number') throw new RangeError(`CloudWatch Logs keeps nothing for ${days} days`);
  return found;
}
