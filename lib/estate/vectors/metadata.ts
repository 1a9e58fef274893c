import type { VectorKey } from './compare.ts';
import type { DocumentFields } from './documents.ts';
import { vectorKey } from './fields.ts';

/**
 * What a vector's metadata tell of it, through the configured keys and no other. A key that they have not as it is
 * written is looked for as a path through objects: `metadata.source`.
 * @param metadata an object as the store gives it; of anything else nothing is told
 */
export function keyOfMetadata(metadata: unknown, fields: DocumentFields): VectorKey {
  return vectorKey(fields, (field) => valueAt(metadata, field));
}

/** Own properties alone: a key called `constructor` is none that every object has. */
function valueAt(metadata: unknown, field: string): unknown {
  let at: unknown = metadata;
  for (const part of isOwn(metadata, field) ? [field] : field.split('.')) {
    if (!isOwn(at, part)) return null;
    at = Reflect.get(at, part);
  }
  return at;
}

function isOwn(value: unknown, key: string): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
