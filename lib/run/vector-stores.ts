import { identitiesOf } from '../checks/identity.ts';
import type { Facts } from '../checks/model.ts';
import type { Resource, VectorIndex } from '../estate/model.ts';

/** The things of the inventory that hold vector indexes, as each index names what its store is billed as. */
export class VectorStores {
  readonly #byIndex = new Map<string, Resource>();
  readonly #ids = new Set<string>();

  constructor({ resources, vectorIndexes }: Pick<Facts, 'resources' | 'vectorIndexes'>) {
    const identities = identitiesOf(resources);
    for (const { id, provider, accountId, capacity } of vectorIndexes.current)
      for (const resourceId of capacity?.billed ?? []) {
        const store = identities.find({
          provider: ofArn(resourceId, provider),
          accountId,
          region: null,
          resourceId,
        });
        if (store === null) continue;
        // A bucket is paid by the byte, and what else lies in it is no vector: its cost is not that of its vectors.
        if (capacity?.kind !== 'by-bytes') this.#ids.add(store.id);
        if (!this.#byIndex.has(id)) this.#byIndex.set(id, store);
      }
  }

  /** Is this resource a store of vector indexes, so that its cost is theirs? Not where it is paid by the byte. */
  holds({ id }: Pick<Resource, 'id'>): boolean {
    return this.#ids.has(id);
  }

  /** What holds an index; null where its store is in no inventory. */
  of({ id }: Pick<VectorIndex, 'id'>): Resource | null {
    return this.#byIndex.get(id) ?? null;
  }
}

/** A server of one's own may run on what a cloud bills: its ARN or its full name says which. */
function ofArn(resourceId: string, provider: VectorIndex['provider']): VectorIndex['provider'] {
  if (resourceId.startsWith('arn:')) return 'aws';
  return resourceId.startsWith('//') ? 'gcp' : provider;
}
