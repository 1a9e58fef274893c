import { setTimeout as pause } from 'node:timers/promises';
import type { FindingRecord, LedgerStore } from '../../ledger/model.ts';
import type { NoticeLine } from '../../notices/messages/item.ts';
import { renderNotice } from '../../notices/messages/notice.ts';
import type { Messenger, Place } from '../../notices/model.ts';
import { change, type NoticeDoc, noticeId, readNotice, saveNotice } from '../../notices/notice.ts';
import { at } from '../../notices/payload.ts';
import type { RespondParts } from './model.ts';

/** What telling people works with; a sweep has it, too. */
export interface TellParts {
  readonly ledger: Pick<LedgerStore, 'getMany' | 'history' | 'getDoc' | 'putDoc'>;
  readonly messenger: Pick<Messenger, 'deliver' | 'update' | 'lookup'>;
  readonly approvers: readonly string[];
}

/** What is still to be told, because a process ended or Slack did not answer in time. */
export interface Untold {
  /** Ids of notices to be drawn again. */
  readonly redraw: readonly string[];
  /** Ids of findings whose approvers are to be asked. */
  readonly ask: readonly string[];
}

const KEY = 'slack/untold';

export async function untold(ledger: Pick<LedgerStore, 'getDoc'>): Promise<Untold> {
  return read((await ledger.getDoc(KEY))?.value);
}

function read(value: unknown): Untold {
  return { redraw: texts(at(value, 'redraw')), ask: texts(at(value, 'ask')) };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

async function noteAll(
  ledger: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  { redraw, ask }: Untold,
  add: boolean,
): Promise<void> {
  if (redraw.length + ask.length === 0) return;
  await change(ledger, KEY, (value) => {
    const now = read(value);
    const others = {
      redraw: now.redraw.filter((id) => !redraw.includes(id)),
      ask: now.ask.filter((id) => !ask.includes(id)),
    };
    if (add) return { schemaVersion: 1, redraw: [...others.redraw, ...redraw], ask: [...others.ask, ...ask] };
    const unchanged = others.redraw.length === now.redraw.length && others.ask.length === now.ask.length;
    return unchanged ? null : { schemaVersion: 1, ...others };
  });
}

/** Keeps, or strikes out, many at once what is still to be told: before it is told, and after. */
export async function noteUntold(
  ledger: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  redraw: readonly string[],
  add: boolean,
): Promise<void> {
  await noteAll(ledger, { redraw, ask: [] }, add);
}

/** Two processes that draw one notice at once settle within so many turns. */
const MOST_TURNS = 4;

/**
 * Draws a notice as its findings stand; `failed` is tried again by the next sweep. What moved while it was drawn is
 * drawn once more, so that of two processes the one with the older reading never has the last word.
 */
export async function drawAgain(parts: TellParts, id: string): Promise<'drawn' | 'failed' | 'gone'> {
  const notice = await readNotice(parts.ledger, id);
  if (notice === null) return 'gone';
  let records = await parts.ledger.getMany(notice.items.map(({ findingId }) => findingId));
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const lines = await withTrail(parts.ledger, notice, records);
    const place = placeOf(notice, lines);
    if (place === null) return 'gone';
    const done = await parts.messenger.update(place, renderNotice(notice, lines));
    if (!done.ok) return done.final ? 'gone' : 'failed';
    const after = await parts.ledger.getMany(notice.items.map(({ findingId }) => findingId));
    if (versions(after) === versions(records)) return 'drawn';
    records = after;
  }
  return 'failed';
}

function versions(records: readonly FindingRecord[]): string {
  return records
    .map(({ finding, version }) => `${finding.id} ${version}`)
    .toSorted()
    .join(',');
}

/** Every item of a notice as it stands, with the newest entry of its trail. */
export async function linesOf(
  ledger: Pick<LedgerStore, 'getMany' | 'history'>,
  notice: NoticeDoc,
): Promise<(NoticeLine | null)[]> {
  return await withTrail(
    ledger,
    notice,
    await ledger.getMany(notice.items.map(({ findingId }) => findingId)),
  );
}

async function withTrail(
  ledger: Pick<LedgerStore, 'history'>,
  notice: NoticeDoc,
  records: readonly FindingRecord[],
): Promise<(NoticeLine | null)[]> {
  return await Promise.all(
    notice.items.map(async ({ findingId }) => {
      const record = records.find(({ finding }) => finding.id === findingId);
      if (record === undefined) return null;
      const { finding, life } = record;
      const last = (await ledger.history(findingId)).at(-1) ?? null;
      return { finding, life, last };
    }),
  );
}

function placeOf(notice: NoticeDoc, lines: readonly (NoticeLine | null)[]): Place | null {
  if (notice.place !== null) return notice.place;
  const told = lines.find((line) => line?.life?.notice?.id === notice.id)?.life?.notice;
  return told === undefined || told === null ? null : { channel: told.channel, ts: told.ts };
}

/**
 * Asks every approver who is neither the owner nor whoever asked; each once for one request, however often this
 * is called. `nobody`: no such approver is configured.
 */
