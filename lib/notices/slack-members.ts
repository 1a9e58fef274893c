import type { WebClient } from '@slack/web-api';
import { type Patience, patiently } from './slack-call.ts';

/** Members of a page; Slack takes at most 999 (docs.slack.dev, conversations.members, read November 2026). */
const PAGE = 999;

export interface MembersParts extends Patience {
  readonly client: Pick<WebClient, 'conversations'>;
}

/** `unknown`: Slack did not say so in time, or may not. */
export type Membership = 'member' | 'no member' | 'unknown';

/**
 * Sees whether a person is a member of a channel, asked anew each time: who has left it is none from then on. The
 * budget is for all pages together. Needs `channels:read`, in private channels `groups:read`.
 */
export function slackMembers({
  client,
  budget,
  ...patience
}: MembersParts): (channel: string, user: string) => Promise<Membership> {
  return async (channel, user) => {
    const deadline = patience.clock().getTime() + budget;
    let cursor: string | undefined;
    do {
      const left = deadline - patience.clock().getTime();
      if (left <= 0) return 'unknown';
      const page = { channel, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
      const called = await patiently(() => client.conversations.members(page), { ...patience, budget: left });
      if (!called.ok || called.answer.members === undefined) return 'unknown';
      if (called.answer.members.includes(user)) return 'member';
      cursor = called.answer.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return 'no member';
  };
}
