import pLimit from 'p-limit';
import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { lastPart, pages, renamed, toldFault } from './read.ts';
import type { GcpSession } from './session.ts';

export const COMPUTE = 'https://compute.googleapis.com';
/** The most that a page may hold (discovery document, compute v1, parameter maxResults). */
const PAGE = '500';
/** Warnings that say that a zone has nothing to show, not that it was not seen (compute v1, Warning.code). */
const HARMLESS = new Set(['NO_RESULTS_ON_PAGE', 'DEPRECATED_RESOURCE_USED']);

const warning = z.object({ code: z.string().optional(), message: z.string().optional() });
type Warning = z.infer<typeof warning>;

/** A thing of a list and the zone or region that it stands in; `global` where there is none. */
export interface Placed<T> {
  readonly location: string;
  readonly item: T;
}

/** What a list holds, and what of it is known to be missing. */
export interface Listed<T> {
  readonly placed: readonly Placed<T>[];
  readonly missing: readonly string[];
}

/**
 * All things of one kind in all zones and regions of a project (`instances`, `disks`, `addresses`).
 * @param kind as the path and the answer name it
 */
export async function aggregated<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  kind: string,
  item: S,
  permission: Permission,
): Promise<Listed<z.output<S>>> {
  const shape = z.object({
    items: z
      .record(
        z.string(),
        renamed(kind, z.object({ warning: warning.optional(), things: z.array(item).optional() })),
      )
      .optional(),
    nextPageToken: z.string().optional(),
    unreachables: z.array(z.string()).optional(),
    warning: warning.optional(),
  });
  const placed: Placed<z.output<S>>[] = [];
  const missing = new Set<string>();
  const list = pages(session, meter, shape, {
    call: `compute.${kind}.aggregatedList`,
    service: COMPUTE,
    path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/aggregated/${kind}`,
    // Without partial success one zone that does not answer fails the whole list; "Google recommends that you
    // set the returnPartialSuccess parameter to true" (compute v1, instances.aggregatedList).
    params: { maxResults: PAGE, returnPartialSuccess: 'true' },
    permission,
  });
  for await (const page of list) {
    for (const [scope, { things = [], warning: told }] of Object.entries(page.items ?? {})) {
      const location = lastPart(scope);
      for (const one of things) placed.push({ location, item: one });
      addWarning(missing, told, `${location}: `);
    }
    for (const unreachable of page.unreachables ?? []) missing.add(`${lastPart(unreachable)}: unreachable`);
    addWarning(missing, page.warning, '');
  }
  return { placed, missing: [...missing] };
}

/** All things of one kind that stand in no zone (`snapshots`, `images`). */
export async function globalList<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  kind: string,
  item: S,
  permission: Permission,
): Promise<Listed<z.output<S>>> {
  return await listIn(session, meter, 'global', kind, `compute.${kind}.list`, item, permission);
}

export const REGIONS_PERMISSION: Permission = {
  cloud: 'gcp',
  action: 'compute.regions.list',
  why: 'lists the regions of a project, in each of which snapshots may stand',
};
const REGIONS_AT_ONCE = 8;
const regionShape = z.object({ name: z.string() });

/**
 * All things of one kind that stand in a region and have no list over all of them (`snapshots`): every region of the
 * project is asked. A region that does not answer is missing; the others count.
 * @param call what it is called in each region: `compute.regionSnapshots.list`
 */
export async function everyRegion<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  kind: string,
  call: string,
  item: S,
  permission: Permission,
): Promise<Listed<z.output<S>>> {
  const regions = await listIn(
    session,
    meter,
    '',
    'regions',
    REGIONS_PERMISSION.action,
    regionShape,
    REGIONS_PERMISSION,
  );
  const limit = pLimit(REGIONS_AT_ONCE);
  const lists = await limit.map(regions.placed, async ({ item: { name } }): Promise<Listed<z.output<S>>> => {
    try {
      return await listIn(session, meter, `regions/${name}`, kind, call, item, permission);
    } catch (error) {
      return { placed: [], missing: [toldFault(name, error)] };
    }
  });
  return {
    placed: lists.flatMap(({ placed }) => placed),
    missing: [...new Set([...regions.missing, ...lists.flatMap(({ missing }) => missing)])],
  };
}

/** One list of one place: `global`, `regions/us-central1`, or the project itself where it is empty. */
async function listIn<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  place: string,
  kind: string,
  call: string,
  item: S,
  permission: Permission,
): Promise<Listed<z.output<S>>> {
  const shape = z.object({
    items: z.array(item).optional(),
    nextPageToken: z.string().optional(),
    warning: warning.optional(),
  });
  const placed: Placed<z.output<S>>[] = [];
  const missing = new Set<string>();
  const list = pages(session, meter, shape, {
    call,
    service: COMPUTE,
    path: ['/compute/v1/projects', encodeURIComponent(session.projectId), place, kind]
      .filter((part) => part !== '')
      .join('/'),
    params: { maxResults: PAGE },
    permission,
  });
  const location = place === '' ? 'global' : lastPart(place);
  for await (const page of list) {
    for (const one of page.items ?? []) placed.push({ location, item: one });
    addWarning(missing, page.warning, location === 'global' ? '' : `${location}: `);
  }
  return { placed, missing: [...missing] };
}

function addWarning(missing: Set<string>, told: Warning | undefined, before: string): void {
  if (told !== undefined && !HARMLESS.has(told.code ?? ''))
    missing.add(`${before}${told.code ?? 'warning'} ${told.message ?? ''}`.trim());
}

/** `//compute.googleapis.com/projects/p/zones/z/disks/d`, as findings and bills name a thing of Compute Engine. */
export function computeName(session: GcpSession, location: string, kind: string, name: string): string {
  const place =
    location === 'global' ? 'global' : `${/-[a-z]$/.test(location) ? 'zones' : 'regions'}/${location}`;
  return `//compute.googleapis.com/projects/${session.projectId}/${place}/${kind}/${name}`;
}

/** The full resource name of what a URL of Compute Engine names: `//compute.googleapis.com/projects/p/zones/z/...`. */
export function fullName(url: string): string {
  return url.replace(/^https:\/\/[^/]+\/compute\/[^/]+\//, '//compute.googleapis.com/');
}
