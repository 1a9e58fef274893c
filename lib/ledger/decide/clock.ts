import type { Hold, Life } from '../life.ts';
import type { FindingRecord, FindingState } from '../model.ts';
import { DAY, DEFAULT_RULES, later, type Rules, type Seen } from './model.ts';

const MINUTE = 60_000;

/** A hold that is in force at a moment and covers the check. */
export function inForce(hold: Hold | null, check: string, at: string): boolean {
  return hold !== null && at < hold.until && (hold.check === null || hold.check === check);
}

/**
 * The hold that covers one check among those of a resource: an exemption before a snooze, then the longest.
 * @param at ISO-8601 UTC
 */
export function holdAmong(holds: readonly (Hold | null)[], check: string, at: string): Hold | null {
  let best: Hold | null = null;
  for (const hold of holds) {
    if (hold === null || !inForce(hold, check, at)) continue;
    const rank = Number(hold.kind === 'exemption') - Number(best?.kind === 'exemption');
    if (best === null || rank > 0 || (rank === 0 && hold.until > best.until)) best = hold;
  }
  return best;
}

/** Milliseconds of grace that are left of a clock; null where none runs. */
export function left({ dueAt, ms }: Pick<Seen, 'dueAt' | 'ms'>): number | null {
  return dueAt === null ? null : Math.max(0, Date.parse(dueAt) - ms);
}

/** The due date of a clock that rested, from now on; never so near that nobody could answer. */
export function resumed(seen: Pick<Seen, 'ms' | 'rules'>, rest: number): string {
  return new Date(seen.ms + Math.max(rest, seen.rules.leastLeftMinutes * MINUTE)).toISOString();
}

/** Times at which the thread of a notice is spoken in; null where the clock leaves no room for it. */
export function calls(
  notice: NonNullable<Life['notice']>,
  dueAt: string,
  rules: Rules,
): { reminder: string | null; lastCall: string | null } {
  const start = Date.parse(notice.deliveredAt);
  const end = Date.parse(dueAt);
  const lastCall = end - rules.lastCallMinutes * MINUTE;
  const reminder = start + (end - start) / 2;
  return {
    reminder: reminder < lastCall ? new Date(reminder).toISOString() : null,
    lastCall: lastCall > start ? new Date(lastCall).toISOString() : null,
  };
}

/**
 * An owner was warned without a date though silence could lead to a stop, since the resource could not be read or
 * planned for then. Nothing is done on that warning; once it can be read, its owner is warned again, with a date.
 */
export function undated(life: Life, dueAt: string | null): boolean {
  const { policy, actionable, notice, fingerprint, stopNow, resting } = life;
  return (
    dueAt === null &&
    policy.mode === 'stop' &&
    actionable &&
    fingerprint === null &&
    (notice?.recipient.person ?? null) !== null &&
    stopNow === null &&
    resting === null
  );
}

/** When a warned finding must be looked at next. */
export function wakeOfWarned(life: Life, dueAt: string | null, at: string, rules: Rules): string | null {
  if (life.stopNow !== null) return at;
  if (dueAt === null) return undated(life, dueAt) ? new Date(Date.parse(at) + DAY).toISOString() : null;
  if (life.notice === null) return dueAt;
  const { reminder, lastCall } = calls(life.notice, dueAt, rules);
  if (reminder !== null && !life.notice.reminded) return reminder;
  if (lastCall !== null && !life.notice.lastCalled) return lastCall;
  return dueAt;
}

/** Pause after the nth failed delivery, doubled each time. */
export function pause(seen: Pick<Seen, 'ms' | 'rules'>, failures: number): string {
  return later(seen, seen.rules.retryMinutes * 2 ** Math.min(failures - 1, 6));
}

/** What a sweep has to do with a finding whose time has come. */
export type Task =
  /** Deliver its warning. */
  | 'tell'
  | 'reminder'
  | 'last-call'
  /** Read everything again and send `checked`. */
  | 'check'
  /** Read the resource of a warning without a date again and send `checked`. */
  | 'reread'
  /** Send `woken`, again and again while the state changes. */
  | 'wake'
  /** Carry on the stop that `life.intent` holds. */
  | 'finish-stop'
  /** Plan the undo of `life.stopped` and send `undo-begun`. */
  | 'undo'
  /** Carry on the undo that `life.intent` holds. */
  | 'finish-undo';

/** What is to be done with a finding at a moment; null: nothing yet. Follows from the record alone. */
export function agenda(record: FindingRecord, now: Date, rules: Rules = DEFAULT_RULES): Task | null {
  const at = now.toISOString();
  const { life, wakeAt } = record;
  if (life === null || wakeAt === null || at < wakeAt) return null;
  return TASKS[record.finding.state](life, record.finding.dueAt, at, rules);
}

type TaskOf = (life: Life, dueAt: string | null, at: string, rules: Rules) => Task | null;

const always =
  (task: Task | null): TaskOf =>
  () =>
    task;

const TASKS: Readonly<Record<FindingState, TaskOf>> = {
  DETECTED: always('wake'),
  NOTIFY_PENDING: always('tell'),
  UNDELIVERED: always('wake'),
  ESCALATED: always('wake'),
  WARNED: taskOfWarned,
  ACKNOWLEDGED: taskOfWarned,
  SNOOZED: always('wake'),
  EXEMPTION_REQUESTED: always('wake'),
  EXEMPT: always('wake'),
  DISOWNED: always('wake'),
  APPROVAL_REQUESTED: (life) => (life.approved === null ? 'wake' : 'check'),
  BLOCKED: always('check'),
  STOPPING: always('finish-stop'),
  STOPPED: always(null),
  STOP_FAILED: (life, _dueAt, _at, rules) =>
    (life.intent?.attempt ?? 0) >= rules.mostStops ? 'wake' : 'check',
  UNDO_REQUESTED: always('undo'),
  STARTING: always('finish-undo'),
  RESTORED: always(null),
  RESTORE_FAILED: always(null),
  RESOLVED: always(null),
};

function taskOfWarned(life: Life, dueAt: string | null, at: string, rules: Rules): Task | null {
  if (life.stopNow !== null || (dueAt !== null && dueAt <= at)) return 'check';
  if (undated(life, dueAt)) return 'reread';
  if (dueAt === null || life.notice === null) return null;
  const { reminder, lastCall } = calls(life.notice, dueAt, rules);
  if (lastCall !== null && lastCall <= at && !life.notice.lastCalled) return 'last-call';
  if (reminder !== null && reminder <= at && !life.notice.reminded) return 'reminder';
  return null;
}

/** Whether what was restored may be judged again. */
export function restFrom(restoredAt: string, rules: Rules): string {
  return new Date(Date.parse(restoredAt) + rules.restoredDays * DAY).toISOString();
}
