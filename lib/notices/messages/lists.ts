import { digestFormat } from '../../digest/format.ts';
import { plain } from '../../digest/names.ts';
import type { AuditRecord, FindingRecord } from '../../ledger/model.ts';
import { knownZone } from '../../platform/zone.ts';
import { context, header, MESSAGE_BUDGET, type Run, type SlackBlock, size, textLines } from '../blocks.ts';
import type { SlackMessage } from '../model.ts';
import { actorName, costOf, evidenceOf, type NoticeLine, nameOf, stateName, whereOf } from './item.ts';
import { when } from './when.ts';

/** Findings with their ids, as many as one message holds. */
export function listed(
  title: string,
  of: readonly NoticeLine[],
  timezone: string,
  none: string,
): SlackMessage {
  const format = digestFormat(knownZone(timezone));
  const blocks: SlackBlock[] = [header(title)];
  let shown = 0;
  for (const { finding } of of) {
    const due = finding.dueAt === null ? '' : `, stopped not before ${when(finding.dueAt, timezone)}`;
    const next = textLines([
      [{ bold: nameOf(finding) }, ` · ${whereOf(finding)}`],
      [`${stateName(finding.state)}${due}. ${costOf(finding, format)}`],
      [finding.id],
    ]);
    if (blocks.length > 40 || size([...blocks, next]) > MESSAGE_BUDGET - 300) break;
    blocks.push(next);
    shown += 1;
  }
  if (of.length === 0) blocks.push(textLines([[none]]));
  if (of.length > shown) blocks.push(context([`and ${of.length - shown} more`]));
  return { text: title, blocks };
}

/** Why it is a finding, under which policy, how it stands, and what has happened. */
export function explained(
  record: FindingRecord,
  history: readonly AuditRecord[],
  timezone: string,
): SlackMessage {
  const { finding, life } = record;
  const format = digestFormat(knownZone(timezone));
  const due = finding.dueAt === null ? '' : `; stopped not before ${when(finding.dueAt, timezone)}`;
  const facts: Run[][] = [
    [{ bold: nameOf(finding) }, ` · ${whereOf(finding)}`],
    [{ bold: 'State: ' }, `${stateName(finding.state)}${due}.`],
    [
      { bold: 'Verdict: ' },
      `${finding.verdict} (${finding.confidence} confidence). ${plain(finding.reason, 600)}`,
    ],
    [{ bold: 'Cost: ' }, costOf(finding, format)],
    [{ bold: 'Evidence: ' }, evidenceOf(finding, 1200)],
    [{ bold: 'What we cannot see: ' }, plain(finding.blindSpots.join('; '), 600)],
    [{ bold: 'Policy: ' }, life === null ? 'only flagged' : plain(life.policy.rule, 400)],
    [
      { bold: 'Owner: ' },
      finding.owner === null
        ? 'nobody is known'
        : `${plain(finding.owner.id, 80)} (${plain(finding.owner.source, 80)})`,
    ],
  ];
  const past = history
    .slice(-8)
    .map((entry): Run[] => [
      `${when(entry.at, timezone)}, ${actorName(entry.actor)}: ${stateName(entry.to)}. ${plain(entry.reason, 240)}`,
    ]);
  return {
    text: `About ${finding.id}`,
    blocks: [textLines(facts), textLines([[{ bold: 'History' }], ...past])],
  };
}

/** What can be typed. */
export function help({ paused }: { readonly paused: boolean }): SlackMessage {
  const commands: Run[][] = [
    [{ bold: '/bursar mine' }, ' what you were warned of'],
    [{ bold: '/bursar find TEXT' }, ' findings whose name, id or owner holds this text'],
    [{ bold: '/bursar explain ID' }, ' evidence, policy and history of one finding'],
    [{ bold: '/bursar pause' }, ' admins: nothing is stopped any more'],
    [{ bold: '/bursar resume' }, ' admins: policies are followed again'],
    ...(paused ? [[{ bold: 'Bursar is paused now.' }]] : []),
  ];
  return { text: 'What Bursar answers', blocks: [textLines(commands)] };
}
