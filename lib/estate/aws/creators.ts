import { type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Asked } from '../creators.ts';
import { type Creation, type Resource, type Scope, scopeName } from '../model.ts';
import { eventOf, textsOf } from './cloudtrail-event.ts';
import type { AwsSession } from './session.ts';

export const AWS_CREATORS = 'aws.cloudtrail.creators';

export const AWS_CREATORS_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'cloudtrail:LookupEvents',
  why: 'finds who made what has no owner',
};

/** "You can look up events that occurred in a Region within the last 90 days" (CloudTrail API Reference, LookupEvents). */
const REACH_MS = 90 * 86_400_000;

/**
 * Pages of 50 that are read of one call in one account and region; what lies beyond is told. The API allows two
 * requests a second there (same page), so that this takes at least 20 seconds. Pages are asked one after the other.
 */
const MOST_PAGES = 40;

/**
 * Events come minutes after the call ("typically delivers logs within an average of about 5 minutes of an API call. This
 * time is not guaranteed", CloudTrail User Guide, "How CloudTrail works"): what is younger than a day and not found is asked for again by the next look.
 */
const LATE_MS = 86_400_000;

/**
 * The call that makes a thing, by its type. CloudTrail names an event after its API operation (CloudTrail User
 * Guide, "CloudTrail record contents", eventName).
 */
const CALLS: Readonly<Record<string, string>> = {
  'aws:ec2:instance': 'RunInstances',
  'aws:ec2:volume': 'CreateVolume',
  'aws:ec2:snapshot': 'CreateSnapshot',
  'aws:ec2:image': 'CreateImage',
  'aws:ec2:elastic-ip': 'AllocateAddress',
  'aws:ec2:natgateway': 'CreateNatGateway',
  'aws:ec2:capacity-reservation': 'CreateCapacityReservation',
  'aws:rds:db': 'CreateDBInstance',
  'aws:rds:cluster': 'CreateDBCluster',
  'aws:sagemaker:endpoint': 'CreateEndpoint',
  'aws:sagemaker:notebook-instance': 'CreateNotebookInstance',
  'aws:sagemaker:app': 'CreateApp',
  'aws:sagemaker:space': 'CreateSpace',
  'aws:sagemaker:training-job': 'CreateTrainingJob',
  'aws:sagemaker:processing-job': 'CreateProcessingJob',
  'aws:sagemaker:cluster': 'CreateCluster',
  'aws:bedrock:provisioned-model-throughput': 'CreateProvisionedModelThroughput',
};

/** May the log know who made this? Machines of a group or cluster are made by its service. */
export function mayTellCreator({ type, parent }: Resource): boolean {
  return parent === null && Object.hasOwn(CALLS, type);
}

/**
 * Who made these things of one account and region, by the newest successful call of CloudTrail's event history whose
 * answer names the thing.
 *
 * It does not see: what was made more than 90 days ago; volumes that were made with their machine; what other calls
 * make (a snapshot of several volumes at once, a copied image); data events.
 */
export async function awsCreators(
  scope: Scope,
  session: Pick<AwsSession, 'cloudtrail'>,
  wanted: readonly Resource[],
  now: Date,
  meter: Meter,
): Promise<Asked> {
  const creations: Creation[] = [];
  const missing: string[] = [];
  const byCall = Map.groupBy(wanted.filter(mayTellCreator), ({ type }) => CALLS[type] ?? '');
  for (const [call, resources] of [...byCall].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const found = await madeBy(call, resources, scope, session, now, meter);
    creations.push(...found.creations);
    if (found.missing !== null) missing.push(found.missing);
  }
  return { creations, missing: missing.length === 0 ? null : missing.join('; ') };
}

async function madeBy(
  call: string,
  resources: readonly Resource[],
  scope: Scope,
  { cloudtrail }: Pick<AwsSession, 'cloudtrail'>,
  now: Date,
  meter: Meter,
): Promise<Asked> {
  const since = new Date(now.getTime() - REACH_MS);
  const open = new Map(resources.map((resource) => [namedInAnswer(resource), resource]));
  const creations: Creation[] = [];
  const close = (name: string, { id }: Resource, event: Omit<Creation, 'resourceId'>) => {
    open.delete(name);
    creations.push({ resourceId: id, ...event });
  };
  // What was there before the log begins is not asked for: `created` is never before a thing was made.
  for (const [name, resource] of open)
    if (resource.created !== null && resource.created < since.toISOString()) close(name, resource, NOBODY);
  let pages = 0;
  if (open.size > 0) {
    const lookup = { action: AWS_CREATORS_PERMISSION.action, where: scopeName(scope), meter };
    const answers = awsPages(lookup, (token) =>
      cloudtrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: call }],
          StartTime: since,
          EndTime: now,
          MaxResults: 50,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    for await (const { Events, NextToken } of answers) {
      for (const event of Events ?? []) look(event, open, close);
      pages += 1;
      if (open.size === 0) break;
      if (pages === MOST_PAGES && NextToken !== undefined && NextToken !== '')
        return {
          creations,
          missing: `${call} was called more than ${MOST_PAGES * 50} times in 90 days: who made ${open.size} of ${resources.length} is not known`,
        };
    }
  }
  const yesterday = new Date(now.getTime() - LATE_MS).toISOString();
  for (const [name, resource] of open)
    if (resource.created !== null && resource.created < yesterday) close(name, resource, NOBODY);
  return { creations, missing: null };
}

const NOBODY = { address: null, principal: null, event: null, at: null } as const;

/** Newest first (LookupEvents, Events), so that the first that names a thing is the one that made it. */
function look(
  event: Event,
  open: ReadonlyMap<string, Resource>,
  close: (name: string, resource: Resource, event: Omit<Creation, 'resourceId'>) => void,
): void {
  const read = eventOf(event);
  if (read === null || read.failed) return;
  for (const text of textsOf(read.answer)) {
    const resource = open.get(text);
    if (resource !== undefined)
      close(text, resource, {
        address: read.address,
        principal: read.principal,
        event: event.EventName ?? null,
        at: event.EventTime?.toISOString() ?? null,
      });
  }
}

/** How the answer of the call that makes a thing names it: EC2 by its bare id, every other service by its ARN. */
function namedInAnswer({ id }: Resource): string {
  return /^arn:[^:]+:ec2:/.test(id) ? id.slice(id.lastIndexOf('/') + 1) : id;
}