export async function askApprovers(
  parts: TellParts,
  record: FindingRecord,
  now: Date,
): Promise<'asked' | 'failed' | 'nobody'> {
  const { finding, life } = record;
  const request = life?.request ?? null;
  if (life === null || request === null) return 'asked';
  const barred = new Set([request.by.user, life.notice?.recipient.person?.user]);
  const able = parts.approvers.filter((user) => !barred.has(user));
  if (able.length === 0) return 'nobody';
  const warned = life.notice === null ? null : await readNotice(parts.ledger, life.notice.id);
  const item = warned?.items.find(({ findingId }) => findingId === finding.id) ?? {
    findingId: finding.id,
    action: null,
    reversible: false,
    lost: [],
    staysBilled: [],
    risks: [],
  };
  const asked = await Promise.all(
    able.map(async (user) => {
      const found = await parts.messenger.lookup(user);
      if (!found.ok) return false;
      const notice: NoticeDoc = {
        schemaVersion: 1,
        id: noticeId('approval', finding.id, request.at, user),
        kind: 'approval',
        recipient: { kind: 'owner', id: user, person: found.known.person, source: 'slack.approvers' },
        timezone: found.known.timezone,
        items: [item],
        more: 0,
        request: { at: request.at, by: request.by },
        place: null,
        createdAt: now.toISOString(),
      };
      await saveNotice(parts.ledger, notice);
      const sent = await parts.messenger.deliver(
        notice.id,
        { user },
        renderNotice(notice, [{ finding, life, last: null }]),
      );
      if (sent.ok)
        await saveNotice(parts.ledger, { ...notice, place: { channel: sent.channel, ts: sent.ts } });
      return sent.ok;
    }),
  );
  return asked.includes(true) ? 'asked' : 'failed';
}

/** Carries out what earlier processes could not tell; for a sweep, at its beginning. */
export async function tellUntold(parts: TellParts, now: Date): Promise<Untold> {
  const { redraw: notices, ask } = await untold(parts.ledger);
  for (const id of notices)
    if ((await drawAgain(parts, id)) !== 'failed') await noteUntold(parts.ledger, [id], false);
  const records = await parts.ledger.getMany(ask);
  for (const id of ask) {
    const record = records.find(({ finding }) => finding.id === id);
    if (record === undefined || (await askApprovers(parts, record, now)) !== 'failed')
      await noteAll(parts.ledger, { redraw: [], ask: [id] }, false);
  }
  return await untold(parts.ledger);
}

function tellParts({ ledger, answerer, approvers }: RespondParts): TellParts {
  return { ledger, messenger: answerer, approvers };
}

/** Draws a notice again, now or by the next sweep. */
export async function drawNow(parts: RespondParts, id: string): Promise<void> {
  if ((await drawAgain(tellParts(parts), id)) === 'failed') await noteUntold(parts.ledger, [id], true);
}

/** Before a decision is stored: what must not be forgotten should this process end right after. */
export async function beforehand(
  parts: RespondParts,
  { notice, record }: { readonly notice: NoticeDoc; readonly record: FindingRecord },
  effects: readonly string[],
): Promise<void> {
  const ask = effects.includes('ask-approval') ? [record.finding.id] : [];
  await noteAll(parts.ledger, { redraw: drawnAfter(notice, record), ask }, true);
}

/** Slack waits 3 s for an answer; so much of it may go into telling people. */
const PATIENCE = 1_700;

/**
 * After a decision is stored: the messages are drawn again, and whoever must be asked is asked. A Slack that is slow
 * does not hold the answer up: what is noted and not struck out is told by the next sweep.
 */
export async function afterwards(
  parts: RespondParts,
  pointed: { readonly notice: NoticeDoc; readonly record: FindingRecord },
  effects: readonly string[],
  now: Date,
): Promise<void> {
  await patiently(tell(parts, pointed, effects, now), (error) =>
    parts.log.error('not told yet', error, { findingId: pointed.record.finding.id }),
  );
}

/** Waits for what is being told, as long as Slack waits for an answer; what fails is handed to `failed`. */
export async function patiently(telling: Promise<unknown>, failed: (error: unknown) => void): Promise<void> {
  const late = new AbortController();
  const told = telling.catch(failed);
  await Promise.race([told, pause(PATIENCE, undefined, { signal: late.signal, ref: false }).catch(ended)]);
  late.abort();
}

/** The pause was ended because the telling was. */
function ended(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}

async function tell(
  parts: RespondParts,
  { notice, record }: { readonly notice: NoticeDoc; readonly record: FindingRecord },
  effects: readonly string[],
  now: Date,
): Promise<void> {
  const [drawn, asked] = await Promise.all([
    Promise.all(
      drawnAfter(notice, record).map(async (id) =>
        (await drawAgain(tellParts(parts), id)) === 'failed' ? [] : [id],
      ),
    ),
    effects.includes('ask-approval') ? askApprovers(tellParts(parts), record, now) : null,
  ]);
  if (asked === 'failed' || asked === 'nobody')
    parts.log.info('approvers not asked', { findingId: record.finding.id, why: asked });
  const ask = asked === 'asked' ? [record.finding.id] : [];
  await noteAll(parts.ledger, { redraw: drawn.flat(), ask }, false);
}

/** The message that was answered, and the owner's where that is another. */
function drawnAfter(notice: NoticeDoc, { life }: FindingRecord): string[] {
  return [...new Set([notice.id, ...(life?.notice ? [life.notice.id] : [])])];
}
