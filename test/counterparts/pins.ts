import { join } from 'node:path';

/** The `pip freeze` that holds every dependency of an environment: written from a whole, working one. */
export const heldBy = (name: string): string => join(import.meta.dirname, 'pins', `${name}.txt`);
