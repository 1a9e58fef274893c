import { BursarError } from '../platform/errors.ts';
import type { Creation, Resource, Snapshot } from './model.ts';

/** What an audit log told of who made some resources. */
export interface Asked {
  /** One a resource that the log was read for as far as it reaches back, also where it names nobody. */
  readonly creations: readonly Creation[];
  /** What could not be read, in words; null where all was. */
  readonly missing: string | null;
}

/** A creation as it is kept, with what tells whether a thing of the same name is still the same thing. */
interface Made extends Creation {
  /** When the resource was made by what it says itself; null where it does not say. */
  readonly resourceCreated?: string | null;
}

/**
 * A snapshot with who made what in it. What is known already is kept for what still exists, so that a log that
 * reaches back 90 days is asked once for each resource; of the rest only what `wants` names is asked for.
 * A log that cannot be read makes coverage partial and names nobody.
 * @param made what the last look knew
 */
export async function withCreations(
  snapshot: Snapshot,
  dataset: string,
  made: readonly Creation[],
  wants: (resource: Resource) => boolean,
  ask: (wanted: readonly Resource[]) => Promise<Asked>,
): Promise<Snapshot> {
  const here = new Map(snapshot.resources.map((resource) => [resource.id, resource]));
  const kept = made.filter((one) => isSame(one, here.get(one.resourceId)));
  const known = new Set(kept.map(({ resourceId }) => resourceId));
  const wanted = snapshot.resources.filter((resource) => !known.has(resource.id) && wants(resource));
  const { creations, missing } = wanted.length === 0 ? NOTHING : await told(ask, wanted);
  const found = creations.map((one): Made => ({ ...one, resourceCreated: madeAt(here.get(one.resourceId)) }));
  const whole = { ...snapshot, creations: [...kept, ...found] };
  return missing === null ? whole : { ...whole, coverage: withGap(snapshot, dataset, missing) };
}

const NOTHING: Asked = { creations: [], missing: null };

async function told(
  ask: (wanted: readonly Resource[]) => Promise<Asked>,
  wanted: readonly Resource[],
): Promise<Asked> {
  try {
    return await ask(wanted);
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return { creations: [], missing: error.hint === null ? error.message : `${error.message} ${error.hint}` };
  }
}

/** Ids of EC2 are never given twice; a thing that is known by its name may be another of the same name. */
function isSame(made: Made, resource: Resource | undefined): boolean {
  if (resource === undefined) return false;
  return /^arn:[^:]+:ec2:/.test(made.resourceId) || made.resourceCreated === madeAt(resource);
}

/** Where `created` is a last start or change, an attribute says when it was made. */
function madeAt(resource: Resource | undefined): string | null {
  const at = resource?.attributes['createdAt'] ?? resource?.attributes['creationTimestamp'];
  return typeof at === 'string' ? at : (resource?.created ?? null);
}

function withGap({ coverage }: Snapshot, dataset: string, missing: string): Snapshot['coverage'] {
  return coverage.map((entry) => {
    if (entry.status !== 'complete' && entry.status !== 'partial') return entry;
    const incomplete = entry.status === 'complete' ? [] : entry.incomplete;
    return {
      ...entry,
      status: 'partial',
      reason: [entry.reason, `${dataset}: ${missing}`].filter((line) => line !== null).join('\n'),
      ...(incomplete === undefined ? {} : { incomplete: [...incomplete, dataset] }),
    };
  });
}
