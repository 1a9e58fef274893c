import { agenda } from '../../ledger/decide/index.ts';
import type { LedgerEvent, Notice, Recipient } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import { renderNotice } from '../../notices/messages/notice.ts';
import type { Address, Known, Messenger } from '../../notices/model.ts';
import { MOST_ITEMS, type NoticeDoc, readNotice, saveNotice } from '../../notices/notice.ts';
import { recipientOf } from '../terms.ts';
import { claiming, inTime, keep, type Living, living, type Sweep, say } from './context.ts';
import { compareSaving, dueOf, linesFor, newNotice, type Ready, readied } from './tell-items.ts';

/** The document `telling/<recipient>`: the notice that is being sent, so that a later process sends the same. */
interface Telling {
  readonly schemaVersion: 1;
  readonly noticeId: string | null;
  /** When messages were delivered within the last day. */
  readonly sent: readonly string[];
}

/** Messages to one recipient a day: more of them is noise, and what is left can be listed in Slack at any time. */
const MOST_A_DAY = 3;
const DAY = 86_400_000;

/** Whom a message goes to, and what is known of them; a channel has no person and no zone. */
interface Reached {
  readonly to: Address;
  readonly known: Known | null;
}

/** Tells people of what is waiting: one message a recipient a run, the largest savings first. */
export async function tellPending(sweep: Sweep, waiting: readonly Living[]): Promise<void> {
  const groups = new Map<string, { recipient: Recipient; records: Living[] }>();
  for (const each of waiting) {
    const { recipient } = each.life;
    if (recipient === null) continue;
    const key = keyOf(recipient);
    const group = groups.get(key) ?? { recipient, records: [] };
    group.records.push(each);
    groups.set(key, group);
  }
  for (const [key, { recipient, records }] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!inTime(sweep)) return;
    const { messenger } = sweep.parts;
    if (sweep.mode === 'dry-run' || messenger === null) {
      const why = messenger === null ? 'no Slack is configured, so nobody can be warned' : recipient.id;
      for (const each of records) say(sweep, each, messenger === null ? 'skipped' : 'would warn', why);
      continue;
    }
    const claimed = await claiming(sweep, key, () => tellOne(sweep, messenger, key, recipient, records));
    if (claimed === null)
      for (const each of records) say(sweep, each, 'skipped', 'another process is telling this recipient');
  }
}

/** Also the name under which the right to tell them is claimed. */
function keyOf({ kind, id }: Recipient): string {
  return `telling/${kind}/${id}`;
}

async function tellOne(
  sweep: Sweep,
  messenger: Messenger,
  key: string,
  recipient: Recipient,
  records: readonly Living[],
): Promise<void> {
  const { ledger, clock } = sweep.parts;
  const current = await stillPending(sweep, recipient, records);
  if (current.length === 0) return;
  const reached = await reach(messenger, recipient);
  if (!reached.ok) return await undelivered(sweep, current, reached.reason, reached.final);
  const begun = await unfinished(sweep, key, current);
  const { version, sent } = begun;
  if (begun.notice === null && sent.length >= MOST_A_DAY) {
    for (const each of current)
      say(sweep, each, 'skipped', `${recipient.id} had ${sent.length} messages today`);
    return;
  }
  const chosen =
    begun.notice === null ? await choose(sweep, current) : await again(sweep, begun.notice, current);
  if (chosen.length === 0) return;
  const notice = begun.notice ?? newNotice(recipient, reached.known, chosen, current.length, clock());
  if (begun.notice === null) {
    // What is about to be sent is written first: should this process end, the next sends the same.
    await saveNotice(ledger, notice);
    const telling: Telling = { schemaVersion: 1, noticeId: notice.id, sent };
    if ((await ledger.putDoc(key, telling, version)) === 'conflict') return;
  }
  const lines = await linesFor(sweep, notice, chosen, reached.known);
  const delivery = await messenger.deliver(notice.id, reached.to, renderNotice(notice, lines));
  if (!delivery.ok) {
    await undelivered(
      sweep,
      chosen.map(({ record: each }) => each),
      delivery.reason,
      delivery.final,
    );
    if (delivery.final) await finished(sweep, key, sent);
    return;
  }
  const { channel, ts } = delivery;
  await saveNotice(ledger, { ...notice, place: { channel, ts } });
  // What of it could not be read just now stays with this message: it has been said, and is not said in another.
  const waits = notice.items.some(
    ({ findingId }) =>
      current.some(({ finding }) => finding.id === findingId) &&
      chosen.every(({ record: { finding } }) => finding.id !== findingId),
  );
  // A message that an earlier process began may have been read since: what was said of the resource meanwhile, and
  // the grace (see decide: counted from here where it is found out late), go by that time.
  const deliveredAt = begun.notice === null ? clock().toISOString() : notice.createdAt;
  for (const each of chosen) {
    const told: Notice = {
      id: notice.id,
      recipient: notice.recipient,
      channel,
      ts,
      deliveredAt,
      ...(begun.notice === null ? {} : { storedAt: clock().toISOString() }),
      reminded: false,
      lastCalled: false,
      ...(reached.known === null ? {} : { timezone: notice.timezone }),
    };
    const { fingerprint } = each;
    const dueAt = dueOf(sweep, each, told);
    const moved = await keep(sweep, each.record.finding.id, {
      type: 'delivered',
      notice: told,
      fingerprint,
      dueAt,
    });
    if (moved?.decision.taken) say(sweep, each.record, 'warned', moved.decision.reason);
  }
  await finished(sweep, key, [...new Set([...sent, deliveredAt])], waits ? notice.id : null);
}

