import { type CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { AwsSession } from './session.ts';

export const LIST_METRICS_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'cloudwatch:ListMetrics',
  why: 'finds which metrics machines and services publish',
};

/** Of a session, what tells where its metrics are. */
export type MetricsSession = Pick<AwsSession, 'cloudwatch' | 'metricsOf'>;

/** What ListMetrics must be asked besides, so that it names the metrics of the session's own account alone. */
export function owned({ metricsOf }: MetricsSession): {
  IncludeLinkedAccounts?: true;
  OwningAccount?: string;
} {
  return metricsOf === undefined ? {} : { IncludeLinkedAccounts: true, OwningAccount: metricsOf };
}

const proofs = new WeakMap<CloudWatchClient, Promise<void>>();

/**
 * Sees that the monitoring account names at least one metric of the account that is asked about; nothing where a
 * session reads its own. What a monitoring account says of an account that is not linked to it in this region is no
 * data (CloudWatch User Guide, "CloudWatch cross-account observability": source accounts are linked a region), and
 * silence would look like a machine that nobody measures. Asked once a session.
 * @throws BursarError (unavailable) where it names none
 */
export async function seeLinked(session: MetricsSession, where: string, meter: Meter): Promise<void> {
  const { cloudwatch, metricsOf } = session;
  if (metricsOf === undefined) return;
  let proof = proofs.get(cloudwatch);
  if (proof === undefined) proofs.set(cloudwatch, (proof = prove(session, metricsOf, where, meter)));
  await proof;
}

async function prove(session: MetricsSession, metricsOf: string, where: string, meter: Meter): Promise<void> {
  const pages = awsPages({ action: LIST_METRICS_PERMISSION.action, where, meter }, (token) =>
    session.cloudwatch.send(
      new ListMetricsCommand({ ...owned(session), ...(token === undefined ? {} : { NextToken: token }) }),
    ),
  );
  for await (const { OwningAccounts } of pages) if (OwningAccounts?.includes(metricsOf) === true) return;
  throw new BursarError('unavailable', `the monitoring account names no metric of account ${metricsOf}`, {
    where,
    hint: 'Link the account to it in this region, metrics included (CloudWatch, Settings, Monitoring account configuration), or take estate.aws.telemetryFrom out of the config.',
  });
}
