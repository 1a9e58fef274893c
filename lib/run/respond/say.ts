import { textLines } from '../../notices/blocks.ts';
import type { SlackMessage } from '../../notices/model.ts';

/** One plain sentence as a message: nothing in it is markup. */
export function said(sentence: string): SlackMessage {
  return { text: 'Bursar', blocks: [textLines([[sentence]])] };
}

/** A reason of the trail as the end of a sentence to a person: no mention, a capital, a full stop. */
export function plainly(reason: string): string {
  const words = reason.replace(/<@([UW][A-Z0-9]+)>/g, '$1');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}
