import { createHash } from 'node:crypto';
import type { Alert, AlertChange, AlertEvent, AlertFacts, AlertState } from './model.ts';

const DAY = 86_400_000;

/** What came of an event: the alert as it is to be written, or why nothing is. */
export type AlertStep =
  | { readonly taken: true; readonly alert: Alert; readonly reason: string }
  | { readonly taken: false; readonly reason: string };

/** The id of what these parts name: the same for the same parts, and telling nothing of them. */
export function alertId(...parts: readonly string[]): string {
  return `a-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26)}`;
}

/** Is it the id of an alert, and not of a notice? */
export function isAlertId(id: string): boolean {
  return /^a-[0-9a-f]{26}$/.test(id);
}

/** What makes a message of it stale: states in which it may still be answered count as one. */
export function alertStage({ state, round, by, until }: Alert): string {
  const answer = isWaiting({ state }) ? '' : `${by?.at ?? ''} ${until ?? ''}`;
  const parts = [isWaiting({ state }) ? 'open' : state, round, answer];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** How a message of it must look: as `alertStage`, and whether somebody is on it. */
export function alertDrawing(alert: Alert): string {
  return `${alertStage(alert)}${alert.state === 'acknowledged' ? '+' : ''}`;
}

/** May it still be answered? */
export function isWaiting({ state }: Pick<Alert, 'state'>): boolean {
  return state === 'open' || state === 'acknowledged';
}

/**
 * One event on an alert. Pure: the same arguments give the same answer, and an event that comes twice changes nothing
 * the second time.
 */
export function stepAlert(
  alert: Alert | null,
  event: AlertEvent,
  now: Date,
  cause: { readonly actor: string; readonly runId: string },
): AlertStep {
  const at = now.toISOString();
  if (alert === null)
    return event.type === 'seen'
      ? {
          taken: true,
          alert: begun(event.id, event.facts, at, cause),
          reason: 'it was seen for the first time',
        }
      : { taken: false, reason: 'it is no longer in the ledger' };
  const moved = (to: AlertState, reason: string, more: Partial<Alert> = {}): AlertStep => {
    const change: AlertChange = { at, ...cause, from: alert.state, to, reason };
    return {
      taken: true,
      reason,
      alert: { ...alert, ...more, state: to, history: [...alert.history, change] },
    };
  };
  switch (event.type) {
    case 'seen':
      return seen(alert, event.facts, at, cause, moved);
    case 'over':
      return alert.state === 'closed'
        ? { taken: false, reason: 'it is closed' }
        : moved('closed', event.reason, { ongoing: false });
    case 'acknowledged': {
      if (alert.state === 'open')
        return moved('acknowledged', 'is on it', { by: { person: event.by, at }, until: null });
      return { taken: false, reason: whyNot(alert) };
    }
    case 'expected': {
      if (!isWaiting(alert)) return { taken: false, reason: whyNot(alert) };
      const until = alert.window?.end ?? new Date(now.getTime() + alert.expectedDays * DAY).toISOString();
      return moved('expected', `says that it is expected, until ${until.slice(0, 10)}`, {
        by: { person: event.by, at },
        until,
      });
    }
    case 'told': {
      const { round, role, contact } = event.told;
      const known = alert.told.some(
        (each) => each.round === round && each.role === role && each.contact === contact,
      );
      return known
        ? { taken: false, reason: 'it was told already' }
        : moved(alert.state, `told ${contact}`, { told: [...alert.told, event.told] });
    }
    case 'drawn': {
      const told = alert.told.map((each) =>
        each.ts === event.ts && each.channel === event.channel ? { ...each, drawn: event.stage } : each,
      );
      return { taken: true, alert: { ...alert, told }, reason: 'drawn' };
    }
    case 'unreachable': {
      const { contact, reason } = event;
      if (alert.unreachable.some((each) => each.contact === contact))
        return { taken: false, reason: 'that is known' };
      return moved(alert.state, `${contact} could not be told: ${reason}`, {
        unreachable: [...alert.unreachable, { contact, reason, at }],
      });
    }
  }
}

type Moved = (to: AlertState, reason: string, more?: Partial<Alert>) => AlertStep;

function seen(
  alert: Alert,
  facts: AlertFacts,
  at: string,
  { runId }: { readonly runId: string },
  moved: Moved,
): AlertStep {
  // What runs late has seen less.
  if (at < alert.seen.last) return { taken: false, reason: 'a later judgement is kept already' };
  // On which day a budget told it first stays; an anomaly's first day becomes surer as more days settle.
  const firstDay = mayReturn(alert) ? facts.firstDay : alert.firstDay;
  const renewed = { ...facts, firstDay, seen: { ...alert.seen, last: at, runId } };
  if (alert.state === 'closed') {
    // A budget tells each thing once a period.
    if (!mayReturn(alert) || !facts.ongoing || facts.lastDay <= alert.lastDay)
      return { taken: false, reason: 'it is closed, and nothing new was seen of it' };
    return moved('open', 'it came back', { ...renewed, ...anew(alert) });
  }
  const isPast = alert.window === null && alert.until !== null && alert.until <= at;
  if (alert.state === 'expected' && isPast && facts.ongoing)
    return moved('open', 'it was expected until now, and goes on', { ...renewed, ...anew(alert) });
  return { taken: true, alert: { ...alert, ...renewed }, reason: 'it was seen again' };
}

/** What is judged by its own past may end and come back. */
function mayReturn({ kind }: Alert): boolean {
  return kind === 'anomaly' || kind === 'unit';
}

/** Told of again to everyone, who may be reached by now. */
function anew(alert: Alert): Pick<Alert, 'by' | 'until' | 'round' | 'unreachable'> {
  return { by: null, until: null, round: alert.round + 1, unreachable: [] };
}

function whyNot({ state, by }: Alert): string {
  const who = by === null ? '' : ` by <@${by.person.user}>`;
  if (state === 'closed') return 'it is over';
  return state === 'expected' ? `it was answered${who}` : `it was acknowledged${who}`;
}

function begun(
  id: string,
  facts: AlertFacts,
  at: string,
  { actor, runId }: { readonly actor: string; readonly runId: string },
): Alert {
  return {
    schemaVersion: 1,
    id,
    ...facts,
    state: 'open',
    by: null,
    until: null,
    round: 1,
    told: [],
    unreachable: [],
    seen: { first: at, last: at, runId },
    history: [{ at, actor, runId, from: null, to: 'open', reason: 'seen for the first time' }],
  };
}
