import type { Entry } from './journal.ts';
import { EFFECTS, type FaultKind } from './process.ts';

/** Every change of state that the design draws. */
const DRAWN: readonly (readonly [from: string, to: string])[] = [
  ['', 'DETECTED'],
  ['DETECTED', 'NOTIFY_PENDING'],
  ['NOTIFY_PENDING', 'WARNED'],
  ['NOTIFY_PENDING', 'UNDELIVERED'],
  ['UNDELIVERED', 'ESCALATED'],
  ['ESCALATED', 'NOTIFY_PENDING'],
  ['WARNED', 'ACKNOWLEDGED'],
  ['WARNED', 'SNOOZED'],
  ['ACKNOWLEDGED', 'SNOOZED'],
  ['WARNED', 'EXEMPTION_REQUESTED'],
  ['ACKNOWLEDGED', 'EXEMPTION_REQUESTED'],
  ['EXEMPTION_REQUESTED', 'EXEMPT'],
  ['EXEMPTION_REQUESTED', 'WARNED'],
  ['WARNED', 'DISOWNED'],
  ['ACKNOWLEDGED', 'DISOWNED'],
  ['DISOWNED', 'ESCALATED'],
  ['SNOOZED', 'NOTIFY_PENDING'],
  ['EXEMPT', 'NOTIFY_PENDING'],
  ['WARNED', 'APPROVAL_REQUESTED'],
  ['ACKNOWLEDGED', 'APPROVAL_REQUESTED'],
  ['APPROVAL_REQUESTED', 'WARNED'],
  ['APPROVAL_REQUESTED', 'STOPPING'],
  ['APPROVAL_REQUESTED', 'BLOCKED'],
  ['WARNED', 'STOPPING'],
  ['ACKNOWLEDGED', 'STOPPING'],
  ['WARNED', 'BLOCKED'],
  ['ACKNOWLEDGED', 'BLOCKED'],
  ['BLOCKED', 'STOPPING'],
  ['BLOCKED', 'NOTIFY_PENDING'],
  ['STOPPING', 'STOPPED'],
  ['STOPPING', 'STOP_FAILED'],
  ['STOP_FAILED', 'STOPPING'],
  ['STOP_FAILED', 'ESCALATED'],
  ['STOPPED', 'UNDO_REQUESTED'],
  ['UNDO_REQUESTED', 'STARTING'],
  ['STARTING', 'RESTORED'],
  ['STARTING', 'RESTORE_FAILED'],
  ['STOPPED', 'RESOLVED'],
  ['RESOLVED', 'DETECTED'],
  ['RESTORED', 'DETECTED'],
  ['RESTORE_FAILED', 'UNDO_REQUESTED'],
  // Any state before STOPPING: gone or in use.
  ...[
    'DETECTED',
    'NOTIFY_PENDING',
    'UNDELIVERED',
    'ESCALATED',
    'WARNED',
    'ACKNOWLEDGED',
    'SNOOZED',
    'EXEMPTION_REQUESTED',
    'EXEMPT',
    'DISOWNED',
    'APPROVAL_REQUESTED',
    'BLOCKED',
  ].map((from) => [from, 'RESOLVED'] as const),
];

/** At least so many of a hundred histories have to come to a stop. */
const LEAST_STOPPED = 20;

/** What histories went through; plain, so that workers can hand it over. */
export interface Tally {
  histories: number;
  events: number;
  stopped: number;
  readonly moves: Record<string, number>;
  readonly faults: Record<string, number>;
}

export function newTally(): Tally {
  return { histories: 0, events: 0, stopped: 0, moves: {}, faults: {} };
}

export function count(tally: Tally, entries: readonly Entry[]): void {
  tally.histories += 1;
  tally.events += entries.length;
  let stopped = false;
  for (const { fact } of entries) {
    if (fact.kind === 'fault') bump(tally.faults, `${fact.fault} ${fact.effect}`);
    if (fact.kind !== 'trail' || fact.audit.from === fact.audit.to) continue;
    bump(tally.moves, move(fact.audit.from ?? '', fact.audit.to));
    stopped ||= fact.audit.to === 'STOPPED';
  }
  if (stopped) tally.stopped += 1;
}

export function merge(into: Tally, { histories, events, stopped, moves, faults }: Tally): void {
  into.histories += histories;
  into.events += events;
  into.stopped += stopped;
  for (const [key, n] of Object.entries(moves)) bump(into.moves, key, n);
  for (const [key, n] of Object.entries(faults)) bump(into.faults, key, n);
}

function bump(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

function move(from: string, to: string): string {
  return `${from} --> ${to}`;
}

/** States and changes of state that the design draws and no history went through; faults that hit nothing. */
export function missing({ moves, faults, histories, stopped }: Tally): string[] {
  const states = new Set(DRAWN.flat().filter((state) => state !== ''));
  const seen = new Set(Object.keys(moves).flatMap((key) => key.split(' --> ')));
  return [
    ...[...states].filter((state) => !seen.has(state)).map((state) => `state ${state}`),
    ...DRAWN.map(([from, to]) => move(from, to)).filter((key) => !(key in moves)),
    ...everyFault().filter((key) => !(key in faults)),
    ...(stopped * 100 < histories * LEAST_STOPPED
      ? [`only ${stopped} of ${histories} histories reached STOPPED, at least ${LEAST_STOPPED} % must`]
      : []),
  ];
}

function everyFault(): string[] {
  return Object.entries(EFFECTS).flatMap(([effect, kinds]) => kinds.map((kind) => `${kind} ${effect}`));
}

/** What was covered, for people. */
export function report(tally: Tally): string {
  const { histories, events, stopped, moves, faults } = tally;
  const drawn = DRAWN.filter(([from, to]) => move(from, to) in moves).length;
  const states = new Set(
    Object.keys(moves).flatMap((key) => key.split(' --> ').filter((state) => state !== '')),
  );
  const byEffect = Object.entries(EFFECTS).map(([effect, kinds]) => faultLine(effect, kinds, faults));
  return [
    `${histories} histories, ${events} entries in their logs; ${stopped} reached STOPPED`,
    `${states.size} of ${new Set(DRAWN.flat()).size - 1} states, ${drawn} of ${DRAWN.length} drawn changes of state`,
    ...Object.entries(moves)
      .toSorted(([, a], [, b]) => b - a)
      .map(([key, n]) => `${String(n).padStart(9)}  ${key}`),
    'faults by effect',
    ...byEffect,
  ].join('\n');
}

function faultLine(effect: string, kinds: readonly FaultKind[], faults: Tally['faults']): string {
  return `  ${effect.padEnd(16)}${kinds.map((kind) => `${kind} ${faults[`${kind} ${effect}`] ?? 0}`).join(', ')}`;
}
