import type { LedgerEvent, Person } from '../life.ts';
import type { FindingRecord, FindingState } from '../model.ts';

/** `2026-03-01 06:00 UTC` */
export function when(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

export function samePerson(a: Person | null | undefined, b: Person | null | undefined): boolean {
  return (
    a !== null && a !== undefined && b !== null && b !== undefined && a.user === b.user && a.team === b.team
  );
}

/** A person, as the trail names them. */
export function who({ user }: Person): string {
  return `<@${user}>`;
}

/** How a finding stands, as the beginning of a sentence. */
export function standing({ finding, life }: Pick<FindingRecord, 'finding' | 'life'>): string {
  const until = life?.hold?.until;
  const words: Readonly<Record<FindingState, string>> = {
    DETECTED: 'it is only flagged and nobody was warned',
    NOTIFY_PENDING: 'its warning is not delivered yet',
    UNDELIVERED: 'its warning could not be delivered',
    ESCALATED: 'nobody has answered for it yet',
    WARNED: 'its owner was warned',
    ACKNOWLEDGED: 'its owner has seen the warning',
    SNOOZED: until === undefined ? 'it is kept for a while' : `it is kept until ${when(until)}`,
    EXEMPTION_REQUESTED: 'an exemption is asked for',
    EXEMPT: until === undefined ? 'it is exempt' : `it is exempt until ${when(until)}`,
    DISOWNED: "it was said to be somebody else's",
    APPROVAL_REQUESTED: 'its stop waits for an approval',
    BLOCKED: `its stop is held back${life?.blocked === null || life === null ? '' : ` (${life.blocked})`}`,
    STOPPING: 'it is being stopped',
    STOPPED:
      life?.stopped === null || life === null
        ? 'it was stopped'
        : `it was stopped on ${when(life.stopped.at)}`,
    STOP_FAILED: 'its stop failed and is tried again',
    UNDO_REQUESTED: 'it is about to be brought back',
    STARTING: 'it is being brought back',
    RESTORED:
      life?.restoredAt === null || life === null
        ? 'it was brought back'
        : `it was brought back on ${when(life.restoredAt)}`,
    RESTORE_FAILED: 'bringing it back failed',
    RESOLVED: 'it is resolved: gone or in use',
  };
  return words[finding.state];
}

const NOTHING_TO: Readonly<Record<LedgerEvent['type'], string>> = {
  judged: 'a judgement changes nothing',
  absent: 'its absence changes nothing',
  outside: 'there is no stop of ours that others could have ended',
  delivered: 'no warning is waited for',
  undeliverable: 'no warning is waited for',
  reminded: 'there is nothing to remind of',
  acknowledged: 'there is nothing to acknowledge',
  snoozed: 'there is nothing to keep it from',
  'exemption-requested': 'there is nothing to be exempt from',
  'exemption-approved': 'there is no exemption to approve',
  'exemption-refused': 'there is no exemption to refuse',
  disowned: 'there is nothing to hand over',
  claimed: 'it cannot be claimed',
  'stop-now': 'it cannot be stopped now',
  'stop-approved': 'there is no stop to approve',
  'stop-refused': 'there is no stop to refuse',
  'undo-requested': 'there is nothing to undo',
  woken: 'nothing is due',
  checked: 'no stop is due',
  'stop-done': 'no stop was under way',
  'stop-failed': 'no stop was under way',
  'undo-begun': 'no undo was asked for',
  'undo-done': 'no undo was under way',
  'undo-failed': 'no undo was under way',
};

/** Why a state does not take an event. */
export function notTaken(record: FindingRecord, type: LedgerEvent['type']): string {
  return `${standing(record)}, so ${NOTHING_TO[type]}`;
}
