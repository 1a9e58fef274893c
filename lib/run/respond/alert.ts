import { alertStage, stepAlert } from '../../ledger/alerts/decide.ts';
import type { Alert } from '../../ledger/alerts/model.ts';
import { changeAlert, readAlert } from '../../ledger/alerts/store.ts';
import type { Person } from '../../ledger/life.ts';
import type { Click } from '../../notices/click.ts';
import { drawAlert } from '../alerts/draw.ts';
import { patiently } from './effects.ts';
import { actorOf, EMPTY, type Ended, type RespondParts } from './model.ts';
import { plainly, said } from './say.ts';

type Pressed = Extract<Click, { kind: 'alert' }>;

/**
 * "On it" or "Expected", pressed by a verified person: stored first, then drawn wherever the alert was told. Pressed
 * twice it changes nothing the second time, and says so.
 */
export async function answerAlert(
  parts: RespondParts,
  click: Pressed,
  now: Date,
  runId: string,
): Promise<Ended> {
  const { token, person, action } = click;
  const refused = async (outcome: string, sentence: string): Promise<Ended> => {
    await whisper(parts, click, sentence);
    return { answer: EMPTY, outcome };
  };
  const alert = await readAlert(parts.ledger, token.alert);
  if (alert === null) return await refused('refused', 'Bursar does not know this message.');
  const denied = await denial(parts, alert, click);
  if (denied !== null) return await refused('refused', denied);
  const done = await changeAlert(parts.ledger, alert.id, (found) => {
    if (found !== null && alertStage(found) !== token.stage)
      return { taken: false, reason: sinceThen(found) };
    const event =
      action === 'on-it'
        ? ({ type: 'acknowledged', by: person } as const)
        : ({ type: 'expected', by: person } as const);
    return stepAlert(found, event, now, { actor: actorOf(person), runId });
  });
  await patiently(
    drawAlert({ ledger: parts.ledger, messenger: parts.answerer, timezone: parts.timezone }, alert.id, now),
    (error) => parts.log.error('not drawn yet', error, { alert: alert.id }),
  );
  if (!done.taken) return await refused('not-taken', `Nothing was changed. ${plainly(done.reason)}`);
  return { answer: EMPTY, outcome: 'stored' };
}

function sinceThen({ state }: Alert): string {
  return `since this message was drawn it is ${state === 'open' ? 'open again, and was told anew' : state}`;
}

/**
 * Who may answer: a person who was told of it, wherever they press; an admin; and where a channel was told, any full
 * member of the workspace, unless the channel is shared with another organisation. Denies by default.
 */
async function denial(
  parts: RespondParts,
  { told }: Alert,
  { person, message }: Pressed,
): Promise<string | null> {
  if (parts.admins.includes(person.user) || told.some((each) => same(each.person, person))) return null;
  const here = told.find(({ channel, ts }) => channel === message?.channel && ts === message.ts);
  if (here === undefined || here.person !== null)
    return 'Only who was told of this may answer it. If you were told just now, please press again in a few minutes.';
  const [shared, found] = await Promise.all([
    parts.answerer.isShared(here.channel),
    parts.answerer.lookup(person.user),
  ]);
  if (!found.ok) return `You cannot answer it: ${found.reason}.`;
  return shared ? 'Nothing can be answered in a channel that is shared with another organisation.' : null;
}

function same(told: Person | null, person: Person): boolean {
  return told?.user === person.user && told.team === person.team;
}

async function whisper(parts: RespondParts, { message, person }: Pressed, sentence: string): Promise<void> {
  if (message === null) return;
  const shown = await parts.answerer.whisper({ channel: message.channel, user: person.user }, said(sentence));
  if (!shown.ok) parts.log.info('not told', { why: shown.reason });
}
