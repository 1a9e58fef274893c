import { digestFormat } from '../../digest/format.ts';
import { plain } from '../../digest/names.ts';
import { isUncertain } from '../../ledger/decide/index.ts';
import { knownZone } from '../../platform/zone.ts';
import { context, header, MESSAGE_BUDGET, type Run, type SlackBlock, size, textLines } from '../blocks.ts';
import type { SlackMessage } from '../model.ts';
import type { NoticeDoc, NoticeItem } from '../notice.ts';
import { buttons } from './buttons.ts';
import {
  actorName,
  costOf,
  type NoticeLine,
  nameOf,
  openLines,
  outlook,
  pastLines,
  stateName,
  whereOf,
} from './item.ts';
import { when } from './when.ts';

/** Longest part of an item, tried from the first; five items of the last fit in every case. */
const LENGTHS = [400, 240, 160, 110, 80, 55, 35, 20, 10];

/**
 * A notice as its findings stand now: the first message and every rewriting of it, whatever its kind. `lines` are
 * in the order of `notice.items`; an item without a line is told as gone. A finding about to be told is passed as
 * it will stand once it is delivered (state WARNED or still NOTIFY_PENDING, `dueAt` set).
 */
export function renderNotice(notice: NoticeDoc, of: readonly (NoticeLine | null)[]): SlackMessage {
  let blocks: SlackBlock[] = [];
  for (const most of LENGTHS) {
    blocks = blocksOf(notice, of, most);
    if (size(blocks) <= MESSAGE_BUDGET) break;
  }
  return { text: titleOf(notice, of), blocks };
}

function blocksOf(notice: NoticeDoc, of: readonly (NoticeLine | null)[], most: number): SlackBlock[] {
  const items = notice.items.flatMap((item, index): SlackBlock[] => {
    const line = of[index] ?? null;
    if (line === null) return [textLines([['This resource is no longer in the ledger.']])];
    const pressed = buttons(notice, index, line);
    const told =
      pressed === null || notice.kind !== 'warning'
        ? ownLines(notice, item, line, most, pressed !== null)
        : warned(notice, item, line, most);
    return [textLines(told), ...(pressed === null ? [] : [pressed])];
  });
  return [header(titleOf(notice, of)), ...items, context(footer(notice))];
}

function warned(notice: NoticeDoc, item: NoticeItem, line: NoticeLine, most: number): Run[][] {
  const { state } = line.finding;
  if (state === 'STOPPED' || state === 'RESTORE_FAILED') return stoppedLines(notice, item, line, most);
  const past =
    (state !== 'WARNED' && state !== 'NOTIFY_PENDING') || (line.life?.stopNow ?? null) !== null
      ? pastLines(notice, line).slice(1)
      : [];
  return [...openLines(notice, item, line, most), ...past];
}

/** What was stopped, with what it still costs: the undo button stands below. */
function stoppedLines(notice: NoticeDoc, item: NoticeItem, line: NoticeLine, most: number): Run[][] {
  const billed = plain(item.staysBilled.join('; '), most);
  const estimated = line.life?.stopped?.estimated ?? null;
  const format = digestFormat(knownZone(notice.timezone));
  return [
    ...pastLines(notice, line),
    ...(estimated === null ? [] : [[{ bold: 'Estimated saving: ' }, `${format.money(estimated)} a month.`]]),
    ...(billed === '' ? [] : [[{ bold: 'What goes on billing: ' }, billed]]),
  ];
}

function ownLines(
  notice: NoticeDoc,
  item: NoticeItem,
  line: NoticeLine,
  most: number,
  open: boolean,
): Run[][] {
  if (!open) return pastLines(notice, line);
  return notice.kind === 'claim' ? openLines(notice, item, line, most) : asked(notice, item, line, most);
}

/** What an approver must know of a request. */
function asked(notice: NoticeDoc, item: NoticeItem, line: NoticeLine, most: number): Run[][] {
  const request = line.life?.request ?? null;
  const format = digestFormat(knownZone(notice.timezone));
  const what =
    request?.kind === 'exemption'
      ? `Keep it until ${request.until === null ? 'further notice' : when(request.until, notice.timezone)}${request.check === null ? '' : `, for the check ${plain(request.check, 60)} alone`}.`
      : `${plain(item.action ?? 'Stop it', most)} This cannot be undone.`;
  return [
    [{ bold: nameOf(line.finding) }, ` · ${whereOf(line.finding)}`],
    [{ bold: 'Request: ' }, what],
    [
      { bold: 'By: ' },
      request === null
        ? ''
        : `${actorName(`slack:${request.by.team}:${request.by.user}`)}, ${when(request.at, notice.timezone)}`,
    ],
    [{ bold: 'Reason: ' }, plain(request?.reason ?? '', most)],
    [{ bold: 'Cost: ' }, costOf(line.finding, format)],
    [{ bold: 'How we know: ' }, plain(line.finding.reason, most)],
    ...(item.lost.length === 0 ? [] : [[{ bold: 'What will be lost: ' }, plain(item.lost.join('; '), most)]]),
  ];
}

function titleOf(notice: NoticeDoc, of: readonly (NoticeLine | null)[]): string {
  const count = notice.items.length;
  const first = of[0] ?? null;
  if (notice.kind === 'approval') return 'Your approval is asked for';
  if (notice.kind === 'claim')
    return count === 1 ? 'Who owns this resource?' : `Who owns these ${count} resources?`;
  const waiting = of.filter((line) => line !== null && buttonsOpen(line));
  const open = waiting.length;
  if (open === 0)
    return count === 1 && first !== null
      ? `${nameOf(first.finding)}: ${stateName(first.finding.state).toLowerCase()}`
      : `${count} of your resources: nothing is waiting for you`;
  if (waiting.every((line) => line !== null && isUncertain(line.finding.verdict)))
    return open === 1 ? 'One of your resources may be waste' : `${open} of your resources may be waste`;
  return open === 1 ? 'One of your resources looks like waste' : `${open} of your resources look like waste`;
}

function buttonsOpen({ finding: { state } }: NoticeLine): boolean {
  return state === 'NOTIFY_PENDING' || state === 'WARNED' || state === 'ACKNOWLEDGED';
}

function footer(notice: NoticeDoc): string[] {
  const more = notice.more === 0 ? [] : [`and ${notice.more} more, told next: /bursar mine`];
  if (notice.kind === 'approval')
    return ['Neither the owner nor whoever asked may approve. Unanswered means no.'];
  if (notice.kind === 'claim') return ['Claim only what you answer for: you are warned next.', ...more];
  return [...more, 'Only you are told of these. /bursar explain ID shows policy, arithmetic and history.'];
}

/** Once, half-way: what will happen to items that nobody answered. */
export function renderReminder(
  notice: NoticeDoc,
  of: readonly NoticeLine[],
  kind: 'reminder' | 'last-call',
): SlackMessage {
  const title = kind === 'reminder' ? 'Still waiting for your answer' : 'Last call before it is stopped';
  const told = of.slice(0, notice.items.length).map((line): Run[] => {
    const item = notice.items.find(({ findingId }) => findingId === line.finding.id);
    return [{ bold: nameOf(line.finding) }, item === undefined ? '' : `: ${outlook(notice, item, line)}`];
  });
  return {
    text: title,
    blocks: [textLines([[{ bold: title }], ...told, ['Answer with the buttons above.']])],
  };
}
