import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { integer, labels, pages, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const SQL = 'sqladmin.googleapis.com';
const LIST: Permission = {
  cloud: 'gcp',
  action: 'cloudsql.instances.list',
  why: 'lists databases with their engine, tier and state',
};

/** What is read of a database (sqladmin v1, schemas DatabaseInstance, Settings). */
const database = z.object({
  name: z.string(),
  region: z.string().optional(),
  state: z.string().optional(),
  instanceType: z.string().optional(),
  databaseVersion: z.string().optional(),
  createTime: z.string().optional(),
  masterInstanceName: z.string().optional(),
  replicaNames: z.array(z.string()).optional(),
  settings: z
    .object({
      tier: z.string().optional(),
      userLabels: labels,
      activationPolicy: z.string().optional(),
      dataApiAccess: z.string().optional(),
      availabilityType: z.string().optional(),
      edition: z.string().optional(),
      dataDiskSizeGb: z.string().optional(),
      dataDiskType: z.string().optional(),
    })
    .optional(),
});
const page = z.object({
  items: z.array(database).optional(),
  nextPageToken: z.string().optional(),
  warnings: z
    .array(
      z.object({
        code: z.string().optional(),
        message: z.string().optional(),
        region: z.string().optional(),
      }),
    )
    .optional(),
});

/**
 * Cloud SQL databases, primaries and replicas. A stopped one keeps the state RUNNABLE: `activationPolicy` NEVER says
 * that it was stopped, and its storage and addresses go on billing.
 *
 * It does not see: load; connections are read by `gcp.sqladmin.telemetry`.
 */
export const gcpCloudSql: Dataset<GcpSession> = {
  id: 'gcp.sqladmin.instances',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const resources: Resource[] = [];
    const missing: string[] = [];
    const list = pages(session, meter, page, {
      call: 'sql.instances.list',
      service: `https://${SQL}`,
      path: `/v1/projects/${encodeURIComponent(session.projectId)}/instances`,
      permission: LIST,
    });
    for await (const { items, warnings } of list) {
      for (const one of items ?? []) resources.push(toResource(session, one));
      for (const { code, message, region } of warnings ?? [])
        missing.push(`${region ?? 'Cloud SQL'}: ${code ?? 'warning'} ${message ?? ''}`.trim());
    }
    return whole({ resources }, missing, 'Cloud SQL databases', scope);
  },
};

function toResource(session: GcpSession, item: z.output<typeof database>): Resource {
  const { settings } = item;
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: item.region ?? 'unknown',
    type: 'gcp:sqladmin:instance',
    id: `//cloudsql.googleapis.com/projects/${session.projectId}/instances/${item.name}`,
    name: item.name,
    state: item.state ?? 'unknown',
    created: utc(item.createTime),
    tags: settings?.userLabels ?? {},
    sku: settings?.tier ?? null,
    accelerators: [],
    parent:
      item.masterInstanceName === undefined
        ? null
        : { type: 'gcp:sqladmin:instance', id: item.masterInstanceName },
    attributes: {
      engine: item.databaseVersion ?? null,
      instanceType: item.instanceType ?? null,
      activationPolicy: settings?.activationPolicy ?? null,
      replicas: item.replicaNames ?? [],
      // "Not allowed by default" (sqladmin v1, Settings.dataApiAccess): calls of ExecuteSql are no connections of clients.
      dataApi: settings?.dataApiAccess === 'ALLOW_DATA_API',
      availability: settings?.availabilityType ?? null,
      edition: settings?.edition ?? null,
      diskSizeGb: integer(settings?.dataDiskSizeGb),
      diskType: settings?.dataDiskType ?? null,
    },
  };
}
