import { AssumeRoleCommand, GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { awsError } from './aws-errors.ts';
import { type AwsExtension, BOUNDED_IN_FLIGHT } from './aws-in-flight.ts';
import { BursarError } from './errors.ts';
import type { Meter } from './meter.ts';
import type { Permission } from './permissions.ts';

/** Who the ambient credentials are. */
export interface AwsAccount {
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`: the second part of every ARN of this account. */
  readonly partition: string;
}

/** Keys of a role session, in the shape that the SDK's clients take. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
export type AwsCredentialProvider = () => Promise<AwsCredentials>;

/** What every AWS client of a session is built with; `endpoint` only where AWS_ENDPOINT_URL is not to be used. */
export interface AwsClientConfig {
  readonly region: string;
  readonly endpoint?: string;
  /** Left out: the SDK's default chain (environment, profile, container or function role). */
  readonly credentials?: AwsCredentials | AwsCredentialProvider;
  /** Tries of one call, the first included. */
  readonly maxAttempts: number;
  readonly retryMode: 'adaptive' | 'standard';
  /** Milliseconds until a connection must stand, and that it may then be silent; left out: without end. */
  readonly requestHandler?: { readonly connectionTimeout: number; readonly socketTimeout: number };
  readonly extensions?: AwsExtension[];
}

/**
 * How our AWS clients retry. `adaptive`: jittered exponential backoff, and a client-side rate limit that learns
 * from throttles (AWS SDKs and Tools Reference Guide, "Retry behavior"). Eight tries ride out some 30 s of
 * refusals; a storm that lasts longer ends in an error that says so.
 *
 * A service that takes calls and never answers would hold a function until its own time is up, since the SDK waits without
 * end (NodeHttpHandlerOptions of @smithy/types: both default to 0, which is none). So a silent connection is given up after a
 * minute, eight times within the quarter of an hour that the longest function has.
 */
export const AWS_RETRY = {
  maxAttempts: 8,
  retryMode: 'adaptive',
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  extensions: [BOUNDED_IN_FLIGHT],
} satisfies Omit<AwsClientConfig, 'region'>;

export interface AssumeRole {
  /** Name of the read role, the same in every account. */
  readonly roleName: string;
  readonly externalId?: string;
  /** 2 to 64 characters of `\w+=,.@-` (STS API Reference, AssumeRole); anything else is made `-`. */
  readonly sessionName?: string;
}

export interface AwsSessionOptions {
  /** The account of the ambient credentials: looked at as it is, without a role. */
  readonly own: AwsAccount;
  readonly base: Omit<AwsClientConfig, 'region'>;
  /** How other accounts are entered; null: they cannot be. */
  readonly assume: AssumeRole | null;
  /** With the ambient credentials. */
  readonly sts: STSClient;
  readonly meter: Meter;
}

/** STS lets 900 seconds be the shortest session (STS API Reference, AssumeRole, DurationSeconds). */
const SESSION_SECONDS = 900;
/** Renewed this long before it ends: longer than the SDK's own five minutes, so that both agree. */
const RENEW_BEFORE_MS = 360_000;

type ConfigOf = (scope: { accountId: string; region: string }) => Promise<AwsClientConfig>;

/**
 * What clients of any account and region are built with: ambient in the own account, by AssumeRole in the others,
 * where one session of 900 s is shared by all regions and renewed as needed.
 * @returns a function that enters the account at once, so that a role that cannot be assumed is a BursarError here
 *   which names the role.
 */
export function awsConfigs({ own, base, assume, sts, meter }: AwsSessionOptions): ConfigOf {
  const entered = new Map<string, AwsCredentialProvider>();
  const enter = (accountId: string): AwsCredentialProvider => {
    const known = entered.get(accountId);
    if (known !== undefined) return known;
    if (assume === null)
      throw new BursarError('config', `no role is configured for account ${accountId}`, {
        where: `aws:${accountId}`,
        hint: `Set estate.aws.readRole: only account ${own.accountId} can be read without one.`,
      });
    const fresh = assumedRole(sts, { ...assume, accountId, partition: own.partition }, meter);
    entered.set(accountId, fresh);
    return fresh;
  };
  return async ({ accountId, region }) => {
    if (accountId === own.accountId) return { ...base, region };
    const credentials = enter(accountId);
    await credentials();
    return { ...base, region, credentials };
  };
}

/**
 * A session for any account and region.
 * @param makeClients builds what the adapters need of a config; called once a scope.
 * @param configOf what enters the accounts, where it is shared with others.
 * @returns a function that yields `makeClients`' clients with account, region and partition.
 */
export function awsSessions<Clients extends object>(
  options: AwsSessionOptions,
  makeClients: (config: AwsClientConfig) => Clients,
  configOf: ConfigOf = awsConfigs(options),
): (scope: { accountId: string; region: string }) => Promise<Clients & AwsAccount & { region: string }> {
  const { partition } = options.own;
  return async ({ accountId, region }) => ({
    ...makeClients(await configOf({ accountId, region })),
    accountId,
    region,
    partition,
  });
}

/** Credentials of a role in another account, kept until shortly before they end. */
export function assumedRole(
  sts: STSClient,
  role: AssumeRole & AwsAccount,
  meter: Meter,
): AwsCredentialProvider {
  const arn = `arn:${role.partition}:iam::${role.accountId}:role/${role.roleName}`;
  let current: Promise<AwsCredentials> | null = null;
  let endsAt = 0;
  const enter = async (): Promise<AwsCredentials> => {
    try {
      meter.count('sts:AssumeRole');
      const { Credentials: got } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: arn,
          RoleSessionName: sessionName(role.sessionName ?? 'bursar-read'),
          DurationSeconds: SESSION_SECONDS,
          ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
        }),
      );
      if (got?.AccessKeyId === undefined || got.SecretAccessKey === undefined || got.Expiration === undefined)
        throw new BursarError('unavailable', `sts:AssumeRole of ${arn} gave no credentials`);
      endsAt = got.Expiration.getTime();
      return {
        accessKeyId: got.AccessKeyId,
        secretAccessKey: got.SecretAccessKey,
        expiration: got.Expiration,
        ...(got.SessionToken === undefined ? {} : { sessionToken: got.SessionToken }),
      };
    } catch (error) {
      current = null;
      throw refused(error, arn, role.accountId);
    }
  };
  return async () => {
    if (current === null || (endsAt > 0 && endsAt - Date.now() < RENEW_BEFORE_MS)) {
      endsAt = 0;
      current = enter();
    }
    return await current;
  };
}

/** What is needed besides what the datasets declare. */
export function sessionPermissions(roleName: string): readonly Permission[] {
  return [
    {
      cloud: 'aws',
      action: 'sts:AssumeRole',
      resources: [`arn:*:iam::*:role/${roleName}`],
      why: 'enters the read role of the other accounts',
    },
  ];
}

/** What is needed to enter these roles by their ARNs. */
export function rolePermissions(roleArns: readonly string[], why: string): readonly Permission[] {
  return roleArns.length === 0 ? [] : [{ cloud: 'aws', action: 'sts:AssumeRole', resources: roleArns, why }];
}

/** The account of the ambient credentials; needs no permission (STS API Reference, GetCallerIdentity). */
export async function callerAccount(sts: STSClient, meter: Meter): Promise<AwsAccount> {
  const context = { action: 'sts:GetCallerIdentity', where: 'aws' };
  try {
    meter.count(context.action);
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined || Account === '')
      throw new BursarError('unavailable', 'sts:GetCallerIdentity named no account', { where: 'aws' });
    return { accountId: Account, partition: Arn?.split(':')[1] ?? 'aws' };
  } catch (error) {
    throw awsError(error, context) ?? error;
  }
}

/** Fits any text into what AssumeRole takes as a session name. */
export function sessionName(text: string): string {
  const fit = text.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64);
  return fit.length < 2 ? `bursar-${fit}` : fit;
}

function refused(error: unknown, arn: string, accountId: string): unknown {
  const told = awsError(error, { action: 'sts:AssumeRole', where: `aws:${accountId}` });
  if (told === null) return error;
  return new BursarError(told.code, `the role ${arn} cannot be assumed: ${told.message}`, {
    where: `aws:${accountId}`,
    hint:
      told.code === 'denied'
        ? 'Deploy the read role in that account, and let it trust this one with the configured external id.'
        : (told.hint ?? 'See the cause.'),
    cause: error,
  });
}
