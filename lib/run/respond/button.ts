import type { LedgerEvent, Person } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import type { Click } from '../../notices/click.ts';
import { KEEP_DAYS } from '../../notices/messages/buttons.ts';
import { disownForm, exemptForm } from '../../notices/messages/forms.ts';
import { stageOf } from '../../notices/notice.ts';
import { afterwards, beforehand, drawNow } from './effects.ts';
import { showHome } from './home.ts';
import { allowed, type Pointed, store } from './item.ts';
import { EMPTY, type Ended, type RespondParts } from './model.ts';
import { plainly, said } from './say.ts';

type Pressed = Extract<Click, { kind: 'button' }>;

/** One button, pressed by a verified person. */
export async function press(parts: RespondParts, click: Pressed, now: Date, runId: string): Promise<Ended> {
  const { token, action, person } = click;
  const may = await allowed(parts, token, action, person);
  if (!may.ok) {
    if (may.outcome === 'stale' && may.notice !== null) await drawNow(parts, may.notice.id);
    await tell(parts, click, may.reason);
    return { answer: EMPTY, outcome: may.outcome };
  }
  const { pointed } = may;
  if (action === 'exempt' || action === 'disown') {
    const form =
      action === 'exempt'
        ? exemptForm(token, pointed.record, now, parts.mostExemptDays)
        : disownForm(token, pointed.record);
    const shown = await parts.answerer.openModal(click.trigger, form);
    if (!shown.ok) await tell(parts, click, 'Slack did not open the form. Please press the button again.');
    return { answer: EMPTY, outcome: shown.ok ? 'asked' : 'not-asked' };
  }
  const stored = await store(
    parts,
    pointed.item.findingId,
    person,
    runId,
    (record) => eventOf(parts, click, { ...pointed, record }, parts.clock()),
    (effects) => beforehand(parts, pointed, effects),
  );
  if (!stored.ok) {
    await drawNow(parts, pointed.notice.id);
    await tell(parts, click, `Nothing was changed. ${plainly(stored.reason)}`);
    return { answer: EMPTY, outcome: 'not-taken' };
  }
  await afterwards(parts, { notice: pointed.notice, record: stored.record }, stored.effects, now);
  if (click.message === null) await showHome(parts, person, now);
  return { answer: EMPTY, outcome: 'stored' };
}

/** The event of a button, for the finding as it is read now; a sentence where it may not happen any more. */
function eventOf(
  parts: RespondParts,
  { action, person, choice, token }: Pressed,
  { notice, item, record }: Pointed,
  now: Date,
): LedgerEvent | string {
  if (stageOf(record) !== token.stage) return 'it has changed since this message was drawn';
  if (notice.kind === 'warning' && record.life?.notice?.id !== notice.id)
    return 'a newer message has replaced this one';
  switch (action) {
    case 'acknowledge':
      return { type: 'acknowledged', by: person };
    case 'keep': {
      const days = KEEP_DAYS.find((each) => String(each) === choice);
      if (days === undefined) return 'this is no time for which it can be kept';
      const until = new Date(now.getTime() + days * 24 * 3600_000).toISOString();
      return { type: 'snoozed', by: person, until, most: parts.mostSnoozes };
    }
    case 'stop':
      if (!item.reversible && !parts.approvers.some((user) => user !== person.user))
        return 'it cannot be undone, and nobody but you may approve it: an admin must name approvers in the config';
      return { type: 'stop-now', by: person, noticeId: notice.id, reversible: item.reversible };
    case 'undo':
      return { type: 'undo-requested', by: person };
    case 'claim':
      return {
        type: 'claimed',
        by: { kind: 'owner', id: person.user, person, source: `claimed by ${person.user}` },
      };
    case 'approve':
    case 'refuse':
      return decision(action, person, record, notice.request?.at ?? null);
    case 'exempt':
    case 'disown':
      return 'this needs a form';
  }
}

function decision(
  action: 'approve' | 'refuse',
  by: Person,
  { life }: FindingRecord,
  requestAt: string | null,
): LedgerEvent | string {
  const request = life?.request ?? null;
  if (request === null || request.at !== requestAt) return 'this request is no longer open';
  if (request.kind === 'exemption')
    return { type: action === 'approve' ? 'exemption-approved' : 'exemption-refused', by };
  return { type: action === 'approve' ? 'stop-approved' : 'stop-refused', by };
}

async function tell(parts: RespondParts, { message, person }: Pressed, sentence: string): Promise<void> {
  if (message === null) return void (await showHome(parts, person, parts.clock(), sentence));
  const shown = await parts.answerer.whisper({ channel: message.channel, user: person.user }, said(sentence));
  if (!shown.ok) parts.log.info('not told', { why: shown.reason });
}
