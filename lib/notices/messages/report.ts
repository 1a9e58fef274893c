import { type ActionsBlock, labelled, textLines } from '../blocks.ts';
import type { SlackMessage } from '../model.ts';
import type { SlackView } from '../view.ts';

/** The `action_id` of the button under a digest. */
export const OPEN_REPORT = 'open-report';

/** What the button holds, in its `block_id`: the report's id. Null for what no such button holds. */
export function readReportToken(text: string): string | null {
  return /^r-[0-9a-f]{26}$/.test(text) ? text : null;
}

/** The button under a digest that asks for its report. */
export function reportButton(id: string): ActionsBlock {
  return {
    type: 'actions',
    block_id: id,
    elements: [{ type: 'button', action_id: OPEN_REPORT, text: labelled('Open the report') }],
  };
}

/**
 * A link for one person alone, on a button of its own.
 * @param table what opens the findings as CSV; null where none lies beside the report
 */
export function reportLink(id: string, url: string, table: string | null, minutes: number): SlackMessage {
  const told =
    table === null
      ? `This link is yours alone and opens the report for ${minutes} minutes. Whoever has it can open it as long.`
      : `These links are yours alone and open the report and its findings for ${minutes} minutes. Whoever has them can open them as long.`;
  return {
    text: 'Your link to the report',
    blocks: [
      textLines([[told]]),
      {
        type: 'actions',
        block_id: id,
        elements: [
          { type: 'button', action_id: 'opened', text: labelled('Open it'), url, style: 'primary' },
          ...(table === null
            ? []
            : [
                {
                  type: 'button',
                  action_id: 'opened-table',
                  text: labelled('Findings as CSV'),
                  url: table,
                } as const,
              ]),
        ],
      },
    ],
  };
}

/** One sentence to a person whom no message in the channel reaches: who is no member sees no whisper there. */
export function reportRefused(sentence: string): SlackView {
  return {
    type: 'modal',
    title: plain('The report'),
    close: plain('Close'),
    blocks: [textLines([[sentence]])],
  };
}

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false } as const;
}
