import type { LedgerEvent } from '../life.ts';
import type { FindingRecord } from '../model.ts';
import {
  exemptionApproved,
  exemptionRefused,
  exemptionRequested,
  stopApproved,
  stopRefused,
} from './approval.ts';
import { absent, judged, outside } from './audit.ts';
import { DEFAULT_RULES, type Decision, type Outcome, type Rules, type Seen, stays } from './model.ts';
import { acknowledged, disowned, snoozed, stopNow, undoRequested } from './people.ts';
import { checked, stopDone, stopFailed, undoBegun, undoDone, undoFailed, woken } from './sweep.ts';
import { claimed, delivered, reminded, undeliverable } from './telling.ts';
import { notTaken } from './words.ts';

export { isUncertain } from './audit.ts';
export { agenda, calls, holdAmong, inForce, type Task } from './clock.ts';
export { DEFAULT_RULES, type Decision, type Rules } from './model.ts';
export { standing } from './words.ts';

/**
 * The life of a finding, one step. Total over every state and event; pure. An event that a state does not take
 * leaves everything as it is, with the reason in words.
 * @param record as stored; null where there is none
 * @param now of the event; never before that of the record's last event
 */
export function decide(
  record: FindingRecord | null,
  event: LedgerEvent,
  now: Date,
  rules: Rules = DEFAULT_RULES,
): Decision {
  const outcome = outcomeOf(record, event, now, rules);
  const changed =
    outcome.state !== (record?.finding.state ?? null) ||
    outcome.dueAt !== (record?.finding.dueAt ?? null) ||
    !same(outcome.life, record?.life ?? null);
  return { ...outcome, changed };
}

function outcomeOf(record: FindingRecord | null, event: LedgerEvent, now: Date, rules: Rules): Outcome {
  const at = now.toISOString();
  if (event.type === 'judged') return judged(record, event, at, rules);
  if (record === null)
    return {
      state: null,
      life: null,
      dueAt: null,
      wakeAt: null,
      effects: [],
      reason: 'never seen',
      taken: false,
    };
  if (event.type === 'absent') return absent(record, event, at);
  const { life, finding } = record;
  if (life === null) return stays({ record }, notTaken(record, event.type));
  const seen: Seen = {
    record,
    state: finding.state,
    life,
    dueAt: finding.dueAt,
    at,
    ms: now.getTime(),
    rules,
  };
  return step(seen, event);
}

function step(seen: Seen, event: Exclude<LedgerEvent, { type: 'judged' | 'absent' }>): Outcome {
  switch (event.type) {
    case 'outside':
      return outside(seen, event);
    case 'delivered':
      return delivered(seen, event);
    case 'undeliverable':
      return undeliverable(seen, event);
    case 'reminded':
      return reminded(seen, event);
    case 'acknowledged':
      return acknowledged(seen, event);
    case 'snoozed':
      return snoozed(seen, event);
    case 'exemption-requested':
      return exemptionRequested(seen, event);
    case 'exemption-approved':
      return exemptionApproved(seen, event);
    case 'exemption-refused':
      return exemptionRefused(seen, event);
    case 'disowned':
      return disowned(seen, event);
    case 'claimed':
      return claimed(seen, event);
    case 'stop-now':
      return stopNow(seen, event);
    case 'stop-approved':
      return stopApproved(seen, event);
    case 'stop-refused':
      return stopRefused(seen, event);
    case 'undo-requested':
      return undoRequested(seen, event);
    case 'woken':
      return woken(seen, event);
    case 'checked':
      return checked(seen, event);
    case 'stop-done':
      return stopDone(seen, event);
    case 'stop-failed':
      return stopFailed(seen, event);
    case 'undo-begun':
      return undoBegun(seen, event);
    case 'undo-done':
      return undoDone(seen);
    case 'undo-failed':
      return undoFailed(seen, event);
  }
}

/** Equal as values. A key that is absent equals one that is undefined. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  for (const key in a) if (!same(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
