import { beforeAll, expect, inject, test } from 'vitest';
import { openFront } from '../../counterparts/bigquery.front.ts';
import { expected } from '../../run/exceptions.ts';
import { judgedExport } from '../../run/exported.ts';
import { collect, lakeOf, sourceOf } from './deliver.ts';
import { FOCUS, focusRow } from './export.ts';
import { renewBigQuery, tableOf } from './tables.ts';

const TOKENS = {
  ConsumedQuantity: '1000',
  ConsumedUnit: 'Count',
  PricingQuantity: '1',
  PricingUnit: '1000 Count',
};

beforeAll(renewBigQuery);

test("what is exported of Google's FOCUS export breaks no rule but those that are documented", async () => {
  const front = await openFront(inject('bigqueryUrl'));
  try {
    const rows = [focusRow(TOKENS), focusRow({ ...TOKENS, BilledCost: '0.000000001' })];
    const table = await tableOf(inject('bigqueryUrl'), 'focus_export', FOCUS, rows);
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table), lake);
    const { passed, broken, own } = await judgedExport(inject('focusValidator'), lake);
    expect(passed).toBeGreaterThan(100);
    expect({ broken, own }).toEqual(expected('gcp-focus'));
  } finally {
    await front.close();
  }
});
