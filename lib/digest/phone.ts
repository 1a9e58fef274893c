import type { RichTextSection, SlackBlock } from '../notices/blocks.ts';
import { width, wrap } from './terminal.ts';

/**
 * How much of a message a phone shows at once, and how high a message of ours is there. Slack tells neither: both are
 * our own measure, of a phone 390 points wide and text of 15 points, that `test/digest/phone.browser.test.ts` holds
 * against a browser's.
 */
export const SCREEN = 760;

/** Latin characters that a line holds beside the app's picture; wide ones count as two. */
const LINE = 41;
const ITEM = 39;
const SMALL = 50;
const TITLE = 29;

/** Points: of a line of each, and of what lies between two blocks. */
const HEIGHT = { line: 22.5, small: 19.5, title: 25, buttons: 43, between: 5 } as const;
/** The sender's line above, and the margins of a message. */
const AROUND = 50;

/** Points that these blocks take on that phone. */
export function heightOf(blocks: readonly SlackBlock[]): number {
  return blocks.reduce((sum, block) => sum + heightOfBlock(block) + HEIGHT.between, AROUND);
}

function heightOfBlock(block: SlackBlock): number {
  switch (block.type) {
    case 'header':
      return lines(block.text.text, TITLE) * HEIGHT.title;
    case 'section':
      return lines(block.text?.text ?? '', LINE) * HEIGHT.line;
    case 'context':
      return block.elements.reduce((sum, { text }) => sum + lines(text, SMALL) * HEIGHT.small, 0);
    case 'rich_text':
      return block.elements.reduce(
        (sum, part) =>
          sum +
          (part.type === 'rich_text_section'
            ? lines(textOf(part), LINE)
            : part.elements.reduce((all, item) => all + lines(textOf(item), ITEM), 0)) *
            HEIGHT.line,
        0,
      );
    case 'actions':
      return HEIGHT.buttons;
    // The digest's message has none of these.
    case 'data_visualization':
    case 'table':
    case 'divider':
    case 'input':
      return 0;
    default:
      return block satisfies never;
  }
}

/** Lines of a text; a word that is longer than a line goes on in the next. */
function lines(text: string, most: number): number {
  return text
    .split('\n')
    .flatMap((line) => line.split(' '))
    .some((word) => width(word) > most)
    ? Math.ceil(width(text) / most) + 1
    : text.split('\n').reduce((sum, line) => sum + Math.max(1, wrap(line, most).length), 0);
}

function textOf({ elements }: RichTextSection): string {
  return elements.map((run) => (run.type === 'text' ? run.text : `@${run.user_id}`)).join('');
}
