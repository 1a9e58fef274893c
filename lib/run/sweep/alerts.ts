import { type Decimal, decimal } from '../../focus/decimal.ts';
import { dueTellings, type Telling } from '../../ledger/alerts/agenda.ts';
import { alertDrawing, stepAlert } from '../../ledger/alerts/decide.ts';
import type { Alert, AlertEvent } from '../../ledger/alerts/model.ts';
import { changeAlert, listAlerts, readAlert } from '../../ledger/alerts/store.ts';
import type { WorkCalendar } from '../../ledger/calendar.ts';
import { renderAlert, subjectOf, titleOf } from '../../notices/messages/alert.ts';
import type { Address, Messenger } from '../../notices/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { drawAlert, isStaleDrawing } from '../alerts/draw.ts';
import { inTime, type Sweep } from './context.ts';
import type { Did } from './model.ts';

/** Alerts that one contact is told of in a day: what is left is told on the next, the dearest first. */
const MOST_A_DAY = 10;
const DAY = 86_400_000;

/**
 * Tells people of alerts, each once: the message goes out under an id of its own, so that a process
 * that ends before it has stored where Slack has it leads to no second one. Then draws again what was answered.
 */
export async function tellAlerts(sweep: Sweep): Promise<void> {
  const { ledger, clock, calendars, settings } = sweep.parts;
  const alerts = await listAlerts(ledger);
  if (alerts.length === 0) return;
  const [calendar] = calendars(settings.timezone, clock());
  if (calendar === undefined) return;
  const today = new Map<string, number>();
  for (const { contact, at } of alerts.flatMap(({ told }) => told))
    if (clock().getTime() - Date.parse(at) < DAY) today.set(contact, (today.get(contact) ?? 0) + 1);
  for (const alert of alerts.toSorted(urgent)) {
    for (const telling of dueTellings(alert, clock(), calendar)) {
      if (!inTime(sweep)) return;
      const had = today.get(telling.contact) ?? 0;
      if (had >= MOST_A_DAY) {
        say(sweep, alert, 'skipped', `${telling.contact} had ${had} alerts today`);
        continue;
      }
      if (await guardedTelling(sweep, alert, telling, calendar)) today.set(telling.contact, had + 1);
    }
  }
  await drawStale(sweep, alerts);
}

/** Looks whether AI usage runs away; what hinders that is told and hinders nothing else. */
export async function watch(sweep: Sweep): Promise<void> {
  const { parts, mode, faults } = sweep;
  if (mode === 'dry-run' || parts.watchAi === undefined || !inTime(sweep)) return;
  try {
    faults.push(...(await parts.watchAi(parts.runId, parts.clock())));
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    faults.push(`AI usage could not be watched: ${error.told}`);
  }
}

/** What one alert meets is told and leaves the others standing; a defect is thrown on. */
async function guardedTelling(
  sweep: Sweep,
  alert: Alert,
  telling: Telling,
  calendar: WorkCalendar,
): Promise<boolean> {
  try {
    return await tell(sweep, alert, telling, calendar);
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    sweep.faults.push(`${alert.id}: ${error.told}`);
    return false;
  }
}

/** @returns whether it was told now */
async function tell(
  sweep: Sweep,
  alert: Alert,
  { role, contact }: Telling,
  calendar: WorkCalendar,
): Promise<boolean> {
  const { ledger, messenger, clock, settings } = sweep.parts;
  if (messenger === null) {
    say(sweep, alert, 'skipped', 'no Slack is configured, so nobody can be told');
    return false;
  }
  if (sweep.mode === 'dry-run') {
    say(sweep, alert, 'would warn', contact);
    return false;
  }
  const reached = await reach(messenger, contact);
  if (!reached.ok) {
    await unreachable(sweep, alert, contact, reached.reason, reached.final);
    return false;
  }
  // As it stands now: somebody may have answered it since it was read, or another sweep have told it.
  const current = await readAlert(ledger, alert.id);
  const isDue =
    current?.round === alert.round &&
    dueTellings(current, clock(), calendar).some((due) => due.role === role && due.contact === contact);
  if (!isDue) return false;
  const id = `${alert.id}/${alert.round}/${role}/${contact}`;
  const sent = await messenger.deliver(id, reached.to, renderAlert(current, role, settings.timezone));
  if (!sent.ok) {
    await unreachable(sweep, alert, contact, sent.reason, sent.final);
    return false;
  }
  const { channel, ts } = sent;
  const at = clock().toISOString();
  const drawn = alertDrawing(current);
  const told = { round: alert.round, role, contact, person: reached.person, channel, ts, at, drawn };
  await keep(sweep, alert.id, { type: 'told', told });
  say(sweep, alert, 'warned', contact);
  return true;
}

/** An address or a Slack user is a person; anything else a channel. */
async function reach(
  messenger: Messenger,
  contact: string,
): Promise<
  | { readonly ok: true; readonly to: Address; readonly person: Alert['told'][number]['person'] }
  | { readonly ok: false; readonly reason: string; readonly final: boolean }
> {
  if (contact.startsWith('#') || /^[CG][A-Z0-9]{1,20}$/.test(contact))
    return { ok: true, to: { channel: contact }, person: null };
  const found = await messenger.lookup(contact);
  if (!found.ok) return found;
  return { ok: true, to: { user: found.known.person.user }, person: found.known.person };
}

async function unreachable(
  sweep: Sweep,
  alert: Alert,
  contact: string,
  reason: string,
  final: boolean,
): Promise<void> {
  if (final) await keep(sweep, alert.id, { type: 'unreachable', contact, reason });
  else sweep.faults.push(`${alert.id}: ${contact} not told yet: ${reason}`);
  say(sweep, alert, 'undeliverable', `${contact}: ${reason}`);
}

async function keep(sweep: Sweep, id: string, event: AlertEvent): Promise<void> {
  const { ledger, clock, runId } = sweep.parts;
  await changeAlert(ledger, id, (alert) => stepAlert(alert, event, clock(), { actor: 'sweep', runId }));
}

async function drawStale(sweep: Sweep, alerts: readonly Alert[]): Promise<void> {
  const { ledger, messenger, clock, settings } = sweep.parts;
  if (messenger === null || sweep.mode === 'dry-run') return;
  for (const alert of alerts.filter(isStaleDrawing)) {
    if (!inTime(sweep)) return;
    const parts = { ledger, messenger, timezone: settings.timezone };
    if (!(await drawAlert(parts, alert.id, clock())))
      sweep.faults.push(`alert ${alert.id} could not be drawn again: it is tried again`);
  }
}

function say(sweep: Sweep, alert: Alert, did: Did, told: string): void {
  const about = alert.kind === 'anomaly' ? subjectOf(alert) : titleOf(alert);
  sweep.lines.push({ findingId: alert.id, resourceId: about, did, told });
}

const URGENCY: readonly Alert['kind'][] = ['runaway', 'budget', 'forecast', 'expired', 'unit', 'anomaly'];

/** What cannot wait first, then the dearest; amounts of several currencies are not compared, but ordered. */
function urgent(a: Alert, b: Alert): number {
  const kind = URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind);
  return kind || size(b).comparedTo(size(a)) || (a.id < b.id ? -1 : 1);
}

function size({ monthly, money }: Alert): Decimal {
  return decimal((monthly ?? money)?.amount ?? '0').abs();
}
