import { createHash } from 'node:crypto';
import type { FindingState, Person, Recipient } from '../ledger/life.ts';
import type { FindingRecord, LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Place } from './model.ts';

/** At most so many resources are told of in one message. */
export const MOST_ITEMS = 5;

/** One resource of a notice, with what only the live look of its action knows. */
export interface NoticeItem {
  readonly findingId: string;
  /** What would be done, as the action's plan says it; null where nothing is ever done (mode warn, no action). */
  readonly action: string | null;
  /** Undo brings it back. False where that is not known. */
  readonly reversible: boolean;
  readonly lost: readonly string[];
  readonly staysBilled: readonly string[];
  readonly risks: readonly string[];
}

/**
 * One message that people answer, kept as the document `notice/<id>` before it is sent. Buttons hold its id, the
 * place of the item in it and the version that they were drawn for; everything else is read again at the click.
 */
export interface NoticeDoc {
  readonly schemaVersion: 1;
  readonly id: string;
  /** `warning`: to an owner; `claim`: to the team channel, of what nobody owns; `approval`: to one approver. */
  readonly kind: 'warning' | 'claim' | 'approval';
  readonly recipient: Recipient;
  /** IANA zone in which dates are told. */
  readonly timezone: string;
  /** At most MOST_ITEMS; all of them the recipient's. */
  readonly items: readonly NoticeItem[];
  /** How many more are waiting for the same recipient. */
  readonly more: number;
  /** Of an approval: which request it asks about. */
  readonly request: { readonly at: string; readonly by: Person } | null;
  /** Where Slack has it; null until then. */
  readonly place: Place | null;
  readonly createdAt: string;
}

/** `n-` and 26 characters of lower-case hex: the same for the same parts, and telling nothing of them. */
export function noticeId(...parts: readonly string[]): string {
  return `n-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26)}`;
}

type Docs = Pick<LedgerStore, 'getDoc' | 'putDoc'>;

/** Keeps a notice, and among the notices of its person (`notices/<team>/<user>`), from which "mine" is told. */
export async function saveNotice(store: Docs, notice: NoticeDoc): Promise<void> {
  await change(store, `notice/${notice.id}`, () => notice);
  const { person } = notice.recipient;
  if (person === null || notice.kind !== 'warning') return;
  await change(store, mineKey(person), (value) => {
    const ids = listOf(value, 'ids');
    return ids.includes(notice.id)
      ? null
      : { schemaVersion: 1, ids: [...ids, notice.id].slice(-MOST_NOTICES) };
  });
}

/** A notice by its id; null where there is none, or a newer version of Bursar wrote it. */
export async function readNotice(store: Pick<LedgerStore, 'getDoc'>, id: string): Promise<NoticeDoc | null> {
  return noticeOf((await store.getDoc(`notice/${id}`))?.value);
}

/** The newest notices that went to this person, oldest first. */
export async function noticesOf(
  store: Pick<LedgerStore, 'getDoc' | 'getDocs'>,
  person: Person,
): Promise<NoticeDoc[]> {
  const ids = listOf((await store.getDoc(mineKey(person)))?.value, 'ids');
  const docs = await store.getDocs(ids.map((id) => `notice/${id}`));
  return docs.map((doc) => noticeOf(doc?.value)).filter((notice) => notice !== null);
}

/** More than this many messages ago nobody scrolls. */
const MOST_NOTICES = 200;

function mineKey({ team, user }: Person): string {
  return `notices/${team}/${user}`;
}

/** Written by this version alone, so its shape is known from schemaVersion. */
function noticeOf(value: unknown): NoticeDoc | null {
  return isNotice(value) ? value : null;
}

function isNotice(value: unknown): value is NoticeDoc {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}

function listOf(value: unknown, key: string): string[] {
  const found: unknown =
    typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : [];
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
}

const ATTEMPTS = 20;

/** Reads, changes and writes a document until no other process was between; `next` gives null to leave it. */
export async function change(store: Docs, key: string, next: (value: unknown) => unknown): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const doc = await store.getDoc(key);
    const value = next(doc?.value ?? null);
    if (value === null || (await store.putDoc(key, value, doc?.version ?? 0)) === 'written') return;
  }
  throw new BursarError('conflict', 'other processes keep changing this document', {
    where: key,
    hint: 'It is tried again by itself.',
  });
}

/**
 * What makes a button stale: its finding went on since it was drawn. States in which its owner may still answer
 * count as one, since nothing that they were asked has changed.
 */
export function stageOf({ finding, life }: Pick<FindingRecord, 'finding' | 'life'>): string {
  const state = ANSWERABLE.has(finding.state) ? 'open' : finding.state;
  const parts = [state, life?.request?.at ?? '', life?.stopNow?.at ?? '', life?.stopped?.at ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** States in which whoever was warned may still say no. A notice is drawn just before its finding is WARNED. */
export const ANSWERABLE: ReadonlySet<FindingState> = new Set<FindingState>([
  'NOTIFY_PENDING',
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
  'APPROVAL_REQUESTED',
  'STOP_FAILED',
]);
