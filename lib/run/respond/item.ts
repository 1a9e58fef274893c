import { standing } from '../../ledger/decide/index.ts';
import type { LedgerEvent, Person } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import { stepOf } from '../../ledger/step.ts';
import type { ActionId, Token } from '../../notices/messages/buttons.ts';
import { type NoticeDoc, type NoticeItem, readNotice, stageOf } from '../../notices/notice.ts';
import { BursarError } from '../../platform/errors.ts';
import { actorOf, type RespondParts } from './model.ts';

/** What a button points at, read again. */
export interface Pointed {
  readonly notice: NoticeDoc;
  readonly item: NoticeItem;
  readonly record: FindingRecord;
}

/** `stale`: the message tells of something that has changed since; its drawing anew is all that follows. */
export type Allowed =
  | { readonly ok: true; readonly pointed: Pointed }
  | {
      readonly ok: false;
      readonly outcome: 'refused' | 'stale';
      readonly reason: string;
      readonly notice: NoticeDoc | null;
    };

/** Reads what the button points at, and whether this person may do this to it now. Denies by default. */
export async function allowed(
  parts: RespondParts,
  token: Token,
  action: ActionId,
  person: Person,
): Promise<Allowed> {
  const notice = await readNotice(parts.ledger, token.notice);
  const item = notice?.items[token.index];
  if (notice === null || item === undefined)
    return { ok: false, outcome: 'refused', reason: 'Bursar does not know this message.', notice: null };
  const record = await parts.ledger.get(item.findingId);
  if (record === null)
    return { ok: false, outcome: 'stale', reason: 'This resource is no longer in the ledger.', notice };
  const reason = await denial(parts, { notice, item, record }, action, person);
  if (reason !== null) return { ok: false, outcome: 'refused', reason, notice };
  if (isStale({ notice, item, record }, token))
    return {
      ok: false,
      outcome: 'stale',
      reason: `Nothing was changed: since this message ${standing(record)}.`,
      notice,
    };
  return { ok: true, pointed: { notice, item, record } };
}

function isStale({ notice, record }: Pointed, token: Token): boolean {
  if (stageOf(record) !== token.stage) return true;
  if (notice.kind === 'approval') return record.life?.request?.at !== notice.request?.at;
  return notice.kind === 'warning' && record.life?.notice?.id !== notice.id;
}

async function denial(
  parts: RespondParts,
  { notice, record }: Pointed,
  action: ActionId,
  person: Person,
): Promise<string | null> {
  const { life } = record;
  const owner =
    notice.kind === 'warning' && notice.recipient.kind === 'owner' && same(notice.recipient.person, person);
  switch (action) {
    case 'keep':
    case 'acknowledge':
    case 'stop':
    case 'exempt':
    case 'disown':
      return owner ? null : 'Only the owner to whom this message was sent may answer it.';
    case 'undo':
      return owner || parts.admins.includes(person.user)
        ? null
        : 'Only the owner to whom this message was sent, or an admin, may undo it.';
    case 'approve':
    case 'refuse':
      if (
        notice.kind !== 'approval' ||
        !parts.approvers.includes(person.user) ||
        !same(notice.recipient.person, person)
      )
        return 'Only an approver who was asked may decide on it.';
      return same(life?.request?.by, person) || same(life?.notice?.recipient.person, person)
        ? 'Neither the owner nor whoever asked may decide on it.'
        : null;
    case 'claim':
      return notice.kind === 'claim'
        ? await outsider(parts, notice, person)
        : 'Only what nobody owns can be claimed.';
  }
}

/** A claim comes from a channel: who is a guest there, or of another organisation, claims nothing. */
async function outsider(parts: RespondParts, notice: NoticeDoc, person: Person): Promise<string | null> {
  const [shared, found] = await Promise.all([
    parts.answerer.isShared(notice.place?.channel ?? notice.recipient.id),
    parts.answerer.lookup(person.user),
  ]);
  if (!found.ok) return `You cannot claim it: ${found.reason}.`;
  return shared ? 'Nothing can be claimed in a channel that is shared with another organisation.' : null;
}

function same(a: Person | null | undefined, b: Person): boolean {
  return a?.user === b.user && a.team === b.team;
}

export type Stored =
  | {
      readonly ok: true;
      readonly record: FindingRecord;
      readonly effects: readonly string[];
      readonly reason: string;
    }
  | { readonly ok: false; readonly reason: string };

const ATTEMPTS = 8;

/**
 * Decides and stores, again where another process wrote in between; `eventOf` authorises anew with each reading
 * and gives a sentence where the event no longer may happen. `before` runs before anything is written.
 */
export async function store(
  parts: RespondParts,
  findingId: string,
  person: Person,
  runId: string,
  eventOf: (record: FindingRecord) => LedgerEvent | string,
  before: (effects: readonly string[]) => Promise<void> = async () => undefined,
): Promise<Stored> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const record = await parts.ledger.get(findingId);
    if (record === null) return { ok: false, reason: 'it is no longer in the ledger' };
    const event = eventOf(record);
    if (typeof event === 'string') return { ok: false, reason: event };
    const step = stepOf(record, event, parts.clock(), { actor: actorOf(person), runId });
    const { taken, reason } = step.decision;
    if (!taken) return { ok: false, reason };
    const effects = step.decision.effects.map(({ kind }) => kind);
    if (step.write === null || step.record === null) return { ok: true, record, effects, reason };
    await before(effects);
    const { record: next, expected, audit } = step.write;
    if ((await parts.ledger.put(next, expected, audit)) === 'written')
      return { ok: true, record: step.record, effects, reason };
  }
  throw new BursarError('conflict', 'other processes keep changing this finding', {
    where: findingId,
    hint: 'Press the button again.',
  });
}
