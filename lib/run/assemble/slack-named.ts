import type { Config } from '../../config/schema.ts';

/** Channels and people that a config tells of something, each with the keys that name it. */
export interface NamedInSlack {
  readonly channels: ReadonlyMap<string, readonly string[]>;
  readonly people: ReadonlyMap<string, readonly string[]>;
}

/** What of a config must exist in Slack for it to say what it should to whom it should. */
export function namedInSlack({ slack, owners, alerts, budgets }: Config): NamedInSlack {
  const channels = new Map<string, string[]>();
  const people = new Map<string, string[]>();
  const name = (where: string, contact: string | undefined) => {
    if (contact === undefined) return;
    const map = /^(#|[CGD][A-Z0-9]{1,20}$)/.test(contact) ? channels : people;
    map.set(contact, [...(map.get(contact) ?? []), where]);
  };
  name('slack.channels.digest', slack?.channels.digest);
  name('slack.channels.team', slack?.channels.team);
  for (const [team, given] of Object.entries(owners.teams))
    name(`owners.teams.${team}`, typeof given === 'string' ? given : given.channel);
  for (const [account, contact] of Object.entries(owners.accounts))
    name(`owners.accounts.${account}`, contact);
  name('owners.fallback', owners.fallback);
  name('alerts.escalate', alerts.escalate);
  for (const { name: budget, owner, escalate } of budgets) {
    name(`owner of budget ${budget}`, owner);
    name(`escalate of budget ${budget}`, escalate);
  }
  for (const user of slack?.admins ?? []) name('slack.admins', user);
  for (const user of slack?.approvers ?? []) name('slack.approvers', user);
  return { channels, people };
}
