import { type ActionsBlock, type Run, type SlackBlock, titledList } from '../notices/blocks.ts';
import { decisionButtons } from '../notices/messages/buttons.ts';
import type { DecisionLine, DigestContent } from './content-model.ts';
import type { Format } from './format.ts';
import { decisionFact, ofAll } from './words.ts';

/** Of a resource's name: in the digest's own message, where a line is to stay one on a phone, and in the thread. */
const SHORT = 28;
const LONG = 60;
/** Decisions that the thread tells, and those of them that have their buttons there: its message holds 15 blocks. */
const TOLD = 10;
const PRESSED = 6;

/** What somebody must decide, the dearest first, with the buttons of those that can be decided here. */
export function decisionBlocks({ decisions }: DigestContent, format: Format, most: number): SlackBlock[] {
  const shown = decisions.slice(0, most);
  if (shown.length === 0) return [];
  const of = shown.length < decisions.length ? `, ${shown.length} of ${format.count(decisions.length)}` : '';
  return [
    titledList(
      `Decisions needed${of}`,
      shown.map((line) => decisionRuns(line, format, SHORT)),
      'ordered',
    ),
    ...buttonsOf(shown, new Set()),
  ];
}

/** Each with its buttons right below it, for the thread; what is beyond these is a list. */
export function decisionsInFull({ decisions }: DigestContent, format: Format): SlackBlock[][] {
  const pressed = new Set<string>();
  const rest = ofAll(TOLD, decisions.length, 'in the report', format);
  const others = [
    ...decisions.slice(PRESSED, TOLD).map((line) => decisionRuns(line, format, LONG)),
    ...(rest === '' ? [] : [[rest]]),
  ];
  return [
    ...decisions
      .slice(0, PRESSED)
      .map((line, at) => [
        titledList(`Decision ${at + 1}`, [decisionRuns(line, format, LONG)], 'bullet'),
        ...buttonsOf([line], pressed),
      ]),
    others.length === 0 ? [] : [titledList('Further decisions', others, 'bullet')],
  ];
}

/** A `block_id` may stand in a message once. */
function buttonsOf(lines: readonly DecisionLine[], pressed: Set<string>): ActionsBlock[] {
  return lines.flatMap(({ press }) => {
    if (press === null || pressed.has(press.token)) return [];
    pressed.add(press.token);
    return [decisionButtons(press.token, press.kind, press.reversible)];
  });
}

/** One decision, with whoever was asked by name. */
function decisionRuns(line: DecisionLine, format: Format, most: number): Run[] {
  const { question, told } = decisionFact(line, format, most);
  return [
    { bold: question },
    told === '' ? '' : ` ${told}`,
    ...line.asked.slice(0, 3).flatMap((user): Run[] => [' ', { user }]),
  ];
}
