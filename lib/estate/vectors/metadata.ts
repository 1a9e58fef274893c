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

/**
 * The value at a path through objects, each of whose keys may hold dots of its own. Own properties alone: a key called
 * `constructor` is none that every object has.
 */
export function valueAt(at: unknown, path: string): unknown {
  if (isOwn(at, path)) return Reflect.get(at, path);
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    const found = isOwn(at, key) ? valueAt(Reflect.get(at, key), path.slice(dot + 1)) : null;
    if (found !== null && found !== undefined) return found;
  }
  return null;
}

function isOwn(value: unknown, key: string): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
