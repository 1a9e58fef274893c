import type { STSClient } from '@aws-sdk/client-sts';
import {
  type AssumeRole,
  type AwsAccount,
  type AwsClientConfig,
  type AwsCredentialProvider,
  assumedRole,
} from './aws-sessions.ts';
import { BursarError } from './errors.ts';
import type { Meter } from './meter.ts';
import type { Permission } from './permissions.ts';

/** The right to act on one finding in one account and region. */
export interface ActScope {
  readonly accountId: string;
  readonly region: string;
  /** Its id stands in the session's name, and so in every line of CloudTrail that the action leaves. */
  readonly findingId: string;
}

export interface AwsActSettings {
  readonly own: AwsAccount;
  readonly base: Omit<AwsClientConfig, 'region' | 'credentials'>;
  /**
   * The role that acts, entered in every account, the own one among them: the denies of protected tags live in
   * it, and ambient credentials would walk past them. One session lasts 900 s, the least that STS gives.
   */
  readonly assume: Pick<AssumeRole, 'roleName' | 'externalId'>;
  /** With the ambient credentials. */
  readonly sts: STSClient;
  readonly meter: Meter;
}

/** Findings whose credentials are kept: a sweep works on a few at once. */
const KEPT = 64;

/**
 * Sessions that may act, one a finding and account.
 * @param makeClients builds the clients of a config; called once a scope.
 * @returns a function that enters the account at once: a role that cannot be assumed is a BursarError that names
 *   it (`denied`, `throttled`, `credentials` or `unavailable`).
 */
export function awsActSessions<Clients extends object>(
  settings: AwsActSettings,
  makeClients: (config: AwsClientConfig) => Clients,
): (scope: ActScope) => Promise<Clients & AwsAccount & { readonly region: string; readonly meter: Meter }> {
  const { own, base, assume, sts, meter } = settings;
  const entered = new Map<string, AwsCredentialProvider>();
  return async ({ accountId, region, findingId }) => {
    if (!/^f-[a-z2-7]{26}$/.test(findingId))
      throw new BursarError('internal', `${JSON.stringify(findingId)} is no finding's id`, {
        hint: 'Nothing is done without a finding to answer for it.',
      });
    const key = `${accountId} ${findingId}`;
    const credentials =
      entered.get(key) ??
      assumedRole(
        sts,
        { ...assume, accountId, partition: own.partition, sessionName: actSessionName(findingId) },
        meter,
      );
    entered.delete(key);
    entered.set(key, credentials);
    const [oldest] = entered.keys();
    if (entered.size > KEPT && oldest !== undefined) entered.delete(oldest);
    await credentials();
    return {
      ...makeClients({ ...base, region, credentials }),
      accountId,
      partition: own.partition,
      region,
      meter,
    };
  };
}

/** `bursar-f-...`: 35 of the 64 characters that a session name may have (STS API Reference, AssumeRole). */
export function actSessionName(findingId: string): string {
  return `bursar-${findingId}`;
}

/** What entering the act role needs, of the function that sweeps. */
export function actPermissions(roleName: string): readonly Permission[] {
  return [
    {
      cloud: 'aws',
      action: 'sts:AssumeRole',
      resources: [`arn:*:iam::*:role/${roleName}`],
      why: 'enters the role that acts, one session a finding',
    },
  ];
}
