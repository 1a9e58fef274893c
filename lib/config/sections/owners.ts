import { z } from 'zod';
import { address, channel, contact, domain, someText, tagKey } from '../values.ts';

const teamWithMembers = z.strictObject({
  channel: channel.optional().describe('Channel of the team.'),
  members: z.array(address).default([]).describe('Addresses of who is in it.'),
});

export const owners = z.strictObject({
  tags: z
    .array(tagKey)
    .default([])
    .describe(
      'Tag keys that name the owner, in order of trust. Labels of Google Cloud, which hold no @ and no dot, may spell an address: ana_acme_com.',
    ),
  domains: z.array(domain).default([]).describe('Domains whose addresses count as owners.'),
  accounts: z.record(someText, contact).default({}).describe('Who answers for an account.'),
  creators: z
    .boolean()
    .default(false)
    .describe(
      'Ask the audit logs of the clouds who made what no tag or account gives an owner. Needs domains.',
    ),
  teams: z
    .record(
      someText,
      z.union([channel, teamWithMembers], {
        error: 'a channel as "#name" in quotes, or { channel: "#name", members: [ADDRESS] }',
      }),
    )
    .default({})
    .describe('Where a team hears of what nobody owns, by its name in the dimension team.'),
  fallback: contact.optional().describe('Who hears of what nobody owns.'),
});
