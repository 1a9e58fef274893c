import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Asked } from '../creators.ts';
import type { Creation, Resource } from '../model.ts';
import { ask, utc } from './read.ts';
import type { GcpSession } from './session.ts';

export const GCP_CREATORS = 'gcp.logging.creators';

export const GCP_CREATORS_PERMISSION: Permission = {
  cloud: 'gcp',
  action: 'logging.logEntries.list',
  why: 'finds who made what has no owner',
};

/** Admin Activity audit logs are kept for 400 days (Cloud Logging, "Quotas and limits", log retention periods). */
const REACH_MS = 400 * 86_400_000;
/** What is younger than a day and not found is asked for again by the next look: entries come later than their calls. */
const LATE_MS = 86_400_000;

/** Pages of 1,000 entries that are read of one project; what lies beyond is told. */
const MOST_PAGES = 20;

/** Things of Compute Engine whose `insert` names them as their full resource name does. */
const TYPES: ReadonlySet<string> = new Set([
  'gcp:compute:instance',
  'gcp:compute:disk',
  'gcp:compute:address',
  'gcp:compute:image',
]);
const SERVICE = '//compute.googleapis.com/';

/** May the log know who made this? Machines of a group, pool or cluster are made by its service. */
export function mayTellGcpCreator({ type, parent }: Resource): boolean {
  return parent === null && TYPES.has(type);
}

/** What is read of LogEntry (logging v2) and of AuditLog (google.cloud.audit), which it holds. */
const entries = z.object({
  entries: z
    .array(
      z.object({
        timestamp: z.string().optional(),
        protoPayload: z
          .object({
            methodName: z.string().optional(),
            resourceName: z.string().optional(),
            authenticationInfo: z.object({ principalEmail: z.string().optional() }).optional(),
            status: z.object({ code: z.int().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  nextPageToken: z.string().optional(),
});

/**
 * Who made these things of a project, by the newest successful `insert` of the Admin Activity audit log that names
 * the thing. A service account is nobody.
 *
 * It does not see: what was made more than 400 days ago; disks that were made with their machine; machines of
 * `bulkInsert`; services other than Compute Engine.
 */
export async function gcpCreators(
  session: GcpSession,
  wanted: readonly Resource[],
  now: Date,
  meter: Meter,
): Promise<Asked> {
  const open = new Map(wanted.map((resource) => [resource.id.replace(SERVICE, ''), resource]));
  const creations: Creation[] = [];
  const seen = new Set<string>();
  let pageToken: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await ask(session, meter, entries, {
      call: 'logging.entries.list',
      service: 'https://logging.googleapis.com',
      path: '/v2/entries:list',
      permission: GCP_CREATORS_PERMISSION,
      body: {
        resourceNames: [`projects/${session.projectId}`],
        filter: filterOf(session.projectId, now),
        orderBy: 'timestamp desc',
        pageSize: 1000,
        ...(pageToken === undefined ? {} : { pageToken }),
      },
    });
    for (const { timestamp, protoPayload: call } of page.entries ?? []) {
      const name = call?.resourceName ?? '';
      const resource = open.get(name);
      // Code 0 is OK (google.rpc.Status), and left out where it is.
      if (resource === undefined || (call?.status?.code ?? 0) !== 0) continue;
      open.delete(name);
      const principal = call?.authenticationInfo?.principalEmail ?? null;
      creations.push({
        resourceId: resource.id,
        address: principal === null || isServiceAccount(principal) ? null : principal,
        principal,
        event: call?.methodName ?? null,
        at: utc(timestamp),
      });
    }
    const { nextPageToken } = page;
    if (open.size === 0 || nextPageToken === undefined || nextPageToken === '') break;
    if (pages === MOST_PAGES || seen.has(nextPageToken))
      return {
        creations,
        missing: `the audit log of the last 400 days has more than ${pages} pages: who made ${open.size} of ${wanted.length} is not known`,
      };
    seen.add(nextPageToken);
    pageToken = nextPageToken;
  }
  const yesterday = new Date(now.getTime() - LATE_MS).toISOString();
  for (const { id, created } of open.values())
    if (created !== null && created < yesterday)
      creations.push({ resourceId: id, address: null, principal: null, event: null, at: null });
  return { creations, missing: null };
}

/** Without a time, entries of the last 24 hours alone are listed (logging v2, entries.list, filter). */
function filterOf(projectId: string, now: Date): string {
  return [
    `logName="projects/${projectId}/logs/cloudaudit.googleapis.com%2Factivity"`,
    `timestamp>="${new Date(now.getTime() - REACH_MS).toISOString()}"`,
    String.raw`protoPayload.methodName=~"compute\.(instances|disks|addresses|globalAddresses|images)\.insert$"`,
  ].join(' AND ');
}

/** Addresses of service accounts end with `gserviceaccount.com` (IAM, "Types of service accounts"). */
function isServiceAccount(address: string): boolean {
  return /[@.]gserviceaccount\.com$/i.test(address);
}
