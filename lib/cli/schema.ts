import { BursarError } from '../platform/errors.ts';
import { SCHEMAS } from '../run/schemas.ts';
import { type CommonOptions, print } from './io.ts';

/** `bursar schema finding|audit|config`: JSON Schema, draft 2020-12. */
export async function schema(what: string, options: CommonOptions): Promise<void> {
  const make = Object.hasOwn(SCHEMAS, what) ? SCHEMAS[what] : undefined;
  if (make === undefined)
    throw new BursarError('input', `there is no schema of ${JSON.stringify(what)}`, {
      hint: `There is ${Object.keys(SCHEMAS).join(', ')}.`,
    });
  await print(JSON.stringify(make(), null, 2), options);
}
