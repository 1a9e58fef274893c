import type { Config } from '../../config/schema.ts';
import type { Source } from '../../sources/model.ts';

/** A bill that is asked where it lies and not collected: it delivers nothing, and says so. */
export function notCollected(id: string, type: Source['type'], engine: Config['lake']['engine']): Source {
  const told = `asked in place by ${engine} (lake.engine), not collected`;
  return {
    id,
    type,
    permissions: [],
    deliver: async () => ({
      sourceId: id,
      sourceType: type,
      grain: 'resource',
      files: [],
      periods: [],
      skipped: [],
      asOf: null,
      coverage: [{ scope: `bill:${id}`, status: 'complete', reason: told, asOf: null }],
    }),
    examine: async () => told,
  };
}
