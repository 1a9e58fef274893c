import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../estate/model.ts';
import { type AccountTags, accountTagKeys, withAccountTags } from '../../lake/account-tags.ts';
import type { Lake } from '../../lake/model.ts';
import { readSnapshots, scopesHeld } from '../../lake/snapshots.ts';
import type { Store } from '../../lake/store/model.ts';
import type { Progress } from '../../platform/progress.ts';

/** The scope in which an organisation itself is read (aws-scopes.ts): of the account that asked, in no region. */
const ORGANISATION = /^aws:[^:]+:global$/;
const ACCOUNT = 'aws:organizations:account';
/** Where the last look at an organisation failed, the one before it tells its accounts: so many are looked at. */
const LOOKS = 7;

type Snapshots = Pick<Lake, 'scopes' | 'snapshots'>;

/** What was kept in a lake, without its engine. */
export function snapshotsIn(store: Store): Snapshots {
  return {
    scopes: () => scopesHeld(store),
    snapshots: (scope, most, skip) => readSnapshots(store, scope, most, skip),
  };
}

/**
 * The config with what the organisation last said of its accounts' tags in place of the rules `accountTag`. Nothing is
 * read where no rule asks. Accounts that were tagged since the last look keep what they had then.
 */
export async function attributed(config: Config, open: () => Snapshots, progress: Progress): Promise<Config> {
  const keys = accountTagKeys(config.dimensions);
  if (keys.length === 0) return config;
  const accounts = await accountsOf(open());
  const { aws } = config.estate;
  if (aws?.accounts !== 'organisation')
    progress.warn(
      `dimensions: tags of accounts (accountTag ${keys.join(', ')}) are read with the organisation alone: set estate.aws.accounts to organisation${accounts.size === 0 ? '' : '; until then those count that were read before'}`,
    );
  else if (accounts.size === 0)
    progress.warn(
      `dimensions: no tag of an account is known yet (accountTag ${keys.join(', ')}): they are read with the organisation, and count from the run after that`,
    );
  return { ...config, dimensions: withAccountTags(config.dimensions, accounts) };
}

/** An account that several organisations told of, since it moved, has what was told last. */
async function accountsOf(kept: Snapshots): Promise<AccountTags> {
  const looks: { takenAt: string; found: readonly Resource[] }[] = [];
  for (const scope of (await kept.scopes()).filter((name) => ORGANISATION.test(name)))
    for (const { resources, takenAt } of await kept.snapshots(scope, LOOKS)) {
      const found = resources.filter(({ type }) => type === ACCOUNT);
      if (found.length === 0) continue;
      looks.push({ takenAt, found });
      break;
    }
  return new Map(
    looks
      .toSorted((a, b) => Date.parse(a.takenAt) - Date.parse(b.takenAt))
      .flatMap(({ found }) => found.map(({ accountId, tags }) => [accountId, tags])),
  );
}
