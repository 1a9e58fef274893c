import {
  GetEBSVolumeRecommendationsCommand,
  GetEC2InstanceRecommendationsCommand,
  GetEnrollmentStatusCommand,
  GetIdleRecommendationsCommand,
  type IdleRecommendation,
  type InstanceRecommendation,
  type VolumeConfiguration,
  type VolumeRecommendation,
} from '@aws-sdk/client-compute-optimizer';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError, SwitchedOffError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Advice, type Dataset, type Scope, scopeName } from '../model.ts';
import { regionOf, savingOf } from './advice.ts';
import { lowerPages } from './bedrock.ts';
import type { AwsSession } from './session.ts';

const ENROLLMENT: Permission = {
  cloud: 'aws',
  action: 'compute-optimizer:GetEnrollmentStatus',
  why: 'sees whether the account has opted in to Compute Optimizer',
};
const IDLE: Permission = {
  cloud: 'aws',
  action: 'compute-optimizer:GetIdleRecommendations',
  why: 'reads what Compute Optimizer takes for idle',
};
const INSTANCES: Permission = {
  cloud: 'aws',
  action: 'compute-optimizer:GetEC2InstanceRecommendations',
  why: 'reads which machines Compute Optimizer would size differently',
};
const VOLUMES: Permission = {
  cloud: 'aws',
  action: 'compute-optimizer:GetEBSVolumeRecommendations',
  why: 'reads which volumes Compute Optimizer would make differently',
};

const OPT_IN =
  'Opt in (`aws compute-optimizer update-enrollment-status --status Active`, with --include-member-accounts for an organisation), or set estate.aws.advice to false.';

interface Call {
  readonly where: string;
  readonly meter: Meter;
}

