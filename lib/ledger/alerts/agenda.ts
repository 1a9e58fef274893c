import { afterBusinessHours } from '../business-time.ts';
import type { WorkCalendar } from '../calendar.ts';
import type { Alert, Told } from './model.ts';

/** Somebody who is to be told of an alert now. */
export interface Telling {
  readonly role: Told['role'];
  readonly contact: string;
}

/**
 * Who is to be told of an alert at a moment: the first of its route, a channel beside them, and whoever comes next
 * where nobody answered for so many business hours, the first cannot be told, or it cannot wait. Each once a round.
 */
export function dueTellings(
  alert: Alert,
  now: Date,
  calendar: Pick<WorkCalendar, 'timezone' | 'holidays'>,
): Telling[] {
  if (alert.state !== 'open') return [];
  const { first, also, escalation, escalateAfter, atOnce = false } = alert.route;
  const toldAs = (role: Told['role']) =>
    alert.told.find((each) => each.round === alert.round && each.role === role);
  const isLost = (contact: string) => alert.unreachable.some((each) => each.contact === contact);
  const due = (role: Told['role'], contact: string | null): Telling[] =>
    contact === null || toldAs(role) !== undefined || isLost(contact) ? [] : [{ role, contact }];
  const told = toldAs('first');
  const isUnanswered =
    told === undefined
      ? first !== null && isLost(first)
      : afterBusinessHours(told.at, escalateAfter, calendar) <= now.toISOString();
  // Who hears of it at once anyway is told a second time only where nobody answers.
  const isUrgent = atOnce && escalation !== first && escalation !== also;
  return [
    ...due('first', first),
    ...due('also', also),
    ...(isUrgent || isUnanswered ? due('escalation', escalation) : []),
  ];
}
