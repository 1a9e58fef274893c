import { plain } from '../../digest/names.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import { labelled, textLines } from '../blocks.ts';
import type { SlackView } from '../view.ts';
import { type Token, writeToken } from './buttons.ts';
import { nameOf, whereOf } from './item.ts';

/** Longest reason that is kept. */
export const MOST_REASON = 500;

const DAY = 24 * 3600_000;

/** Asks why and until when something shall be exempt. */
export function exemptForm(
  token: Token,
  { finding }: Pick<FindingRecord, 'finding'>,
  now: Date,
  mostDays: number,
): SlackView {
  const whole = { text: labelled('The resource, for every check'), value: 'resource' };
  const check = { text: labelled(`Only the check ${plain(finding.check, 40)}`), value: 'check' };
  return {
    ...form('exempt', token, 'Request exemption'),
    blocks: [
      textLines([[{ bold: nameOf(finding) }, ` · ${whereOf(finding)}`]]),
      {
        type: 'input',
        block_id: 'reason',
        label: labelled('Why must it be left alone?'),
        element: { type: 'plain_text_input', action_id: 'value', multiline: true, max_length: MOST_REASON },
      },
      {
        type: 'input',
        block_id: 'until',
        label: labelled('Until when?'),
        hint: labelled(
          `At most ${mostDays} days. Then you are warned again; it is never stopped at once.`,
          150,
        ),
        element: {
          type: 'datepicker',
          action_id: 'value',
          initial_date: new Date(now.getTime() + Math.min(30, mostDays) * DAY).toISOString().slice(0, 10),
        },
      },
      {
        type: 'input',
        block_id: 'scope',
        label: labelled('What for?'),
        element: {
          type: 'static_select',
          action_id: 'value',
          options: [whole, check],
          initial_option: whole,
        },
      },
    ],
  };
}

/** Asks whose it is instead; nobody need be named. */
export function disownForm(token: Token, { finding }: Pick<FindingRecord, 'finding'>): SlackView {
  return {
    ...form('disown', token, 'Not mine'),
    blocks: [
      textLines([[{ bold: nameOf(finding) }, ` · ${whereOf(finding)}`]]),
      {
        type: 'input',
        block_id: 'next',
        optional: true,
        label: labelled('Whose is it?'),
        hint: labelled('They are warned next. Leave it empty where you do not know.', 150),
        element: { type: 'users_select', action_id: 'value' },
      },
    ],
  };
}

function form(callback_id: string, token: Token, title: string) {
  return {
    type: 'modal',
    callback_id,
    private_metadata: writeToken(token),
    title: { type: 'plain_text', text: title, emoji: false },
    submit: { type: 'plain_text', text: 'Send', emoji: false },
    close: { type: 'plain_text', text: 'Back', emoji: false },
  } as const;
}
