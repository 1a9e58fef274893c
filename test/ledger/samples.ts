import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const rowSchema = z.object({
  id: z.string(),
  schemaVersion: z.number(),
  version: z.number().default(0),
  body: z.record(z.string(), z.unknown()),
});

/** A row as a released version wrote it. */
export function sample(name: string) {
  return rowSchema.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, 'samples', `${name}.json`), 'utf8')),
  );
}
