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

/** Methods that make things and name them as their full resource names do, by what they make. */
const MAKERS: ReadonlyMap<string, string> = new Map([
  ['gcp:compute:instance', String.raw`compute\.instances\.insert`],
  ['gcp:compute:disk', String.raw`compute\.disks\.insert`],
  ['gcp:compute:address', String.raw`compute\.(addresses|globalAddresses)\.insert`],
  ['gcp:compute:image', String.raw`compute\.images\.insert`],
  ['gcp:compute:reservation', String.raw`compute\.reservations\.insert`],
  ['gcp:sqladmin:instance', String.raw`cloudsql\.instances\.create`],
  // google.cloud.tpu.v2.Tpu.CreateNode (Cloud TPU documentation, "Cloud TPU audit logging").
  ['gcp:tpu:node', String.raw`\.Tpu\.CreateNode`],
]);
const WORKBENCH = 'gcp:notebooks:instance';

/** May the log, or the thing itself, tell who made this? What a group, pool, queue or cluster made its service did. */
export function mayTellGcpCreator({ type, parent, attributes }: Resource): boolean {
  if (type === WORKBENCH) return typeof attributes['creator'] === 'string';
  return parent === null && MAKERS.has(type);
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
            authenticationInfo: z
              .object({ principalEmail: z.string().optional(), principalSubject: z.string().optional() })
              .optional(),
            status: z.object({ code: z.int().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  nextPageToken: z.string().optional(),
});

/**
 * Who made these things of a project, by the newest successful call of the Admin Activity audit log that made the
 * thing and names it. A Workbench instance tells by itself (notebooks v2, Instance.creator: "Email address of entity
 * that sent original CreateInstance request"). Of a workforce pool, the subject that is an address is the person. A
 * service account is nobody, nor is a workload of a pool.
 *
 * It does not see: what was made more than 400 days ago; disks that were made with their machine; machines of
 * `bulkInsert`; things of Vertex AI, whose names are given after the call.
 */
export async function gcpCreators(
  session: GcpSession,
  wanted: readonly Resource[],
  now: Date,
  meter: Meter,
): Promise<Asked> {
  const [workbench, logged] = [wanted.filter(isWorkbench), wanted.filter((one) => !isWorkbench(one))];
  const creations: Creation[] = workbench.flatMap(toldByItself);
  if (logged.length === 0) return { creations, missing: null };
  const open = new Map(logged.map((resource) => [nameOf(session, resource.id), resource]));
  const filter = filterOf(session.projectId, new Set(logged.map(({ type }) => type)), now);
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
        filter,
        orderBy: 'timestamp desc',
        pageSize: 1000,
        ...(pageToken === undefined ? {} : { pageToken }),
      },
    });
    for (const { timestamp, protoPayload: call } of page.entries ?? []) {
      const name = nameOf(session, call?.resourceName ?? '');
      const resource = open.get(name);
      const { principalEmail = '', principalSubject = '' } = call?.authenticationInfo ?? {};
      // "For third party identity callers, the principal_subject field is populated instead" (AuthenticationInfo).
      const principal = principalEmail === '' ? principalSubject : principalEmail;
      // Code 0 is OK (google.rpc.Status), and left out where it is. A call that goes on has an entry for its end, too.
      if (resource === undefined || (call?.status?.code ?? 0) !== 0 || principal === '') continue;
      open.delete(name);
      creations.push({
        resourceId: resource.id,
        address: addressOf(principal),
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
        missing: `the audit log of the last 400 days has more than ${pages} pages: who made ${open.size} of ${logged.length} is not known`,
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

function isWorkbench({ type }: Resource): boolean {
  return type === WORKBENCH;
}

function toldByItself({ id, attributes }: Resource): Creation[] {
  const { creator, createdAt } = attributes;
  return typeof creator !== 'string'
    ? []
    : [
        {
          resourceId: id,
          address: addressOf(creator),
          principal: creator,
          event: 'notebooks Instance.creator',
          at: typeof createdAt === 'string' ? createdAt : null,
        },
      ];
}

/** Without its service, and with the id of the project, for which some services write its number. */
function nameOf({ projectId }: GcpSession, name: string): string {
  return name.replace(/^\/\/[^/]+\//, '').replace(/^projects\/[^/]+/, `projects/${projectId}`);
}

/** Without a time, entries of the last 24 hours alone are listed (logging v2, entries.list, filter). */
function filterOf(projectId: string, types: ReadonlySet<string>, now: Date): string {
  const methods = [...MAKERS].flatMap(([type, method]) => (types.has(type) ? [method] : []));
  return [
    `logName="projects/${projectId}/logs/cloudaudit.googleapis.com%2Factivity"`,
    `timestamp>="${new Date(now.getTime() - REACH_MS).toISOString()}"`,
    `protoPayload.methodName=~"(${methods.join('|')})$"`,
  ].join(' AND ');
}

/** A person of a workforce pool, whose subject is mostly their address (IAM, "Principal identifiers"). */
const OF_WORKFORCE =
  /^principal:\/\/iam\.googleapis\.com\/locations\/global\/workforcePools\/[^/]+\/subject\/([^/]+@[^/]+)$/;

/** The address of a person; null for a service account, for a workload, and where the subject is none. */
function addressOf(principal: string): string | null {
  if (!principal.startsWith('principal:')) return isServiceAccount(principal) ? null : principal;
  return OF_WORKFORCE.exec(principal)?.[1] ?? null;
}

/** Addresses of service accounts end with `gserviceaccount.com` (IAM, "Types of service accounts"). */
function isServiceAccount(address: string): boolean {
  return /[@.]gserviceaccount\.com$/i.test(address);
}
