import { digestFormat, type Format } from '../../digest/format.ts';
import { plain } from '../../digest/names.ts';
import { isUncertain } from '../../ledger/decide/index.ts';
import type { AuditRecord, FindingRecord } from '../../ledger/model.ts';
import { knownZone } from '../../platform/zone.ts';
import type { Run } from '../blocks.ts';
import type { NoticeDoc, NoticeItem } from '../notice.ts';
import { when } from './when.ts';

/** One resource as it stands now, with the last entry of its trail where something was done. */
export interface NoticeLine {
  readonly finding: FindingRecord['finding'];
  readonly life: FindingRecord['life'];
  /** The newest change of state; null before the first. */
  readonly last: Pick<AuditRecord, 'at' | 'actor' | 'reason'> | null;
}

/** What a name says to people: the resource's own, else the end of its id. */
export function nameOf({ resourceName, resourceId }: FindingRecord['finding'], most = 60): string {
  const named = plain(resourceName ?? '', most);
  return named === '' ? plain(resourceId.slice(resourceId.lastIndexOf('/') + 1), most) : named;
}

/** `aws:ec2:instance i-0abc, us-east-1, account 111122223333` */
export function whereOf(finding: FindingRecord['finding'], most = 400): string {
  const id = plain(finding.resourceId.slice(finding.resourceId.lastIndexOf('/') + 1), Math.min(60, most));
  return `${plain(finding.resourceType, 40)} ${id}, ${plain(finding.region, Math.min(30, most))}, account ${plain(finding.accountId, 40)}`;
}

/** What it costs and what would be saved, on the real bill or by list price. */
export function costOf(
  { monthlyCost, monthlySaving, costBasis }: FindingRecord['finding'],
  format: Format,
): string {
  if (monthlyCost === null) return 'What it costs is not known.';
  const basis = costBasis === 'list-estimate' ? ' by list price' : ' on the bill';
  const saving =
    monthlySaving === null
      ? '; what stopping saves is not known'
      : `; stopping it saves ${format.money(monthlySaving)}`;
  return `${format.money(monthlyCost)} a month${basis}${saving}.`;
}

/** The facts that the verdict rests on, each with its source. */
export function evidenceOf({ evidence }: FindingRecord['finding'], most: number): string {
  return plain(
    evidence
      .map(
        ({ name, value, unit, source }) =>
          `${name} ${value} ${unit}`.trim() + (source === '' ? '' : ` (${source})`),
      )
      .join('; '),
    most,
  );
}

/** Everything that an owner must know of an item that is still open; no part longer than `most`. */
export function openLines(notice: NoticeDoc, item: NoticeItem, line: NoticeLine, most: number): Run[][] {
  const { finding } = line;
  const format = digestFormat(knownZone(notice.timezone));
  const roomy = most >= ROOMY;
  const told: Run[][] = [
    [{ bold: 'Cost: ' }, costOf(finding, format)],
    [{ bold: isUncertain(finding.verdict) ? 'Not proven: ' : 'How we know: ' }, plain(finding.reason, most)],
    ...(roomy ? optional('Evidence: ', evidenceOf(finding, most)) : []),
    [{ bold: 'What will happen: ' }, outlook(notice, item, line, most)],
    ...optional('What will be lost: ', listed(item.lost, most)),
    ...optional('What goes on billing: ', listed(item.staysBilled, most)),
    ...optional('Risk: ', listed(item.risks, most)),
    ...(roomy ? optional('What we cannot see: ', listed(finding.blindSpots, most)) : []),
  ];
  return [titleLine(finding, most), ...(roomy ? told : plainly(told))];
}

/** The same words without bold: each run costs some sixty characters of its own. */
function plainly(parts: readonly (readonly Run[])[]): Run[][] {
  const text = parts.map((line) => line.map(wordsOf).join('')).join('\n');
  return [[text]];
}

function wordsOf(part: Run): string {
  if (typeof part === 'string') return part;
  return 'bold' in part ? part.bold : part.user;
}

/** Where parts must be shorter than this, what `explain` also tells is left to it. */
const ROOMY = 110;

/** What it is and where. */
export function titleLine(finding: FindingRecord['finding'], most = 400): Run[] {
  return [{ bold: nameOf(finding, Math.min(60, most)) }, ` · ${whereOf(finding, most)}`];
}

