import { createHmac } from 'node:crypto';
import type { ActionsBlock } from '../notices/blocks.ts';
import type { Place } from '../notices/model.ts';
import { type Answer, APP_ID, TEAM } from './people.ts';

/** A request as Slack sends it when somebody presses a button, signed with the demo's own secret. */
export function pressed(
  { user, action, choice }: Pick<Answer, 'user' | 'action' | 'choice'>,
  { place, block }: { readonly place: Place; readonly block: ActionsBlock },
  secret: string,
  now: Date,
): { method: 'POST'; headers: Record<string, string>; body: Uint8Array } {
  const payload = {
    type: 'block_actions',
    api_app_id: APP_ID,
    team: { id: TEAM },
    user: { id: user, team_id: TEAM },
    trigger_id: `${now.getTime()}.${user}`,
    container: { channel_id: place.channel, message_ts: place.ts },
    actions: [
      {
        action_id: action,
        block_id: block.block_id,
        ...(choice === null ? {} : { selected_option: { value: choice } }),
      },
    ],
  };
  const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  const timestamp = String(Math.floor(now.getTime() / 1000));
  // As lib/notices/signature.ts checks it.
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-signature': `v0=${signature}`,
      'x-slack-request-timestamp': timestamp,
    },
    body: Buffer.from(body),
  };
}
