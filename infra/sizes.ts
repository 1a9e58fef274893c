import { Duration } from 'aws-cdk-lib';
import type { Entry } from '../lib/run/assemble/permissions.ts';

/** A function may run this long (Lambda Developer Guide, "Lambda quotas": 900 seconds). */
export const LONGEST = Duration.minutes(15);
/** Scratch disk of a function with DuckDB: parts of the lake, and what does not fit into memory. */
export const DISK_MIB = 4096;

export interface Size {
  readonly what: string;
  /** Does it carry DuckDB? */
  readonly duckdb: boolean;
  readonly memoryMiB: number;
  readonly timeout: Duration;
}

/** What each function is, and how much of a machine it gets: measured, docs/decisions/0006-the-stack.md. */
export const SIZES: Readonly<Record<Entry, Size>> = {
  plan: {
    what: 'lists what is to be collected',
    duckdb: false,
    memoryMiB: 512,
    timeout: Duration.minutes(5),
  },
  collect: { what: 'collects one bill or scope a message', duckdb: true, memoryMiB: 2048, timeout: LONGEST },
  audit: { what: 'judges what was collected', duckdb: true, memoryMiB: 2048, timeout: LONGEST },
  // As the sweep, it begins nothing new after four minutes.
  'ai-usage': {
    what: 'watches AI usage by the hour',
    duckdb: false,
    memoryMiB: 512,
    timeout: Duration.minutes(10),
  },
  // It begins nothing new after four minutes; what it then does may take as long again.
  sweep: {
    what: 'warns owners, stops what is due, brings back',
    duckdb: false,
    memoryMiB: 1024,
    timeout: Duration.minutes(10),
  },
  digest: { what: 'writes and posts the digest', duckdb: true, memoryMiB: 2048, timeout: LONGEST },
  // Slack waits three seconds; what it no longer waits for is still stored.
  slack: {
    what: 'takes clicks from Slack; stops nothing',
    duckdb: false,
    memoryMiB: 1024,
    timeout: Duration.seconds(20),
  },
  // Slack may ask to wait for half a minute before it takes a message.
  alarm: {
    what: 'tells in Slack when Bursar itself fails',
    duckdb: false,
    memoryMiB: 512,
    timeout: Duration.minutes(2),
  },
};
