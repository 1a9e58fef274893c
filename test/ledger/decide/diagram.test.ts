import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STATES } from '../../../lib/ledger/schema.ts';
import { document, explore, transitions } from './diagram.ts';

/** The states as the design draws them: each of these must be a way that a finding can go. */
const DRAWN = `
  DETECTED -> NOTIFY_PENDING
  NOTIFY_PENDING -> WARNED, UNDELIVERED
  UNDELIVERED -> ESCALATED
  ESCALATED -> NOTIFY_PENDING
  WARNED -> ACKNOWLEDGED, SNOOZED, EXEMPTION_REQUESTED, DISOWNED, APPROVAL_REQUESTED, STOPPING, RESOLVED, BLOCKED
  ACKNOWLEDGED -> SNOOZED, EXEMPTION_REQUESTED, DISOWNED, APPROVAL_REQUESTED, STOPPING, RESOLVED, BLOCKED
  EXEMPTION_REQUESTED -> EXEMPT, WARNED, RESOLVED
  DISOWNED -> ESCALATED, RESOLVED
  SNOOZED -> NOTIFY_PENDING, RESOLVED
  EXEMPT -> NOTIFY_PENDING, RESOLVED
  APPROVAL_REQUESTED -> WARNED, STOPPING, BLOCKED, RESOLVED
  BLOCKED -> STOPPING, NOTIFY_PENDING, RESOLVED
  STOPPING -> STOPPED, STOP_FAILED
  STOP_FAILED -> STOPPING, ESCALATED
  STOPPED -> UNDO_REQUESTED, RESOLVED
  UNDO_REQUESTED -> STARTING
  STARTING -> RESTORED, RESTORE_FAILED
  RESTORED -> DETECTED
  RESTORE_FAILED -> UNDO_REQUESTED
  RESOLVED -> DETECTED
  DETECTED -> RESOLVED
  NOTIFY_PENDING -> RESOLVED
  UNDELIVERED -> RESOLVED
  ESCALATED -> RESOLVED`;

/** Where a state can be come to from, in order of the alphabet. */
function into(state: string): string[] {
  return transitions()
    .filter(({ to }) => to === state)
    .map(({ from }) => from ?? '')
    .toSorted((a, b) => (a < b ? -1 : 1));
}

describe('the life of a finding, as drawn', () => {
  const found = new Set(transitions().map(({ from, to }) => `${from ?? ''} -> ${to}`));

  it('is what the document shows', () => {
    const kept = join(import.meta.dirname, '../../../docs/decisions/0003-life-of-a-finding.md');
    expect(readFileSync(kept, 'utf8')).toBe(document());
  });

  it('goes every way that the design draws', () => {
    const drawn = DRAWN.trim()
      .split('\n')
      .flatMap((line) => {
        const [from = '', to = ''] = line.trim().split(' -> ');
        return to.split(', ').map((each) => `${from} -> ${each}`);
      });
    expect(drawn.filter((each) => !found.has(each))).toEqual([]);
  });

  it('comes to STOPPING only from where a stop may be due, and to STOPPED only through it', () => {
    expect(into('STOPPING')).toEqual([
      'ACKNOWLEDGED',
      'APPROVAL_REQUESTED',
      'BLOCKED',
      'STOP_FAILED',
      'WARNED',
    ]);
    expect(into('STOPPED')).toEqual(['STOPPING', 'STOP_FAILED']);
    expect(into('WARNED')).toEqual(['APPROVAL_REQUESTED', 'EXEMPTION_REQUESTED', 'NOTIFY_PENDING']);
    expect(into('STARTING')).toEqual(['UNDO_REQUESTED']);
  });

  it('answers every event in every state, with a reason, and changes nothing that it does not take', () => {
    const answered = new Set<string>();
    for (const { from, name, now, decision } of explore()) {
      answered.add(`${from?.finding.state ?? ''} ${name}`);
      expect(decision.reason, `${from?.finding.state} ${name}`).not.toBe('');
      expect(decision.reason).not.toMatch(/undefined|null|NaN/);
      if (decision.taken) continue;
      expect(decision.changed, `${from?.finding.state} ${name} ${now.toISOString()}`).toBe(false);
      expect(decision.effects).toEqual([]);
      expect(decision.state).toBe(from?.finding.state ?? null);
    }
    expect(answered.size).toBeGreaterThan(STATES.length * 40);
  });

  it('runs a clock only in states in which a stop may follow', () => {
    const running = new Set<string>();
    for (const { decision } of explore())
      if (decision.taken && decision.dueAt !== null) running.add(decision.state ?? '');
    expect([...running].toSorted()).toEqual(['ACKNOWLEDGED', 'BLOCKED', 'STOPPING', 'STOP_FAILED', 'WARNED']);
  });
});
