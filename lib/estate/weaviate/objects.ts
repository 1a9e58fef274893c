import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { pathPart } from '../rest.ts';
import type { VectorKey } from '../vectors/compare.ts';
import type { Documents } from '../vectors/documents.ts';
import { keyOfMetadata } from '../vectors/metadata.ts';
import { type Sampled, scanned, unsampled } from '../vectors/sampling.ts';
import { askWeaviate, type WeaviateSession } from './session.ts';

/** Objects of one page. REST has no choice of properties: the others come along, and are dropped here. */
const PAGE = 200;
/** Objects whose keys are read at most: a thousand pages of one collection. */
const MOST_OBJECTS = 200_000;

/** `ACTIVE` was called `HOT` before (Weaviate's interface, schema Tenant). */
const ACTIVE = new Set(['ACTIVE', 'HOT']);

const Tenants = z.array(z.object({ name: z.string(), activityStatus: z.string().optional() }));
/** The list is written always, as null where it is empty (weaviate/weaviate, entities/models/objects_list_response.go). */
const Objects = z.object({
  objects: z.array(z.object({ id: z.string(), properties: z.unknown() })).nullable(),
});

/**
 * Compares the objects of a collection with their source, those of each tenant by themselves.
 * @param tenanted has it tenants? Where one of them is not active nobody looks: reading it may activate it, which
 *   costs, and without it the others stand for no whole
 */
export async function sampleObjects(
  session: WeaviateSession,
  collection: string,
  tenanted: boolean,
  documents: Documents,
  meter: Meter,
): Promise<Sampled> {
  if (!tenanted)
    return await scanned(documents, objectKeys(session, collection, [null], documents, meter), MOST_OBJECTS);
  const tenants = await askWeaviate(
    session,
    Tenants,
    { call: 'tenants.get', path: `/schema/${pathPart(collection)}/tenants` },
    meter,
  );
  const asleep = tenants.filter(({ activityStatus = 'ACTIVE' }) => !ACTIVE.has(activityStatus));
  if (asleep.length > 0)
    return unsampled(
      `${asleep.length} of its ${tenants.length} tenants are not active, and reading would wake them: none was looked at.`,
    );
  const names = tenants.map(({ name }) => name);
  return await scanned(documents, objectKeys(session, collection, names, documents, meter), MOST_OBJECTS);
}

/**
 * What the properties of every object tell of it, page by page in the order of UUIDs (Weaviate's interface,
 * `GET /objects`, `after`). No vector is asked for (`include`).
 */
async function* objectKeys(
  session: WeaviateSession,
  collection: string,
  tenants: readonly (string | null)[],
  { fields }: Documents,
  meter: Meter,
): AsyncGenerator<VectorKey> {
  for (const tenant of tenants) {
    let after: string | null = '';
    while (after !== null) {
      const page: z.output<typeof Objects> = await askWeaviate(
        session,
        Objects,
        {
          call: 'objects.list',
          path: '/objects',
          query: { class: collection, limit: String(PAGE), after, ...(tenant === null ? {} : { tenant }) },
        },
        meter,
      );
      const objects = page.objects ?? [];
      for (const { properties } of objects) yield ofTenant(keyOfMetadata(properties, fields), tenant);
      const last: string | undefined = objects.at(-1)?.id;
      if (last !== undefined && last <= after)
        throw new BursarError('unavailable', 'weaviate.objects.list went back', {
          where: `store:${session.store}`,
          hint: 'Look again later, and report it if it stays.',
        });
      // A page may be cut short by its shards: only an empty one is the end.
      after = last ?? null;
    }
  }
}

/** What another tenant holds is no copy: none of them sees the objects of another. */
function ofTenant(key: VectorKey, tenant: string | null): VectorKey {
  const { part, content } = key;
  if (tenant === null || (part === null && content === null)) return key;
  // Beside a part the content tells nothing apart: where there is none, it does.
  return { ...key, part: JSON.stringify([tenant, part, part === null ? content : null]) };
}
