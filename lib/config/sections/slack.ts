import { z } from 'zod';
import { channel, clickAddress, elsewhere, secretRef, slackApp, slackTeam, slackUser } from '../values.ts';

export const slack = z.strictObject({
  token: secretRef.describe('Bot token.'),
  signingSecret: secretRef.optional().describe('Secret that clicks are verified with.'),
  formerSigningSecret: secretRef
    .optional()
    .describe('The one before, while it is rotated: clicks that it signed are taken, too.'),
  teamId: slackTeam.optional().describe('Workspace whose clicks are taken.'),
  appId: slackApp
    .optional()
    .describe('The app whose clicks are taken: App ID on its page "Basic Information".'),
  requestUrl: clickAddress
    .optional()
    .describe('Where Slack sends clicks: output SlackUrl of the stack, or your tunnel; for the manifest.'),
  channels: z
    .strictObject({
      digest: channel.optional().describe('Where the digest is posted.'),
      team: channel
        .optional()
        .describe(
          'Where trouble is told, and where what nobody owns is offered if there is no owners.fallback.',
        ),
    })
    .prefault({})
    .describe('Channels by what is said in them.'),
  admins: z.array(slackUser).default([]).describe('Who may pause and override.'),
  approvers: z.array(slackUser).default([]).describe('Who may approve what cannot be undone.'),
  mostSnoozes: z.int().min(0).max(50).default(3).describe('How often an owner may keep one finding.'),
  mostExemptDays: z.int().min(1).max(3650).default(180).describe('The longest exemption, days.'),
  endpoint: elsewhere,
});
