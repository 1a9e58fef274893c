import type { Judgement } from '../checks/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { FindingRecord, FindingState } from './model.ts';

/** What happened to a finding. Later states bring their own events. */
export type LedgerEvent =
  | { readonly type: 'judged'; readonly judgement: Judgement }
  /** A run did not judge it as waste. What the run looked at says whether that means anything. */
  | {
      readonly type: 'absent';
      readonly coverage: readonly Coverage[];
      readonly checksRun: readonly string[];
    };

/** What follows from it. */
export interface Decision {
  /** Null: there is nothing to keep. */
  readonly state: FindingState | null;
  /** Whether the state changed: only then an audit entry is written. */
  readonly changed: boolean;
  /** One sentence; for a finding that stays open after a judgement, the judgement's own. */
  readonly reason: string;
}

/**
 * The life of a finding, one step. Total over every state and event; pure.
 *
 * Absence resolves only when the run proves it: the check ran, the finding says which scopes it rests on, and
 * each of them was covered completely. A resolved finding that is judged as waste again is DETECTED again and
 * keeps its first `firstSeen`: the audit trail holds the dates of each occurrence.
 */
export function decide(record: FindingRecord | null, event: LedgerEvent): Decision {
  const state = record?.finding.state ?? null;
  if (event.type === 'judged')
    return { state: 'DETECTED', changed: state !== 'DETECTED', reason: event.judgement.reason };
  if (record === null) return { state: null, changed: false, reason: 'never seen' };
  if (state === 'RESOLVED') return { state, changed: false, reason: record.finding.reason };
  const doubt = doubtOfAbsence(record, event);
  return doubt === null
    ? { state: 'RESOLVED', changed: true, reason: RESOLVED_REASON }
    : { state, changed: false, reason: doubt };
}

const RESOLVED_REASON = 'gone or no longer waste: its check ran and every scope of it was read completely';

/** Why absence proves nothing; null where it does. */
function doubtOfAbsence(
  record: FindingRecord,
  seen: { readonly coverage: readonly Coverage[]; readonly checksRun: readonly string[] },
): string | null {
  if (!seen.checksRun.includes(record.finding.check))
    return `the check ${record.finding.check} did not run on complete input`;
  if (record.scopes.length === 0) return 'no scope is known that would show it';
  for (const scope of record.scopes) {
    const entries = seen.coverage.filter((entry) => entry.scope === scope);
    if (entries.length === 0) return `${scope} was not looked at`;
    const gap = entries.find((entry) => entry.status !== 'complete');
    if (gap !== undefined) return `${scope} is ${gap.status}: ${gap.reason ?? 'no reason given'}`;
  }
  return null;
}
