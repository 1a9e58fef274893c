import { isReversible, type Live } from '../../actions/model.ts';
import { decimal } from '../../focus/decimal.ts';
import { DEFAULT_GRACE, stopTime } from '../../ledger/guards.ts';
import type { Fingerprint, Notice, Recipient } from '../../ledger/life.ts';
import type { NoticeLine } from '../../notices/messages/item.ts';
import type { Known } from '../../notices/model.ts';
import { type NoticeDoc, type NoticeItem, noticeId } from '../../notices/notice.ts';
import { BursarError } from '../../platform/errors.ts';
import { type Living, type Sweep, say } from './context.ts';
import { actionOf, targetOf } from './evaluate.ts';

/** One resource ready to be told of. */
export interface Ready {
  readonly record: Living;
  readonly item: NoticeItem;
  readonly fingerprint: Fingerprint | null;
}

/**
 * What its action reads of a resource before its owner is told. Null: it is gone, or could not be read for a
 * reason that passes: it waits for the next sweep.
 */
export async function readied(sweep: Sweep, each: Living): Promise<Ready | null> {
  const { finding, life } = each;
  const plain: NoticeItem = {
    findingId: finding.id,
    action: null,
    reversible: false,
    lost: [],
    staysBilled: [],
    risks: [],
  };
  const action = actionOf(sweep, finding);
  if (action === null || life.policy.mode !== 'stop') return { record: each, item: plain, fingerprint: null };
  let live: Live | null;
  try {
    live = await action.read(targetOf(finding), await sweep.parts.enter(action, finding));
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    if (error.code === 'throttled' || error.code === 'unavailable') {
      say(sweep, each, 'skipped', `it could not be read before its owner is told: ${error.message}`);
      return null;
    }
    const risks = [`It could not be read, so nothing is done by itself: ${error.message}`];
    return { record: each, item: { ...plain, risks }, fingerprint: null };
  }
  if (live === null) {
    say(sweep, each, 'skipped', 'it is gone: the next audit says so');
    return null;
  }
  const { lost, staysBilled, risks } = live;
  const planned = action.plan(targetOf(finding), live);
  if (!planned.ok)
    return {
      record: each,
      item: { ...plain, lost, staysBilled, risks: [planned.reason, ...risks] },
      fingerprint: null,
    };
  return {
    record: each,
    item: {
      ...plain,
      action: planned.summary,
      reversible: isReversible(action, live),
      lost,
      staysBilled,
      risks,
    },
    fingerprint: live.fingerprint,
  };
}

export function newNotice(
  recipient: Recipient,
  known: Known | null,
  chosen: readonly Ready[],
  waiting: number,
  now: Date,
): NoticeDoc {
  const items = chosen.map(({ item }) => item);
  const createdAt = now.toISOString();
  const owner = recipient.kind === 'owner' && known !== null;
  return {
    schemaVersion: 1,
    // Versions of the records: a later warning of the same findings is another notice.
    id: noticeId(
      recipient.kind,
      recipient.id,
      createdAt,
      ...chosen.map(({ record: each }) => `${each.finding.id} ${each.version}`),
    ),
    kind: recipient.kind === 'owner' ? 'warning' : 'claim',
    recipient: owner ? { ...recipient, person: known.person } : recipient,
    timezone: known?.timezone ?? 'UTC',
    items,
    more: waiting - items.length,
    request: null,
    place: null,
    createdAt,
  };
}

/** Each as it will stand once it is told: with the date that the message names. */
export async function linesFor(
  sweep: Sweep,
  notice: NoticeDoc,
  chosen: readonly Ready[],
  known: Known | null,
): Promise<(NoticeLine | null)[]> {
  const deliveredAt = sweep.parts.clock().toISOString();
  const others = await sweep.parts.ledger.getMany(notice.items.map(({ findingId }) => findingId));
  return notice.items.map(({ findingId }) => {
    const ready = chosen.find(({ record: each }) => each.finding.id === findingId);
    if (ready === undefined) {
      const other = others.find(({ finding }) => finding.id === findingId);
      return other === undefined ? null : { finding: other.finding, life: other.life, last: null };
    }
    const { finding, life } = ready.record;
    const told = { recipient: notice.recipient, deliveredAt, timezone: known?.timezone };
    return { finding: { ...finding, dueAt: dueOf(sweep, ready, told) }, life, last: null };
  });
}

/** The end of the grace; null where silence leads to nothing. */
export function dueOf(
  { parts }: Sweep,
  { record: { life }, item, fingerprint }: Ready,
  { recipient, deliveredAt, timezone }: Pick<Notice, 'recipient' | 'deliveredAt' | 'timezone'>,
): string | null {
  const clock =
    life.policy.mode === 'stop' &&
    life.actionable &&
    item.action !== null &&
    item.reversible &&
    fingerprint !== null &&
    recipient.kind === 'owner' &&
    recipient.person !== null;
  if (!clock) return null;
  const calendars = parts.calendars(timezone ?? 'UTC', new Date(deliveredAt));
  return stopTime(deliveredAt, life.policy.grace ?? DEFAULT_GRACE, calendars);
}

/** The largest saving first; without a price last. */
export function compareSaving(a: Living, b: Living): number {
  const [x, y] = [a, b].map(({ finding }) => decimal(finding.monthlySaving?.amount ?? '-1'));
  if (x === undefined || y === undefined) return 0;
  return y.comparedTo(x) || (a.finding.id < b.finding.id ? -1 : 1);
}
