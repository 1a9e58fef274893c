import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { installFocusValidator } from '../../counterparts/focus.ts';
import { expected } from '../../run/exceptions.ts';
import { judgedExport } from '../../run/exported.ts';
import { collect, lakeOf, sourceOf } from './deliver.ts';
import { DETAILED, FOCUS, focusRow, usage } from './export.ts';
import { tableOf } from './tables.ts';

let front: Front;
let validator: { readonly python: string; readonly cwd: string };
beforeAll(async () => {
  front = await openFront(inject('bigqueryUrl'));
  const { python, sitePackages } = await installFocusValidator();
  validator = { python, cwd: sitePackages };
});
afterAll(() => front.close());

const TOKENS = {
  ConsumedQuantity: '1000',
  ConsumedUnit: 'Count',
  PricingQuantity: '1',
  PricingUnit: '1000 Count',
};

test.each([
  [
    'gcp-detailed',
    DETAILED,
    [
      usage({ cost: 0.1 }),
      usage({ cost: 0.2, credits: [{ name: 'Free', amount: -0.05, type: 'FREE_TIER', id: 'free' }] }),
      usage({
        cost: 0.02,
        cost_type: 'tax',
        sku: { id: 'TAX', description: 'VAT' },
        resource: null,
        project: null,
      }),
      usage({ cost: 5, sku: { id: 'CUD', description: 'Commitment v1: N1 Cpu in Americas for 1 Year' } }),
      usage({
        cost: -0.5,
        cost_type: 'adjustment',
        adjustment_info: { id: 'a', description: 'late', mode: 'MANUAL_ADJUSTMENT', type: 'GOODWILL' },
      }),
      usage({ cost: 0.001, cost_type: 'rounding_error', resource: null, project: null }),
    ],
  ],
  ['gcp-focus', FOCUS, [focusRow(TOKENS), focusRow({ ...TOKENS, BilledCost: '0.000000001' })]],
] as const)('what bursar export writes of %s, before focus-validator', async (kind, schema, rows) => {
  const table = await tableOf(inject('bigqueryUrl'), kind.replace('-', '_'), schema, [...rows]);
  const lake = await lakeOf();
  await collect(sourceOf(front.url, table), lake);
  const { passed, broken, own } = await judgedExport(validator, lake);
  expect(passed).toBeGreaterThan(100);
  expect({ broken, own }).toEqual(expected(kind));
});
