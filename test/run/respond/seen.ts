import { slackCalls } from '../../counterparts/slack.control.ts';
import type { World } from './world.ts';

/** What Slack has seen, and what the log says of it. */
export interface Seen {
  readonly calls: (
    method: string,
  ) => Promise<readonly { readonly args: Readonly<Record<string, unknown>> }[]>;
  /** The blocks of the last message that was drawn again; fails where none was. */
  readonly redrawn: () => Promise<string>;
  /** The sentence that only the person sees, of the last whisper; fails where there was none. */
  readonly whispered: () => Promise<string>;
  /** What the log says of the last click. */
  readonly outcome: () => string;
}

export function seen(control: string, world: () => World): Seen {
  const calls: Seen['calls'] = async (method) =>
    (await slackCalls(control)).filter((call) => call.method === method && call.ok);
  const last = async (method: string): Promise<string> => {
    const call = (await calls(method)).at(-1);
    if (call === undefined) throw new Error(`Slack has seen no ${method}`);
    return JSON.stringify(call.args['blocks']);
  };
  return {
    calls,
    redrawn: () => last('chat.update'),
    whispered: () => last('chat.postEphemeral'),
    outcome: () => {
      const lines = world().log.map((line): Record<string, unknown> => JSON.parse(line));
      return String(lines.findLast(({ message }) => message === 'click')?.['outcome']);
    },
  };
}
