import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';

/**
 * What a list of names gives, or nothing where the key may not read it: names are a help, the bill stands without
 * them. What is missing is told in `gaps` under `scope`.
 */
export async function namesOrGap<T>(
  scope: string,
  what: string,
  gaps: Map<string, Coverage>,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof BursarError) || !['denied', 'credentials', 'input'].includes(error.code))
      throw error;
    gaps.set(scope, { scope, status: 'failed', reason: `${what}: ${error.told}`, asOf: null });
    return null;
  }
}
