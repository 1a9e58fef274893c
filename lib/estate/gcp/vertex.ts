import pLimit from 'p-limit';
import { z } from 'zod';
import { NotServedError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator } from '../model.ts';
import { lastPart, pages, renamed, toldFault } from './read.ts';
import type { GcpSession } from './session.ts';

export const VERTEX = 'aiplatform.googleapis.com';
export const VERTEX_LOCATIONS: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.locations.list',
  why: 'lists the regions of Vertex AI',
};
const REGIONS_AT_ONCE = 8;
const PAGE = '100';
/** A region, and no `global` or continent: those serve models of Google and hold nothing of one's own that runs. */
const REGION = /^[a-z]+-[a-z]+\d+$/;

const locations = z.object({
  locations: z.array(z.object({ locationId: z.string() })).optional(),
  nextPageToken: z.string().optional(),
});

/** Asked once a session: every dataset of Vertex AI walks the same regions. */
const known = new WeakMap<GcpSession, Promise<readonly string[]>>();

async function regionsOf(session: GcpSession, meter: Meter): Promise<readonly string[]> {
  const ids = new Set<string>();
  const list = pages(session, meter, locations, {
    call: 'aiplatform.projects.locations.list',
    service: `https://${VERTEX}`,
    path: `/v1/projects/${encodeURIComponent(session.projectId)}/locations`,
    permission: VERTEX_LOCATIONS,
  });
  for await (const page of list)
    for (const { locationId } of page.locations ?? []) if (REGION.test(locationId)) ids.add(locationId);
  return [...ids].toSorted();
}

/**
 * All things of one collection (`endpoints`, `customJobs`) in all regions of Vertex AI: each region has a server of
 * its own and knows only what is in it (Vertex AI REST reference, "Service endpoints").
 * A region that does not serve the collection has nothing of it.
 * @returns what was found, and the regions that did not answer, each with the reason
 * @throws BursarError where the regions could not be listed or no region answered
 */
export async function everyRegion<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  collection: string,
  item: S,
  permission: Permission,
  params: Readonly<Record<string, string>> = {},
): Promise<{ readonly found: readonly z.output<S>[]; readonly missing: readonly string[] }> {
  let asked = known.get(session);
  if (asked === undefined) known.set(session, (asked = regionsOf(session, meter)));
  const shape = renamed(
    collection,
    z.object({ nextPageToken: z.string().optional(), things: z.array(item).optional() }),
  );
  const found: z.output<S>[] = [];
  const missing: string[] = [];
  const off: NotServedError[] = [];
  const limit = pLimit(REGIONS_AT_ONCE);
  const regions = await asked;
  await limit.map(regions, async (region) => {
    try {
      const list = pages(session, meter, shape, {
        call: `aiplatform.projects.locations.${collection}.list`,
        service: `https://${region}-${VERTEX}`,
        path: `/v1/projects/${encodeURIComponent(session.projectId)}/locations/${region}/${collection}`,
        params: { pageSize: PAGE, ...params },
        permission,
      });
      const own: z.output<S>[] = [];
      for await (const page of list) own.push(...(page.things ?? []));
      found.push(...own);
    } catch (error) {
      if (error instanceof NotServedError) off.push(error);
      else if (regions.length === 1) throw error;
      else missing.push(toldFault(region, error));
    }
  });
  const [first] = off;
  if (first !== undefined && off.length === regions.length) throw first;
  return { found, missing: missing.toSorted() };
}

/** What is read of a machine's specification (aiplatform v1, schemas MachineSpec, ReservationAffinity). */
export const machineSpec = z.object({
  machineType: z.string().optional(),
  acceleratorType: z.string().optional(),
  acceleratorCount: z.number().optional(),
  tpuTopology: z.string().optional(),
  reservationAffinity: z
    .object({ reservationAffinityType: z.string().optional(), values: z.array(z.string()).optional() })
    .optional(),
});
export type MachineSpec = z.output<typeof machineSpec>;

/** Accelerators of `machines` machines of this kind; none where the specification names none. */
export function acceleratorsOf(spec: MachineSpec | undefined, machines: number): Accelerator[] {
  const found = acceleratorOf(spec);
  return found === null || machines === 0
    ? []
    : [{ kind: found.kind, count: found.count * machines, memoryMiB: null }];
}

/**
 * Machine types that are TPUs say so by their names alone, with the chips of one host at the end (GKE documentation,
 * "Serve Gemma using TPUs": a ct5lp-hightpu-1t has one chip; read November 2026), and take no acceleratorType.
 */
const TPU_TYPE = /^(.+)-(\d+)t$/;

/** What a machine, or a slice of several hosts, of this kind has; null where it has no accelerator. */
export function acceleratorOf(
  spec: MachineSpec | undefined,
): { readonly kind: string; readonly count: number } | null {
  const { acceleratorType: kind, acceleratorCount = 0, machineType = '', tpuTopology } = spec ?? {};
  if (kind !== undefined && kind !== 'ACCELERATOR_TYPE_UNSPECIFIED')
    // A slice of TPUs is told by its topology and not by a count.
    return { kind, count: Math.max(acceleratorCount, 1) };
  const [, family, chips] = TPU_TYPE.exec(machineType) ?? [];
  if (family === undefined && tpuTopology === undefined) return null;
  const ofTopology = (tpuTopology ?? '').split('x').reduce((product, one) => product * Number(one), 1);
  return { kind: `TPU ${family ?? machineType}`.trim(), count: ofTopology || Number(chips ?? 1) };
}

/** Reservations of Compute Engine that machines of these kinds run in, or may where they take any that matches. */
export function reservationsOf(specs: readonly (MachineSpec | undefined)[]): string[] {
  const named = specs.flatMap((spec) => {
    const { reservationAffinityType: type, values = [] } = spec?.reservationAffinity ?? {};
    if (type === 'SPECIFIC_RESERVATION') return values.map(lastPart);
    return type === 'ANY_RESERVATION' ? ['any that matches'] : [];
  });
  return [...new Set(named)].toSorted();
}

/** One entry a kind. */
export function together(all: readonly Accelerator[]): Accelerator[] {
  const counts = new Map<string, number>();
  for (const { kind, count } of all) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].map(([kind, count]) => ({ kind, count, memoryMiB: null }));
}