/** What an answer says that it could not tell (GetRecommendationError, IdleRecommendationError). */
interface Untold {
  readonly identifier?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** One kind of recommendation: how a page of it is asked for, and what it says. */
type Ask = (
  session: AwsSession,
  token: string | undefined,
) => Promise<{
  readonly nextToken: string | undefined;
  readonly errors: readonly Untold[];
  readonly advice: readonly (Advice | null)[];
}>;

/**
 * What AWS Compute Optimizer recommends for the account in this region: what is idle, EC2 instances and EBS volumes of
 * another size. It is free, and says nothing before the account opts in. Left out is what it calls optimized, also
 * where a newer type is named for it; recommendations for Auto Scaling groups, ECS, Lambda and RDS, of which Cost
 * Optimization Hub tells; those for licences; and every option but the first.
 */
export const awsComputeOptimizer: Dataset<AwsSession> = {
  id: 'aws.compute-optimizer',
  permissions: [ENROLLMENT, IDLE, INSTANCES, VOLUMES],
  async collect(scope, session, _now, _earlier, meter) {
    const call: Call = { where: scopeName(scope), meter };
    await enrolled(session, call);
    const kinds: readonly [Permission, Ask][] = [
      [IDLE, askIdle(scope)],
      [INSTANCES, askInstances(scope)],
      [VOLUMES, askVolumes(scope)],
    ];
    const advice: Advice[] = [];
    const missing: string[] = [];
    for (const [{ action }, ask] of kinds) {
      const pages = lowerPages({ action, ...call }, (token) => ask(session, token));
      try {
        for await (const page of pages) {
          // The management account is told of members, too, where it asks for them; each is asked for itself.
          advice.push(
            ...page.advice.filter((one) => one !== null).filter((one) => one.accountId === scope.accountId),
          );
          missing.push(...page.errors.map((error) => `${action}: ${untold(error)}`));
        }
      } catch (error) {
        throw notOptedIn(error, call.where) ?? error;
      }
    }
    if (missing.length > 0)
      throw new IncompleteError(
        'unavailable',
        `Compute Optimizer did not tell all: ${[...new Set(missing)].slice(0, 5).join('; ')}`,
        { advice },
        { where: call.where, hint: 'Look again later; what it told is kept.' },
      );
    return { advice };
  },
};

async function enrolled(session: AwsSession, call: Call): Promise<void> {
  const { status, statusReason } = await awsCall({ action: ENROLLMENT.action, ...call }, () =>
    session.computeOptimizer.send(new GetEnrollmentStatusCommand({})),
  );
  if (status === 'Active') return;
  const why = statusReason === undefined || statusReason === '' ? '' : `: ${statusReason}`;
  if (status === 'Inactive')
    throw new SwitchedOffError('unavailable', `the account has not opted in to Compute Optimizer${why}`, {
      where: call.where,
      hint: OPT_IN,
    });
  if (status === 'Pending')
    throw new SwitchedOffError('unavailable', `the account is being opted in to Compute Optimizer${why}`, {
      where: call.where,
      hint: 'Look again tomorrow.',
    });
  throw new BursarError('unavailable', `opting in to Compute Optimizer is ${status ?? 'not told'}${why}`, {
    where: call.where,
    hint: OPT_IN,
  });
}

/** The answer of an account that is not opted in, which a call may give before the status says so. */
function notOptedIn(error: unknown, where: string): SwitchedOffError | null {
  const cause = error instanceof BursarError ? error.cause : error;
  if (!(cause instanceof Error) || cause.name !== 'OptInRequiredException') return null;
  return new SwitchedOffError('unavailable', 'the account has not opted in to Compute Optimizer', {
    where,
    hint: OPT_IN,
    cause,
  });
}

function askIdle(scope: Scope): Ask {
  return async ({ computeOptimizer }, nextToken) => {
    const page = await computeOptimizer.send(new GetIdleRecommendationsCommand(given(nextToken)));
    return {
      nextToken: page.nextToken,
      errors: page.errors ?? [],
      advice: (page.idleRecommendations ?? []).map((one) => ofIdle(one, scope)),
    };
  };
}

function askInstances(scope: Scope): Ask {
  return async ({ computeOptimizer }, nextToken) => {
    const page = await computeOptimizer.send(new GetEC2InstanceRecommendationsCommand(given(nextToken)));
    return {
      nextToken: page.nextToken,
      errors: page.errors ?? [],
      advice: (page.instanceRecommendations ?? []).map((one) => ofInstance(one, scope)),
    };
  };
}

function askVolumes(scope: Scope): Ask {
  return async ({ computeOptimizer }, nextToken) => {
    const page = await computeOptimizer.send(new GetEBSVolumeRecommendationsCommand(given(nextToken)));
    return {
      nextToken: page.nextToken,
      errors: page.errors ?? [],
      advice: (page.volumeRecommendations ?? []).map((one) => ofVolume(one, scope)),
    };
  };
}

function given(nextToken: string | undefined): { nextToken?: string } {
  return nextToken === undefined ? {} : { nextToken };
}

function ofIdle(told: IdleRecommendation, scope: Scope): Advice | null {
  const { resourceArn, resourceId, resourceType, finding, findingDescription, lookBackPeriodInDays } = told;
  const id = resourceArn ?? resourceId;
  if (id === undefined) return null;
  return {
    ...common(id, told, scope),
    kind: 'idle',
    finding: finding ?? 'not told',
    action: findingDescription ?? `stop or delete this ${resourceType ?? 'resource'}`,
    ...savingOf(told),
    lookbackDays: lookBackPeriodInDays ?? null,
  };
}

/** Null: it is optimized, or the answer says nothing of it. */
function ofInstance(told: InstanceRecommendation, scope: Scope): Advice | null {
  const { instanceArn, finding, currentInstanceType, recommendationOptions, lookBackPeriodInDays } = told;
  if (instanceArn === undefined || finding === undefined || isOptimized(finding)) return null;
  const best = first(recommendationOptions);
  return {
    ...common(instanceArn, told, scope),
    kind: 'size',
    finding,
    action: change(currentInstanceType, best?.instanceType),
    ...savingOf(best),
    lookbackDays: lookBackPeriodInDays ?? null,
  };
}

function ofVolume(told: VolumeRecommendation, scope: Scope): Advice | null {
  const { volumeArn, finding, currentConfiguration, volumeRecommendationOptions, lookBackPeriodInDays } =
    told;
  if (volumeArn === undefined || finding === undefined || isOptimized(finding)) return null;
  const best = first(volumeRecommendationOptions);
  return {
    ...common(volumeArn, told, scope),
    kind: 'size',
    finding,
    action: change(shape(currentConfiguration), shape(best?.configuration)),
    ...savingOf(best),
    lookbackDays: lookBackPeriodInDays ?? null,
  };
}

function common(
  id: string,
  told: { readonly accountId?: string | undefined; readonly lastRefreshTimestamp?: Date | undefined },
  scope: Scope,
): Pick<Advice, 'provider' | 'accountId' | 'region' | 'resourceId' | 'adviser' | 'repeats' | 'at'> {
  return {
    provider: 'aws',
    accountId: told.accountId ?? scope.accountId,
    region: regionOf(id, scope.region),
    resourceId: id,
    adviser: 'AWS Compute Optimizer',
    repeats: null,
    at: told.lastRefreshTimestamp?.toISOString() ?? null,
  };
}

/** Answers spell findings as the SDK does or as `OPTIMIZED` (API reference, InstanceRecommendation, "finding"). */
function isOptimized(finding: string): boolean {
  return finding.toLowerCase() === 'optimized';
}

/** The option that Compute Optimizer ranks first. */
function first<T extends { readonly rank?: number | undefined }>(
  options: readonly T[] | undefined,
): T | undefined {
  return options?.toSorted((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity))[0];
}

function change(from: string | undefined, to: string | undefined): string {
  return to === undefined ? 'no option is named' : `${from ?? 'what it is'} -> ${to}`;
}

/** `gp2 500 GiB 1500 IOPS` */
function shape(volume: VolumeConfiguration | undefined): string | undefined {
  if (volume === undefined) return undefined;
  const { volumeType, volumeSize, volumeBaselineIOPS } = volume;
  return [
    volumeType,
    volumeSize === undefined ? undefined : `${volumeSize} GiB`,
    volumeBaselineIOPS === undefined ? undefined : `${volumeBaselineIOPS} IOPS`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

function untold({ identifier, code, message }: Untold): string {
  return [identifier, code, message].filter(Boolean).join(' ') || 'an error without a word';
}
