import { BursarError } from '../../platform/errors.ts';

/**
 * What `work` gives; null where it fails by an error of the SDK with such a name: the thing was deleted between
 * being listed and being described, or has nothing of the kind. Everything else is thrown on.
 */
export async function unlessNamed<T>(name: RegExp, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof BursarError ? error.cause : error;
    if (cause instanceof Error && name.test(cause.name)) return null;
    throw error;
  }
}
