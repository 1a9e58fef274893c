import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { ListSource } from './store-documents.ts';

/** Lists what the vectors of a store were made of. */
export function sourceLister(id: string, _now: Date, _meter: Meter): ListSource {
  return async (source) => {
    throw new BursarError('config', `a source of type ${source.type} cannot be listed`, {
      where: `store:${id}`,
    });
  };
}
