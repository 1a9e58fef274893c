import { configJsonSchema } from '../config/schema.ts';
import { findingJsonSchema } from '../ledger/schema.ts';
import { BursarError } from '../platform/errors.ts';
import { auditJsonSchema } from '../run/schema.ts';
import { type CommonOptions, print } from './io.ts';

const SCHEMAS: Readonly<Record<string, () => unknown>> = {
  finding: findingJsonSchema,
  audit: auditJsonSchema,
  config: configJsonSchema,
};

/** `bursar schema finding|audit|config`: JSON Schema, draft 2020-12. */
export async function schema(what: string, options: CommonOptions): Promise<void> {
  const make = Object.hasOwn(SCHEMAS, what) ? SCHEMAS[what] : undefined;
  if (make === undefined)
    throw new BursarError('input', `there is no schema of ${JSON.stringify(what)}`, {
      hint: `There is ${Object.keys(SCHEMAS).join(', ')}.`,
    });
  await print(JSON.stringify(make(), null, 2), options);
}
