import { EC2Client } from '@aws-sdk/client-ec2';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import pLimit from 'p-limit';
import type { Scope } from '../../estate/model.ts';
import {
  enabledRegions,
  type OrganisationAccount,
  organisationAccounts,
} from '../../platform/aws-accounts.ts';
import {
  type AssumeRole,
  type AwsAccount,
  type AwsClientConfig,
  type AwsSessionOptions,
  awsConfigs,
  callerAccount,
} from '../../platform/aws-sessions.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Estate } from '../auditor.ts';
import { awsBase } from './aws-base.ts';

/** Region for calls that belong to none (STS, Organizations), where the environment names no region. */
const HOME_REGION = 'us-east-1';

/** Accounts whose regions are listed at once. */
const ACCOUNTS_AT_ONCE = 32;

/** The region of the scope in which the organisation itself is read. */
export const ORGANISATION_REGION = 'global';

/** Which accounts and regions of AWS to look at. */
export interface AwsScopeSettings {
  readonly accounts: 'own' | 'organisation' | readonly string[];
  readonly regions: 'enabled' | readonly string[];
  readonly assume: AssumeRole | null;
  /** The monitoring account from which the metrics of all accounts are read; left out: each account's own. */
  readonly telemetryFrom?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** What is entered once, to list scopes or to collect them. */
interface Entered {
  readonly own: AwsAccount;
  readonly options: AwsSessionOptions;
  readonly configOf: ReturnType<typeof awsConfigs>;
}

/** The accounts and regions of AWS, without any collector: all that planning needs. */
export interface AwsScopes extends Pick<Estate, 'plan'> {
  readonly home: AwsClientConfig;
  readonly base: ReturnType<typeof awsBase>;
  enter(meter: Meter): Promise<Entered>;
  /** Regions to look at in an account; those that are enabled there are asked of AWS. */
  regionsOf(accountId: string, meter: Meter): Promise<readonly string[]>;
}

export function awsScopes(settings: AwsScopeSettings): AwsScopes {
  const base = awsBase(settings.endpoint);
  const home = { ...base, region: process.env.AWS_REGION ?? HOME_REGION };
  const enter = async (meter: Meter): Promise<Entered> => {
    const own = await callerAccount(new STSClient(home), meter);
    const options = { own, base, assume: settings.assume, sts: new STSClient(home), meter };
    return { own, options, configOf: awsConfigs(options) };
  };
  let entered: Promise<Entered> | null = null;
  const once = (meter: Meter) =>
    (entered ??= enter(meter).catch((error: unknown) => {
      entered = null;
      throw error;
    }));
  // A session has a client of every service, which takes longer to make than the regions to list: here is one.
  const regionsOf = async (accountId: string, meter: Meter): Promise<readonly string[]> => {
    // Named twice, what is in it would count twice.
    if (settings.regions !== 'enabled') return [...new Set(settings.regions)];
    const { configOf } = await once(meter);
    const config = await configOf({ accountId, region: home.region });
    return await enabledRegions(new EC2Client(config), meter, `aws:${accountId}`);
  };
  return {
    home,
    base,
    enter: once,
    regionsOf,
    async plan(_now, meter) {
      const { own } = await once(meter);
      const coverage: Coverage[] = [];
      const scopes: Scope[] = [];
      const { accounts, closed } = await accountsOf(settings, own, home, meter);
      for (const { accountId, name, state } of closed)
        coverage.push({
          scope: `aws:${accountId}`,
          status: 'not-covered',
          reason: `${name ?? 'the account'} is ${state} in the organisation: nothing in it can be looked at.`,
          asOf: null,
        });
      if (settings.accounts === 'organisation')
        scopes.push({ provider: 'aws', accountId: own.accountId, region: ORGANISATION_REGION });
      await pLimit(ACCOUNTS_AT_ONCE).map(accounts, async (accountId) => {
        try {
          for (const region of await regionsOf(accountId, meter))
            scopes.push({ provider: 'aws', accountId, region });
        } catch (error) {
          if (!(error instanceof BursarError)) throw error;
          coverage.push({ scope: `aws:${accountId}`, status: 'failed', reason: error.told, asOf: null });
        }
      });
      return {
        scopes: scopes.toSorted((a, b) =>
          `${a.accountId} ${a.region}` < `${b.accountId} ${b.region}` ? -1 : 1,
        ),
        coverage: coverage.toSorted((a, b) => (a.scope < b.scope ? -1 : 1)),
      };
    },
  };
}

/** The account of the ambient credentials, asked once. */
export async function ownAccount(endpoint: string | undefined, meter: Meter): Promise<AwsAccount> {
  return callerAccount(
    new STSClient({ ...awsBase(endpoint), region: process.env.AWS_REGION ?? HOME_REGION }),
    meter,
  );
}

async function accountsOf(
  settings: AwsScopeSettings,
  own: AwsAccount,
  home: AwsClientConfig,
  meter: Meter,
): Promise<{ accounts: readonly string[]; closed: readonly OrganisationAccount[] }> {
  if (settings.accounts === 'own') return { accounts: [own.accountId], closed: [] };
  if (settings.accounts !== 'organisation') return { accounts: [...new Set(settings.accounts)], closed: [] };
  const listed = await organisationAccounts(new OrganizationsClient(home), meter);
  const open = listed.filter(({ state }) => state === 'ACTIVE');
  return {
    accounts: open.map(({ accountId }) => accountId),
    closed: listed.filter(({ state }) => state !== 'ACTIVE'),
  };
}
