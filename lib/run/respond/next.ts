import type { Recipient } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';

/** Who may be asked after the owner that a tag names, as the config has it. */
export interface Contacts {
  readonly accounts: Readonly<Record<string, string>>;
  /** Where what nobody owns is offered. */
  readonly channel: string | null;
}

/** The next who was not asked yet: whoever answers for the account, then the team channel, which is no owner. */
export function nextRecipient({ accounts, channel }: Contacts): (record: FindingRecord) => Recipient | null {
  return ({ finding: { accountId }, life }) => {
    const passed = new Set([...(life?.passed ?? []), life?.notice?.recipient.id]);
    const contact = Object.hasOwn(accounts, accountId) ? accounts[accountId] : undefined;
    const candidates: Recipient[] = [
      ...(contact === undefined ? [] : [recipient(contact, `account ${accountId}`)]),
      ...(channel === null ? [] : [recipient(channel, 'team channel')]),
    ];
    return candidates.find(({ id }) => !passed.has(id)) ?? null;
  };
}

function recipient(id: string, source: string): Recipient {
  return { kind: /^[#CG]/.test(id) && !id.includes('@') ? 'channel' : 'owner', id, person: null, source };
}
