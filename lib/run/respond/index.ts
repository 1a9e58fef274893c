import { createHash } from 'node:crypto';
import { type Click, understand } from '../../notices/click.ts';
import { MOST_BYTES, readBody } from '../../notices/payload.ts';
import { firstUse } from '../../notices/replay.ts';
import { answerAlert } from './alert.ts';
import { press } from './button.ts';
import { command } from './command.ts';
import { showHome } from './home.ts';
import { submit } from './modal.ts';
import { type Answer, EMPTY, type Ended, json, type Request, type RespondParts, text } from './model.ts';
import { openReport } from './report.ts';
import { said } from './say.ts';

/**
 * Answers one request of Slack: believed only with its signature, from our app and workspace, and once. A person is
 * told that something was done only after it is stored. Throws nothing: what fails is logged, without body,
 * token or response_url, and the person is told that nothing was stored.
 */
export async function respond(parts: RespondParts, request: Request): Promise<Answer> {
  const now = parts.clock();
  const { headers, body } = request;
  const refuse = (status: number, why: string): Answer => {
    parts.log.info('click refused', { why, bytes: body.length });
    return text(status, STATUS[status] ?? 'refused');
  };
  if (request.method !== 'POST') return refuse(405, 'method');
  if (body.length > MOST_BYTES) return refuse(413, 'too-large');
  const signature = headers['x-slack-signature'];
  const doubt = parts.verify({ signature, timestamp: headers['x-slack-request-timestamp'], body }, now);
  if (doubt !== null || signature === undefined) return refuse(401, doubt ?? 'no-signature');
  const read = readBody(body, headers['content-type'] ?? '');
  if (!read.ok) return refuse(400, read.why);
  const understood = understand(read, parts.app);
  if (!understood.ok) return refuse(understood.why === 'unknown' ? 400 : 403, understood.why);
  const { click } = understood;
  if (click.kind === 'challenge') return json({ challenge: click.challenge });
  if (click.kind === 'nothing') return EMPTY;
  const what = {
    kind: click.kind,
    user: click.person.user,
    ...(click.kind === 'button' || click.kind === 'alert' ? { action: click.action } : {}),
  };
  try {
    if (!(await firstUse(parts.ledger, signature, now))) return refuse(409, 'replayed');
    const runId = `click-${createHash('sha256').update(signature).digest('hex').slice(0, 16)}`;
    const { answer, outcome } = await answered(parts, click, now, runId);
    parts.log.info('click', { ...what, outcome });
    return answer;
  } catch (error) {
    parts.log.error('click failed', error, what);
    return await sorry(parts, click);
  }
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'This is not a request that Bursar understands.',
  401: 'The signature is not right.',
  403: 'This is not for this app or workspace.',
  405: 'Only POST is answered.',
  409: 'This request was answered before.',
  413: 'The body is too large.',
};

async function answered(
  parts: RespondParts,
  click: Exclude<Click, { kind: 'challenge' | 'nothing' }>,
  now: Date,
  runId: string,
): Promise<Ended> {
  switch (click.kind) {
    case 'button':
      return await press(parts, click, now, runId);
    case 'alert':
      return await answerAlert(parts, click, now, runId);
    case 'report':
      return await openReport(parts, click, now, runId);
    case 'modal':
      return await submit(parts, click, now, runId);
    case 'command':
      return await command(parts, click, now);
    case 'home':
      return await showHome(parts, click.person, now);
  }
}

const SORRY = 'Nothing was changed: Bursar could not store it. Please try again in a minute.';

async function sorry(parts: RespondParts, click: Click): Promise<Answer> {
  if (click.kind === 'modal')
    return json({ response_action: 'errors', errors: { [FIRST[click.form]]: SORRY } });
  if (click.kind === 'command') return json({ response_type: 'ephemeral', text: SORRY });
  if (
    (click.kind === 'button' || click.kind === 'alert' || click.kind === 'report') &&
    click.message !== null
  )
    await whispered(parts, click.message.channel, click.person.user);
  return text(500, 'nothing was stored');
}

/** A block of each form that an error can stand at. */
const FIRST = { exempt: 'reason', disown: 'next' } as const;

async function whispered(parts: RespondParts, channel: string, user: string): Promise<void> {
  const shown = await parts.answerer.whisper({ channel, user }, said(SORRY));
  if (!shown.ok) parts.log.info('not told', { why: shown.reason });
}
