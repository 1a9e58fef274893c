import type { Run, SlackBlock } from '../notices/blocks.ts';
import { titledList } from '../notices/blocks.ts';
import { decisionButtons } from '../notices/messages/buttons.ts';
import type { DecisionLine, DigestContent } from './content-model.ts';
import type { Format } from './format.ts';
import { decisionFact } from './words.ts';

/** Decisions that the digest's own message tells; its thread has the others. */
const SHOWN = 2;
/** Of a resource's name, so that a line stays one on a phone. */
const NAME = 28;

/** What somebody must decide, with the buttons of those that can be decided here. */
export function decisionBlocks({ decisions }: DigestContent, format: Format): SlackBlock[] {
  const shown = decisions.slice(0, SHOWN);
  if (shown.length === 0) return [];
  const more = decisions.length - shown.length;
  const title = `Decisions needed: ${format.count(decisions.length)}`;
  const pressed = new Set<string>();
  return [
    titledList(
      title,
      [
        ...shown.map((line) => decisionRuns(line, format, NAME)),
        ...(more > 0 ? [[`${format.count(more)} more in the thread`]] : []),
      ],
      'ordered',
    ),
    ...shown.flatMap(({ press }): SlackBlock[] => {
      // A `block_id` may stand in a message once.
      if (press === null || pressed.has(press.token)) return [];
      pressed.add(press.token);
      return [decisionButtons(press.token, press.kind, press.reversible)];
    }),
  ];
}

/** One decision, with whoever was asked by name. */
export function decisionRuns(line: DecisionLine, format: Format, most: number): Run[] {
  const { question, told } = decisionFact(line, format, most);
  return [
    { bold: question },
    told === '' ? '' : ` ${told}`,
    ...line.asked.slice(0, 3).flatMap((user): Run[] => [' ', { user }]),
  ];
}
