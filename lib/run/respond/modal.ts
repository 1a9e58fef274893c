import type { LedgerEvent, Person, Recipient } from '../../ledger/life.ts';
import type { Click } from '../../notices/click.ts';
import { MOST_REASON } from '../../notices/messages/forms.ts';
import { afterwards, beforehand, drawNow } from './effects.ts';
import { allowed, type Pointed, store } from './item.ts';
import { type Ended, json, type RespondParts } from './model.ts';
import { plainly } from './say.ts';

type Sent = Extract<Click, { kind: 'modal' }>;
type Filled =
  | { readonly ok: true; readonly event: LedgerEvent }
  | { readonly ok: false; readonly block: string; readonly error: string };

/** A form that a verified person sent: authorised again, since time has passed since it was opened. */
export async function submit(parts: RespondParts, sent: Sent, now: Date, runId: string): Promise<Ended> {
  const { form, token, person } = sent;
  const first = form === 'exempt' ? 'reason' : 'next';
  const may = await allowed(parts, token, form, person);
  if (!may.ok) {
    if (may.outcome === 'stale' && may.notice !== null) await drawNow(parts, may.notice.id);
    return wrong(first, may.reason, may.outcome);
  }
  const { pointed } = may;
  const filled =
    form === 'exempt' ? exemption(parts, sent, pointed, now) : await handedOver(parts, sent, pointed);
  if (!filled.ok) return wrong(filled.block, filled.error, 'incomplete');
  const stored = await store(
    parts,
    pointed.item.findingId,
    person,
    runId,
    (record) =>
      record.life?.notice?.id === pointed.notice.id ? filled.event : 'a newer message has replaced this one',
    (effects) => beforehand(parts, pointed, effects),
  );
  if (!stored.ok) {
    await drawNow(parts, pointed.notice.id);
    return wrong(first, `Nothing was changed. ${plainly(stored.reason)}`, 'not-taken');
  }
  await afterwards(parts, { notice: pointed.notice, record: stored.record }, stored.effects, now);
  return { answer: json({ response_action: 'clear' }), outcome: 'stored' };
}

function wrong(block: string, error: string, outcome: string): Ended {
  return { answer: json({ response_action: 'errors', errors: { [block]: error } }), outcome };
}

function exemption(parts: RespondParts, { values, person }: Sent, { record }: Pointed, now: Date): Filled {
  const reason = (values['reason'] ?? '').trim();
  if (reason === '') return { ok: false, block: 'reason', error: 'Say why, for whoever approves it.' };
  if (reason.length > MOST_REASON)
    return { ok: false, block: 'reason', error: `At most ${MOST_REASON} characters.` };
  const until = endOf(values['until'] ?? '');
  if (until === null) return { ok: false, block: 'until', error: 'Choose a day.' };
  if (until <= now.getTime()) return { ok: false, block: 'until', error: 'This day is over.' };
  if (until > now.getTime() + (parts.mostExemptDays + 1) * 24 * 3600_000)
    return { ok: false, block: 'until', error: `At most ${parts.mostExemptDays} days from now.` };
  if (!parts.approvers.some((user) => user !== person.user))
    return {
      ok: false,
      block: 'reason',
      error: 'Nobody but you may approve it: an admin must name approvers in the config.',
    };
  const check = values['scope'] === 'check' ? record.finding.check : null;
  const at = new Date(until).toISOString();
  return { ok: true, event: { type: 'exemption-requested', by: person, until: at, reason, check } };
}

/** The last second of a day, UTC; null for what is no day. */
function endOf(day: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const at = Date.parse(`${day}T23:59:59.000Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day ? null : at;
}

async function handedOver(
  parts: RespondParts,
  { values, person }: Sent,
  { record }: Pointed,
): Promise<Filled> {
  const named = values['next'] ?? '';
  if (named === '') return { ok: true, event: { type: 'disowned', by: person, next: parts.nextOf(record) } };
  if (named === person.user) return { ok: false, block: 'next', error: 'This is you.' };
  const found = await parts.answerer.lookup(named);
  if (!found.ok) return { ok: false, block: 'next', error: `They cannot be warned: ${found.reason}.` };
  return { ok: true, event: { type: 'disowned', by: person, next: recipientOf(found.known.person, person) } };
}

function recipientOf(next: Person, by: Person): Recipient {
  return { kind: 'owner', id: next.user, person: next, source: `named by ${by.user}` };
}