/** Read again under the claim: only what is still to be told to this recipient. */
async function stillPending(
  { parts }: Sweep,
  recipient: Recipient,
  records: readonly Living[],
): Promise<Living[]> {
  const read = await parts.ledger.getMany(records.map(({ finding }) => finding.id));
  return read
    .map(living)
    .filter((each) => each !== null)
    .filter(
      (each) =>
        agenda(each, parts.clock(), parts.settings.rules) === 'tell' &&
        each.life.recipient?.id === recipient.id &&
        each.life.recipient.kind === recipient.kind,
    )
    .toSorted((a, b) => compareSaving(a, b));
}

/** An owner must be a person whom Slack knows; a channel is taken as it is. */
async function reach(
  messenger: Messenger,
  { kind, id }: Recipient,
): Promise<({ ok: true } & Reached) | { ok: false; reason: string; final: boolean }> {
  if (id.startsWith('#') || /^[CG][A-Z0-9]{1,20}$/.test(id)) {
    if (kind === 'owner') return { ok: false, reason: 'a channel is not an owner', final: true };
    return { ok: true, to: { channel: id }, known: null };
  }
  const found = await messenger.lookup(id);
  if (!found.ok) return found;
  return { ok: true, to: { user: found.known.person.user }, known: found.known };
}

/** The notice that an earlier process began and did not finish, if any of it is still to be told. */
async function unfinished(
  { parts }: Sweep,
  key: string,
  current: readonly Living[],
): Promise<{ notice: NoticeDoc | null; version: number; sent: string[] }> {
  const doc = await parts.ledger.getDoc(key);
  const value: unknown = doc?.value;
  const id: unknown =
    typeof value === 'object' && value !== null
      ? Object.getOwnPropertyDescriptor(value, 'noticeId')?.value
      : null;
  const notice = typeof id === 'string' ? await readNotice(parts.ledger, id) : null;
  const open = notice?.items.some((item) => current.some(({ finding }) => finding.id === item.findingId));
  return {
    notice: open === true ? notice : null,
    version: doc?.version ?? 0,
    sent: sentToday(value, parts.clock()),
  };
}

/** Deliveries of the last 24 hours that the document tells of. */
function sentToday(value: unknown, now: Date): string[] {
  const sent: unknown =
    typeof value === 'object' && value !== null
      ? Object.getOwnPropertyDescriptor(value, 'sent')?.value
      : null;
  if (!Array.isArray(sent)) return [];
  return sent.filter((at): at is string => typeof at === 'string' && now.getTime() - Date.parse(at) < DAY);
}

/** @param noticeId the notice that still waits for what could not be read; null: it is told whole */
async function finished(
  { parts }: Sweep,
  key: string,
  sent: readonly string[],
  noticeId: string | null = null,
): Promise<void> {
  const doc = await parts.ledger.getDoc(key);
  // A conflict means that another process has begun the next one: that stands.
  if (doc !== null) await parts.ledger.putDoc(key, { schemaVersion: 1, noticeId, sent }, doc.version);
}

/** The first that can be told of, with what their actions read of them. */
async function choose(sweep: Sweep, current: readonly Living[]): Promise<Ready[]> {
  const chosen: Ready[] = [];
  for (const each of current) {
    if (chosen.length === MOST_ITEMS) break;
    const ready = await readied(sweep, each);
    if (ready !== null) chosen.push(ready);
  }
  return chosen;
}

/**
 * Of a notice that was begun: what of it is still to be told, read again. What cannot be read for a day is told as
 * it stands, without a date, so that others are not held up by it.
 */
async function again(sweep: Sweep, notice: NoticeDoc, current: readonly Living[]): Promise<Ready[]> {
  const chosen: Ready[] = [];
  const old = sweep.parts.clock().getTime() - Date.parse(notice.createdAt) >= DAY;
  for (const item of notice.items) {
    const each = current.find(({ finding }) => finding.id === item.findingId);
    const ready = each === undefined ? null : await readied(sweep, each);
    // What the message says stands; only what the clock needs is read again.
    if (ready !== null) chosen.push({ ...ready, item });
    else if (old && each !== undefined) chosen.push({ record: each, item, fingerprint: null });
  }
  return chosen;
}

async function undelivered(
  sweep: Sweep,
  records: readonly FindingRecord[],
  reason: string,
  final: boolean,
): Promise<void> {
  for (const { finding } of records) {
    const found = living(await sweep.parts.ledger.get(finding.id));
    if (found === null) continue;
    const event: LedgerEvent = { type: 'undeliverable', reason, final, next: nextOf(sweep, found) };
    const moved = await keep(sweep, finding.id, event);
    if (moved !== null) say(sweep, found, 'undeliverable', reason);
  }
}

/** Who is told next: whoever was not asked yet, by account, then the fallback. */
function nextOf({ parts }: Sweep, { finding, life }: Living): Recipient | null {
  const asked = [...life.passed, ...(life.recipient === null ? [] : [life.recipient.id])];
  return recipientOf(finding.owner, finding.accountId, parts.settings.terms, asked);
}
