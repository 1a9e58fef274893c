import type { WebClient } from '@slack/web-api';
import type { LedgerStore } from '../ledger/model.ts';
import type { Known, Lookup } from './model.ts';
import { change } from './notice.ts';
import { type Patience, patiently } from './slack-call.ts';

/** What is read of a user (docs.slack.dev, reference/objects/user-object, read November 2026). */
interface User {
  readonly id?: string;
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly is_invited_user?: boolean;
  readonly is_email_confirmed?: boolean;
  readonly name?: string;
  readonly real_name?: string;
  readonly tz?: string;
  readonly enterprise_user?: { readonly id?: string; readonly enterprise_id?: string };
}

export interface PeopleParts extends Patience {
  readonly client: Pick<WebClient, 'users'>;
  readonly store: Pick<LedgerStore, 'getDoc' | 'putDoc'>;
  /** The workspace (`T...`) or enterprise (`E...`) whose people are known. */
  readonly team: string;
}

/** users.lookupByEmail is Tier 3, about 50 calls a minute: who was found is kept for a day. */
const KEPT = 24 * 3600_000;
/** Errors that another attempt will not change; anything else (a scope, a token) is for the admin to mend. */
const NOBODY = new Set(['users_not_found', 'user_not_found', 'user_not_visible']);

/**
 * Finds people by e-mail address or Slack user id. Only an active, full member of our own workspace or enterprise
 * is anyone: not a guest, a bot, an invitation, a person of another organisation, or an unconfirmed address.
 */
export function slackPeople({
  client,
  store,
  team,
  ...patience
}: PeopleParts): (contact: string) => Promise<Lookup> {
  return async function lookup(contact) {
    const key = `slack/person/${team}/${contact.toLowerCase()}`;
    const now = patience.clock().getTime();
    const kept = keptOf((await store.getDoc(key))?.value, now);
    if (kept !== null) return { ok: true, known: kept };
    const called = await patiently<{ user?: User }>(
      async () =>
        contact.includes('@')
          ? await client.users.lookupByEmail({ email: contact })
          : await client.users.info({ user: contact }),
      patience,
    );
    if (!called.ok)
      return NOBODY.has(called.error)
        ? { ok: false, final: true, reason: 'Slack knows nobody by this address or id' }
        : { ok: false, final: false, reason: `Slack could not be asked who this is: ${called.error}` };
    const found = judge(called.answer.user ?? {}, team);
    if (found.ok) {
      const doc = { schemaVersion: 1, known: found.known, until: new Date(now + KEPT).toISOString() };
      await change(store, key, () => doc);
    }
    return found;
  };
}

function no(reason: string): Lookup {
  return { ok: false, final: true, reason };
}

function judge(user: User, team: string): Lookup {
  if (user.deleted === true) return no('this Slack account is deactivated');
  if (user.is_bot === true || user.id === 'USLACKBOT') return no('this is a bot');
  if (user.is_stranger === true) return no('this person belongs to another organisation');
  if (user.is_restricted === true || user.is_ultra_restricted === true)
    return no('this person is a guest in Slack');
  if (user.is_invited_user === true) return no('this person was invited to Slack but has not joined');
  if (user.is_email_confirmed === false) return no('this person has not confirmed their address in Slack');
  const home = team.startsWith('E') ? user.enterprise_user?.enterprise_id : user.team_id;
  if (home !== team) return no('this person belongs to another workspace');
  if (user.id === undefined) return { ok: false, final: false, reason: 'Slack gave a user without an id' };
  return {
    ok: true,
    known: {
      person: { user: user.id, team },
      name: user.real_name ?? user.name ?? user.id,
      timezone: user.tz ?? 'UTC',
    },
  };
}

interface Kept {
  readonly schemaVersion: 1;
  readonly known: Known;
  readonly until: string;
}

function keptOf(value: unknown, now: number): Known | null {
  return isKept(value) && Date.parse(value.until) > now ? value.known : null;
}

/** Written above alone: its shape is known from schemaVersion. */
function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}
