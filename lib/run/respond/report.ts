import type { Click } from '../../notices/click.ts';
import { reportLink, reportRefused } from '../../notices/messages/report.ts';
import type { SlackMessage } from '../../notices/model.ts';
import { type ArchivedReport, noteOpening, readArchived } from '../archived.ts';
import { actorOf, EMPTY, type Ended, type RespondParts } from './model.ts';
import { said } from './say.ts';

type Pressed = Extract<Click, { kind: 'report' }>;

/**
 * "Open the report", pressed under a digest: whoever is a full member of the workspace and of the channel that the
 * digest was posted in gets a link of some minutes, seen by them alone, after it was written down who asked. Everyone
 * else is told plainly why not. What Slack does not say counts as no.
 */
export async function openReport(
  parts: RespondParts,
  click: Pressed,
  now: Date,
  runId: string,
): Promise<Ended> {
  const refused = async (sentence: string): Promise<Ended> => {
    await tell(parts, click, sentence, said(sentence));
    return { answer: EMPTY, outcome: 'refused' };
  };
  const report = await readArchived(parts.ledger, click.report);
  if (report === null)
    return await refused(
      'Bursar does not know this report. If its digest was posted just now, please press again in a minute.',
    );
  if (parts.reports === null)
    return await refused('Reports are opened from Slack only where Bursar is deployed.');
  const denied = await denial(parts, parts.reports, report, click);
  if (denied !== null) return await refused(denied);
  await noteOpening(parts.ledger, report, { at: now.toISOString(), actor: actorOf(click.person), runId });
  const { link, minutes } = parts.reports;
  const table = report.table === undefined ? null : await link(report.table);
  const message = reportLink(report.id, await link(report.key), table, minutes);
  const told = await tell(
    parts,
    click,
    'Slack did not show the link. Please press the button again.',
    message,
  );
  parts.log.info('report opened', { report: report.id, user: click.person.user, told });
  return { answer: EMPTY, outcome: 'opened' };
}

async function denial(
  { answerer }: RespondParts,
  { membership }: NonNullable<RespondParts['reports']>,
  { channel }: ArchivedReport,
  { person }: Pressed,
): Promise<string | null> {
  const [found, shared, member] = await Promise.all([
    answerer.lookup(person.user),
    answerer.isShared(channel),
    membership(channel, person.user),
  ]);
  if (!found.ok) return `You cannot open it: ${found.reason}.`;
  if (shared)
    return 'Nothing is opened from a channel that is shared with another organisation, or of which Slack does not say.';
  switch (member) {
    case 'member':
      return null;
    case 'no member':
      return 'Only members of the channel that this digest was posted in may open its report. Join it, then press again.';
    case 'unknown':
      return 'Slack does not say whether you are a member of this channel. Please press again; if it stays, an admin finds out why with bursar slack check.';
  }
}

/** Says it in the channel, seen by the person alone; where they do not see it there, `else` in a window. */
async function tell(
  parts: RespondParts,
  { message, person, trigger }: Pressed,
  otherwise: string,
  whisper: SlackMessage,
): Promise<boolean> {
  const to = message === null ? null : { channel: message.channel, user: person.user };
  const shown = to === null ? null : await parts.answerer.whisper(to, whisper);
  if (shown?.ok === true) return true;
  const opened = await parts.answerer.openModal(trigger, reportRefused(otherwise));
  if (!opened.ok) parts.log.info('not told', { why: opened.reason });
  return false;
}
