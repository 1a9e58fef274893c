import type { z } from 'zod';
import type { GcpRequest } from '../estate/gcp/session.ts';
import { BursarError } from '../platform/errors.ts';
import type { GcpActSession } from './gcp-session.ts';

/**
 * One thing as Google describes it; null where there is none of that name.
 * @throws BursarError (unavailable) where the answer is something else than documented; what the session throws
 */
export async function found<S extends z.ZodType>(
  session: GcpActSession,
  request: GcpRequest,
  shape: S,
): Promise<z.output<S> | null> {
  let answer: unknown;
  try {
    answer = await session.get(request, session.meter);
  } catch (error) {
    // `input` is what the session makes of 404.
    if (error instanceof BursarError && error.code === 'input') return null;
    throw error;
  }
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw new BursarError('unavailable', `${request.call} answered with something else than documented`, {
    where: `gcp:${session.projectId}`,
    hint: 'Check the endpoint; nothing was done.',
    cause: read.error,
  });
}
