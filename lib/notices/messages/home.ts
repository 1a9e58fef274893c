import { context, header, paragraph, type SlackBlock, size, textLines } from '../blocks.ts';
import type { NoticeDoc } from '../notice.ts';
import type { SlackView } from '../view.ts';
import { buttons } from './buttons.ts';
import { type NoticeLine, openLines, pastLines } from './item.ts';
import { when } from './when.ts';

/** One resource of a person, with the notice whose buttons answer it. */
export interface HomeItem {
  readonly notice: NoticeDoc;
  readonly index: number;
  readonly line: NoticeLine;
}

export interface HomeFacts {
  readonly paused: boolean;
  /** An answer to what was just pressed; empty for none. */
  readonly said: string;
  /** ISO-8601 UTC: when this was drawn. */
  readonly at: string;
  readonly timezone: string;
}

/** Slack allows 100 blocks a view; a view's size is bounded as a message's is, with room for a long list. */
const MOST_ITEMS = 20;
const MOST_SIZE = 40_000;

/** The Home tab "my resources", with the same buttons as the messages. */
export function homeView(items: readonly HomeItem[], facts: HomeFacts): SlackView {
  const blocks: SlackBlock[] = [
    header('My resources'),
    ...(facts.said === '' ? [] : [paragraph(facts.said)]),
    ...(facts.paused
      ? [paragraph('Bursar is paused: nothing is stopped until an admin says /bursar resume.')]
      : []),
  ];
  let shown = 0;
  for (const { notice, index, line } of items.slice(0, MOST_ITEMS)) {
    const item = notice.items[index];
    if (item === undefined) continue;
    const pressed = buttons(notice, index, line);
    const told = pressed === null ? pastLines(notice, line) : openLines(notice, item, line, 160);
    const next = [textLines(told), ...(pressed === null ? [] : [pressed])];
    if (size([...blocks, ...next]) > MOST_SIZE) break;
    blocks.push(...next);
    shown += 1;
  }
  if (items.length === 0) blocks.push(paragraph('Nothing of yours looks like waste.'));
  const more = items.length - shown;
  blocks.push(
    context([
      ...(more > 0 ? [`and ${more} more: /bursar mine`] : []),
      `As of ${when(facts.at, facts.timezone)}.`,
    ]),
  );
  return { type: 'home', blocks };
}
