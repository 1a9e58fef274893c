import pLimit from 'p-limit';
import type { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { IncompleteError } from '../incomplete.ts';
import type { Accelerator, Dataset, Resource } from '../model.ts';
import { type GcpInstance, instancePage, machineType } from './answers.ts';
import type { GcpSession } from './session.ts';

const COMPUTE = 'https://compute.googleapis.com';
/** The most that a page may hold (discovery document, compute v1, parameter maxResults). */
const PAGE = '500';
const AT_ONCE = 8;
/** Warnings that say that a zone has nothing to show, not that it was not seen (compute v1, Warning.code). */
const HARMLESS = new Set(['NO_RESULTS_ON_PAGE', 'DEPRECATED_RESOURCE_USED']);

/**
 * Instances of one project in all its zones, with their accelerators, labels and state.
 *
 * Accelerators are those attached to the instance (`guestAccelerators`), else those that its machine type brings
 * along, as Compute Engine describes the type: never by a list of names. It does not say how much memory they
 * have, so `memoryMiB` is null.
 *
 * A zone that did not answer or a machine type that could not be described makes it incomplete
 * (IncompleteError, with what was found).
 */
export const gcpInstances: Dataset<GcpSession> = {
  id: 'gcp.compute.instances',
  permissions: [
    {
      cloud: 'gcp',
      action: 'compute.instances.list',
      why: 'lists instances with their labels, state and accelerators',
    },
    {
      cloud: 'gcp',
      action: 'compute.machineTypes.get',
      why: 'reads the accelerators that a machine type brings along',
    },
  ],
  async collect(_scope, session, _now, _earlier, meter) {
    const { placed, missing } = await listInstances(session, meter);
    const types = await describeTypes(session, placed, meter);
    const resources = placed.map((one) => toResource(session.projectId, one, types.accelerators));
    const problems = [...missing, ...types.problems];
    if (problems.length > 0)
      throw new IncompleteError(
        'unavailable',
        `instances are not complete: ${problems.join('; ')}`,
        { resources },
        { where: `gcp:${session.projectId}`, hint: 'Look again later; what was seen is kept.' },
      );
    return { resources };
  },
};

interface Placed {
  readonly zone: string;
  readonly instance: GcpInstance;
}

async function listInstances(
  session: GcpSession,
  meter: Meter,
): Promise<{ placed: Placed[]; missing: string[] }> {
  const placed: Placed[] = [];
  const missing = new Set<string>();
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page = await ask(session, meter, instancePage, {
      call: 'compute.instances.aggregatedList',
      path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/aggregated/instances`,
      // Without partial success one zone that does not answer fails the whole list; "Google recommends that you
      // set the returnPartialSuccess parameter to true" (compute v1, instances.aggregatedList).
      params: {
        maxResults: PAGE,
        returnPartialSuccess: 'true',
        ...(token === undefined ? {} : { pageToken: token }),
      },
      permission: 'compute.instances.list',
    });
    for (const [scope, { instances = [], warning }] of Object.entries(page.items ?? {})) {
      const zone = lastPart(scope);
      for (const instance of instances) placed.push({ zone, instance });
      if (warning !== undefined && !HARMLESS.has(warning.code ?? ''))
        missing.add(`${zone}: ${warning.code ?? 'warning'} ${warning.message ?? ''}`.trim());
    }
    for (const unreachable of page.unreachables ?? []) missing.add(`${lastPart(unreachable)}: unreachable`);
    if (page.warning !== undefined && !HARMLESS.has(page.warning.code ?? ''))
      missing.add(`${page.warning.code ?? 'warning'} ${page.warning.message ?? ''}`.trim());
    token = page.nextPageToken === '' ? undefined : page.nextPageToken;
    if (token !== undefined && seen.has(token))
      throw new BursarError(
        'unavailable',
        'compute.instances.aggregatedList gave the same page token twice',
        {
          where: `gcp:${session.projectId}`,
          hint: 'Run again, and report it if it stays.',
        },
      );
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
  return { placed, missing: [...missing] };
}

/** Accelerators by machine type, of every type that an instance without attached accelerators has. */
async function describeTypes(
  session: GcpSession,
  placed: readonly Placed[],
  meter: Meter,
): Promise<{ accelerators: Map<string, readonly Accelerator[]>; problems: string[] }> {
  const zoneOf = new Map<string, string>();
  for (const { zone, instance } of placed)
    if (instance.machineType !== undefined && (instance.guestAccelerators ?? []).length === 0)
      zoneOf.set(lastPart(instance.machineType), zoneOf.get(lastPart(instance.machineType)) ?? zone);
  const accelerators = new Map<string, readonly Accelerator[]>();
  const problems: string[] = [];
  const limit = pLimit(AT_ONCE);
  await limit.map([...zoneOf], async ([name, zone]) => {
    try {
      const type = await ask(session, meter, machineType, {
        call: 'compute.machineTypes.get',
        path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/zones/${zone}/machineTypes/${encodeURIComponent(name)}`,
        permission: 'compute.machineTypes.get',
      });
      accelerators.set(
        name,
        (type.accelerators ?? []).map(({ guestAcceleratorType, guestAcceleratorCount }) => ({
          kind: lastPart(guestAcceleratorType),
          count: guestAcceleratorCount,
          memoryMiB: null,
        })),
      );
    } catch (error) {
      // What cannot be described may have accelerators that we do not see; the instances are still worth having.
      if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
      problems.push(`accelerators of ${name} in ${zone} are unknown (${error.message})`);
    }
  });
  return { accelerators, problems: problems.toSorted() };
}

async function ask<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  shape: S,
  request: { call: string; path: string; params?: Record<string, string>; permission: string },
): Promise<z.infer<S>> {
  const answer = shape.safeParse(await session.get({ ...request, service: COMPUTE }, meter));
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  throw new BursarError(
    'unavailable',
    `${request.call} answered with something else than documented: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    { where: `gcp:${session.projectId}`, hint: 'Check the endpoint.', cause: answer.error },
  );
}

function toResource(
  projectId: string,
  { zone, instance }: Placed,
  ofType: ReadonlyMap<string, readonly Accelerator[]>,
): Resource {
  const sku = instance.machineType === undefined ? null : lastPart(instance.machineType);
  const attached = (instance.guestAccelerators ?? []).map(({ acceleratorType, acceleratorCount }) => ({
    kind: lastPart(acceleratorType),
    count: acceleratorCount,
    memoryMiB: null,
  }));
  const created = utc(instance.creationTimestamp);
  return {
    provider: 'gcp',
    accountId: projectId,
    region: zone,
    type: 'gcp:compute:instance',
    id: `//compute.googleapis.com/projects/${projectId}/zones/${zone}/instances/${instance.name}`,
    name: instance.name,
    state: instance.status,
    created: utc(instance.lastStartTimestamp) ?? created,
    tags: instance.labels ?? {},
    sku,
    accelerators: attached.length > 0 ? attached : (ofType.get(sku ?? '') ?? []),
    parent: null,
    attributes: {
      // A name can be used again for another machine; the number cannot.
      instanceId: instance.id,
      creationTimestamp: created,
      lastStopTimestamp: utc(instance.lastStopTimestamp),
      deletionProtection: instance.deletionProtection ?? false,
      provisioningModel: instance.scheduling?.provisioningModel ?? null,
      preemptible: instance.scheduling?.preemptible ?? false,
    },
  };
}

/** RFC 3339 with an offset as ISO-8601 UTC; null where there is none or it cannot be read. */
function utc(timestamp: string | undefined): string | null {
  const time = Date.parse(timestamp ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The name at the end of a resource's URL or path. */
function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
