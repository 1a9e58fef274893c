import type { Recipient } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';

/** Who may be asked after the owner that a tag names, as the config has it. */
export interface Contacts {
  readonly accounts: Readonly<Record<string, string>>;
  /** Who hears of what nobody owns: never an owner, not even where it is one person. */
  readonly channel: string | null;
}

/** The next who was not asked yet: whoever answers for the account, then the fallback, which is no owner. */
export function nextRecipient({ accounts, channel }: Contacts): (record: FindingRecord) => Recipient | null {
  return ({ finding: { accountId }, life }) => {
    const passed = new Set([...(life?.passed ?? []), life?.notice?.recipient.id]);
    const contact = Object.hasOwn(accounts, accountId) ? accounts[accountId] : undefined;
    const candidates: (Recipient | null)[] = [
      contact === undefined ? null : answerer(contact, `account ${accountId}`),
      channel === null ? null : { kind: 'channel', id: channel, person: null, source: 'fallback' },
    ];
    return candidates.find((each) => each !== null && !passed.has(each.id)) ?? null;
  };
}

/** An address or a Slack user can be an owner; a channel only hears of it. */
function answerer(id: string, source: string): Recipient {
  return { kind: id.startsWith('#') ? 'channel' : 'owner', id, person: null, source };
}
