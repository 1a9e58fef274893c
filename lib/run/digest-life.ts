import pLimit from 'p-limit';
import { counted } from '../digest/counted.ts';
import type { DigestLife, Interval } from '../digest/model.ts';
import type { AuditRecord, FindingRecord, FindingState, LedgerStore } from '../ledger/model.ts';
import { buttons, writeToken } from '../notices/messages/buttons.ts';
import { type NoticeDoc, noticeId, readNotice, stageOf } from '../notices/notice.ts';

type Reader = Pick<LedgerStore, 'history' | 'getDoc'>;
type Decision = DigestLife['decisions'][number];

/** Trails that are read, of what was acted on last: each is a question to the ledger. */
const MOST_TRAILS = 500;
const AT_ONCE = 8;

/**
 * What the trail says was stopped, brought back, exempted and failed within the period, and what waits for somebody.
 * @param approvers Slack users of the config who may approve
 */
export async function digestLife(
  ledger: Reader,
  records: readonly FindingRecord[],
  period: Interval,
  approvers: readonly string[],
): Promise<DigestLife> {
  const acted = records
    .filter(wasActedOn)
    .toSorted((a, b) => (a.finding.lastSeen < b.finding.lastSeen ? 1 : -1));
  const read = acted.slice(0, MOST_TRAILS);
  const limit = pLimit(AT_ONCE);
  const trails = await Promise.all(
    read.map((record) => limit(async () => ({ record, trail: await ledger.history(record.finding.id) }))),
  );
  const events = trails
    .flatMap(({ record: { finding }, trail }) =>
      trail.flatMap((entry) => {
        const id = changeOf(entry);
        const isWithin = entry.at >= period.start && entry.at < period.end;
        return id === null || !isWithin ? [] : [{ id, at: entry.at, finding }];
      }),
    )
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const decisions = await Promise.all(
    records.map((record) => limit(() => decisionOf(ledger, record, approvers))),
  );
  const left = acted.length - read.length;
  return {
    events,
    decisions: decisions.filter((each) => each !== null),
    notes:
      left === 0
        ? []
        : [
            `Of ${counted(left, 'finding')} that ${left === 1 ? 'was' : 'were'} acted on longest ago, nothing of this period was looked for.`,
          ],
  };
}

const ACTED: ReadonlySet<FindingState> = new Set<FindingState>([
  'EXEMPT',
  'STOPPED',
  'STOP_FAILED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORED',
  'RESTORE_FAILED',
]);

function wasActedOn({ finding: { state }, life }: FindingRecord): boolean {
  return (
    ACTED.has(state) ||
    (life !== null &&
      (life.stopped !== null ||
        life.restoredAt !== null ||
        life.hold?.kind === 'exemption' ||
        // A stop that was given up is ESCALATED, and still has what was tried.
        life.intent !== null))
  );
}

/** What an entry of the trail is to people; a step on the way, or back to where it was, is nothing. */
function changeOf({ from, to }: AuditRecord): DigestLife['events'][number]['id'] | null {
  if (from === to) return null;
  if (to === 'STOPPED') return from === 'STOPPING' ? 'stopped' : null;
  if (to === 'RESTORED') return 'undone';
  if (to === 'EXEMPT') return 'exempted';
  return to === 'STOP_FAILED' || to === 'RESTORE_FAILED' ? 'failed' : null;
}

const ASKS_APPROVERS: ReadonlySet<FindingState> = new Set<FindingState>([
  'APPROVAL_REQUESTED',
  'EXEMPTION_REQUESTED',
]);
const NEEDS_REPAIR: ReadonlySet<FindingState> = new Set<FindingState>(['STOP_FAILED', 'RESTORE_FAILED']);
const OWNERLESS: ReadonlySet<FindingState> = new Set<FindingState>(['DISOWNED', 'UNDELIVERED', 'ESCALATED']);
/** Somebody was told, or will be: the owner, or, where none is known, whoever may claim it. */
const WAITS: ReadonlySet<FindingState> = new Set<FindingState>([
  'NOTIFY_PENDING',
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
]);

async function decisionOf(
  ledger: Reader,
  record: FindingRecord,
  approvers: readonly string[],
): Promise<Decision | null> {
  const { finding, life } = record;
  if (life === null) return null;
  if (ASKS_APPROVERS.has(finding.state)) return await approval(ledger, record, approvers);
  // Given up after its last attempt: whose it is was never the question.
  const givenUp = finding.state === 'ESCALATED' && life.intent !== null;
  if (NEEDS_REPAIR.has(finding.state) || givenUp) {
    return { finding, kind: 'repair', since: life.intent?.at ?? null, asked: [], press: null };
  }
  const isWithOwner = WAITS.has(finding.state) && life.recipient?.kind === 'owner';
  const isOwnerless = OWNERLESS.has(finding.state) || WAITS.has(finding.state);
  return isOwnerless && !isWithOwner ? await claim(ledger, record) : null;
}

/** Who was asked; with one approver alone, their buttons: another's would be refused. */
async function approval(
  ledger: Reader,
  record: FindingRecord,
  approvers: readonly string[],
): Promise<Decision> {
  const { finding, life } = record;
  const request = life?.request ?? null;
  const ids =
    request === null ? [] : approvers.map((user) => noticeId('approval', finding.id, request.at, user));
  const notices = (await Promise.all(ids.map((id) => readNotice(ledger, id)))).filter(
    (each) => each !== null,
  );
  const [only] = notices;
  return {
    finding,
    kind: finding.state === 'APPROVAL_REQUESTED' ? 'approve-stop' : 'approve-exemption',
    since: request?.at ?? null,
    asked: notices.map(({ recipient }) => recipient.id),
    press: only === undefined || notices.length > 1 ? null : pressOf(only, record, 'approve'),
  };
}

/** What nobody owns: whoever does may say so, where its message is a claim. */
async function claim(ledger: Reader, record: FindingRecord): Promise<Decision> {
  const told = record.life?.notice ?? null;
  const notice = told === null ? null : await readNotice(ledger, told.id);
  return {
    finding: record.finding,
    kind: 'name-owner',
    since: told?.deliveredAt ?? null,
    asked: [],
    press: notice?.kind === 'claim' ? pressOf(notice, record, 'claim') : null,
  };
}

/** The buttons of a message stand here, too, where it would still draw them. */
function pressOf(notice: NoticeDoc, record: FindingRecord, kind: 'approve' | 'claim'): Decision['press'] {
  const index = notice.items.findIndex(({ findingId }) => findingId === record.finding.id);
  const item = notice.items[index];
  if (item === undefined || buttons(notice, index, record) === null) return null;
  return {
    token: writeToken({ notice: notice.id, index, stage: stageOf(record) }),
    kind,
    reversible: item.reversible,
  };
}
