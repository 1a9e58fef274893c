import { digestFormat, type Format } from '../../digest/format.ts';
import { plain } from '../../digest/names.ts';
import type { AuditRecord, FindingRecord } from '../../ledger/model.ts';
import type { Run } from '../blocks.ts';
import type { NoticeDoc, NoticeItem } from '../notice.ts';
import { known, when } from './when.ts';

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
export function whereOf(finding: FindingRecord['finding']): string {
  const id = plain(finding.resourceId.slice(finding.resourceId.lastIndexOf('/') + 1), 60);
  return `${plain(finding.resourceType, 40)} ${id}, ${plain(finding.region, 30)}, account ${plain(finding.accountId, 40)}`;
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
  const format = digestFormat(known(notice.timezone));
  return [
    [{ bold: nameOf(finding) }, ` · ${whereOf(finding)}`],
    [{ bold: 'Cost: ' }, costOf(finding, format)],
    [{ bold: 'How we know: ' }, plain(finding.reason, most)],
    ...optional('Evidence: ', evidenceOf(finding, most)),
    [{ bold: 'What will happen: ' }, outlook(notice, item, line)],
    ...optional('What will be lost: ', listed(item.lost, most)),
    ...optional('What goes on billing: ', listed(item.staysBilled, most)),
    ...optional('Risk: ', listed(item.risks, most)),
    ...optional('What we cannot see: ', listed(finding.blindSpots, most)),
  ];
}

/** What happens when, in one sentence; the same in every message. */
export function outlook(notice: NoticeDoc, item: NoticeItem, { finding, life }: NoticeLine): string {
  if (notice.kind === 'claim')
    return 'nothing, as long as nobody claims it. Whoever does is warned first and has the whole waiting time.';
  if (item.action === null || life?.policy.mode !== 'stop')
    return 'nothing by itself: Bursar only tells you.';
  const action = plain(item.action, 120).replace(/\.$/, '');
  if (!item.reversible)
    return `${action}. This cannot be undone, so your silence never leads to it: only your "Stop now" and another person's approval.`;
  if (life.stopNow !== null)
    return `${action}, as you asked, at the next run, after it was checked once more.`;
  if (life.resting !== null)
    return `the waiting time rests, since the last look could not tell for certain. Then: ${action}.`;
  if (finding.dueAt === null) return 'nothing by itself: no date is set.';
  return `${action}, not before ${when(finding.dueAt, notice.timezone)}, unless you answer. It is checked again just before; undo brings it back.`;
}

/** Who did what when, and how it stands. */
export function pastLines(notice: NoticeDoc, line: NoticeLine): Run[][] {
  const { finding, life, last } = line;
  const claimed = notice.kind === 'claim' && life?.recipient?.kind === 'owner';
  const done: Run[] = last === null ? [] : [...reasonRuns(last), ` (${when(last.at, notice.timezone)})`];
  return [
    [{ bold: nameOf(finding) }, ` · ${whereOf(finding)}`],
    [{ bold: `${claimed ? 'Claimed' : stateName(finding.state)}. ` }, ...done],
  ];
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
  return plain(parts.join('; '), most);
}
