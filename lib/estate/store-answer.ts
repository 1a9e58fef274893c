import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';

/** A count of things; null where it is larger than a number holds exactly. */
export const wideCount = z
  .union([z.number().nonnegative(), z.bigint().nonnegative()])
  .transform((value) => (Number.isSafeInteger(value) ? Number(value) : null));

/**
 * A JSON object by its keys, whatever they are called: `__proto__` is a key like any other, which a record of the
 * schema would drop.
 */
export function entriesOf<S extends z.ZodType>(value: S) {
  return z.unknown().transform((given, context): [string, z.output<S>][] => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      context.addIssue('an object was expected');
      return z.NEVER;
    }
    const entries: [string, z.output<S>][] = [];
    for (const [key, each] of Object.entries(given)) {
      const read = value.safeParse(each);
      if (read.success) entries.push([key, read.data]);
      else context.addIssue(`${JSON.stringify(key)}: ${read.error.issues[0]?.message ?? ''}`);
    }
    return entries;
  });
}

/** The embedding model that the config names for an index, lower case; null where it names none. */
export function modelNamed(models: Readonly<Record<string, string>>, index: string): string | null {
  return Object.hasOwn(models, index) ? (models[index]?.toLowerCase() ?? null) : null;
}

/**
 * The answer to a request, as it must look.
 * @param of the product: `Qdrant`, for the error
 * @throws BursarError (unavailable) where it is something else
 */
export function answered<S extends z.ZodType>(
  shape: S,
  answer: unknown,
  { call, where, of }: { readonly call: string; readonly where: string; readonly of: string },
): z.output<S> {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw new BursarError(
    'unavailable',
    `${call} gave an answer that is none of ${of}: ${z.prettifyError(read.error).split('\n')[0] ?? ''}`,
    { where, hint: `See that the address is that of ${of}.` },
  );
}