/** What happens when, in one sentence; the same in every message. */
export function outlook(
  notice: NoticeDoc,
  item: NoticeItem,
  { finding, life }: NoticeLine,
  most = 400,
): string {
  if (notice.kind === 'claim')
    return 'nothing, as long as nobody claims it. Whoever does is warned first and has the whole waiting time.';
  if (item.action === null || life?.policy.mode !== 'stop')
    return 'nothing by itself: Bursar only tells you.';
  const action = plain(item.action, Math.min(120, most)).replace(/\.$/, '');
  if (!item.reversible)
    return `${action}. This cannot be undone, so your silence never leads to it: only your "Stop now" and another person's approval.`;
  if (life.stopNow !== null)
    return `${action}, as you asked, at the next run, after it was checked once more.`;
  if (life.resting !== null)
    return `the waiting time rests, since the last look could not tell for certain. Then: ${action}.`;
  const unproven = UNPROVEN[finding.verdict];
  if (unproven !== undefined && !life.actionable) {
    const look = isUncertain(finding.verdict)
      ? ', unless one more look says otherwise'
      : ' and one more look';
    return `nothing by itself, however long you do not answer: ${unproven}. After your "Stop now"${look}: ${action}.`;
  }
  if (finding.dueAt === null) return 'nothing by itself: no date is set.';
  return `not before ${when(finding.dueAt, notice.timezone)}, unless you answer: ${action}. It is checked again just before.`;
}

/** Why the owner's silence leads to nothing. */
const UNPROVEN: Readonly<Record<string, string>> = {
  SUSPECTED: 'what is suspected of it is not proven',
  UNOBSERVED: 'too little is measured to tell whether it is used',
  HELD: 'only you know what it is kept for',
};

/** Who did what when, and how it stands. */
export function pastLines(notice: NoticeDoc, line: NoticeLine): Run[][] {
  const { finding, life, last } = line;
  const claimed = notice.kind === 'claim' && life?.recipient?.kind === 'owner';
  const done: Run[] = last === null ? [] : [...reasonRuns(last), ` (${when(last.at, notice.timezone)})`];
  return [titleLine(finding), [{ bold: `${claimed ? 'Claimed' : stateName(finding.state)}. ` }, ...done]];
}

/**
 * A reason of the trail. Whoever did it stands at its beginning as a mention, which is drawn as their name; the
 * rest may quote what people typed, so it stays text.
 */
function reasonRuns({ reason, actor }: Pick<AuditRecord, 'reason' | 'actor'>): Run[] {
  const [, user, did = ''] = /^<@([UW][A-Z0-9]+)>(.*)$/s.exec(reason) ?? [];
  if (user !== undefined && actor.endsWith(`:${user}`)) return [{ user }, ` ${plain(did, 300)}`];
  return [`${actorName(actor)}: ${plain(reason, 300)}`];
}

/** `slack:T0:U0` becomes `U0`, which rich text does not turn into a mention; machines are Bursar. */
export function actorName(actor: string): string {
  const [kind, , user] = actor.split(':');
  if (kind === 'slack' && user !== undefined) return plain(user, 40);
  return kind === 'cli' ? plain(actor, 60) : 'Bursar';
}

const NAMES: Readonly<Record<string, string>> = {
  WARNED: 'Warned',
  NOTIFY_PENDING: 'To be told again',
  ACKNOWLEDGED: 'Acknowledged',
  SNOOZED: 'Kept for now',
  EXEMPTION_REQUESTED: 'Exemption requested',
  EXEMPT: 'Exempt',
  DISOWNED: 'Not theirs',
  ESCALATED: 'On to the next owner',
  APPROVAL_REQUESTED: 'Waits for approval',
  BLOCKED: 'Not stopped: a guard said no',
  STOPPING: 'Being stopped',
  STOPPED: 'Stopped',
  STOP_FAILED: 'Stopping failed',
  UNDO_REQUESTED: 'To be brought back',
  STARTING: 'Being brought back',
  RESTORED: 'Running again',
  RESTORE_FAILED: 'Could not be brought back',
  RESOLVED: 'Resolved',
};

export function stateName(state: string): string {
  return NAMES[state] ?? state;
}

function optional(title: string, text: string): Run[][] {
  return text === '' ? [] : [[{ bold: title }, text]];
}

function listed(parts: readonly string[], most: number): string {
  // Whole sentences stand by themselves.
  return plain(parts.join(parts.every((part) => part.endsWith('.')) ? ' ' : '; '), most);
}
