import { configJsonSchema } from '../config/schema.ts';
import { findingJsonSchema } from '../ledger/schema.ts';
import { commitmentJsonSchema } from './commitment-schema.ts';
import { anomalyJsonSchema, budgetJsonSchema, forecastJsonSchema } from './insight-schema.ts';
import { auditJsonSchema } from './schema.ts';
import { efficiencyJsonSchema, unitJsonSchema } from './unit-schema.ts';

/** Makers of the JSON Schemas (draft 2020-12) of what is read and written, by name. */
export const SCHEMAS: Readonly<Record<string, () => unknown>> = {
  finding: findingJsonSchema,
  audit: auditJsonSchema,
  config: configJsonSchema,
  commitments: commitmentJsonSchema,
  forecast: forecastJsonSchema,
  anomalies: anomalyJsonSchema,
  units: unitJsonSchema,
  efficiency: efficiencyJsonSchema,
  budgets: budgetJsonSchema,
};
