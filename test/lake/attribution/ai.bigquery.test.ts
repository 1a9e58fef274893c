import { expect, inject, test } from 'vitest';
import { bigQueryEngine } from '../../../lib/lake/engine/bigquery.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { clientOf } from '../../sources/gcp-bigquery/deliver.ts';
import { AI_OF_EACH, type Charge, CLASSES, TOKENS, viewOf } from './charges.ts';

const client = clientOf(inject('bigqueryUrl'));
const engine = bigQueryEngine({ client, location: 'US', meter: new Meter(), maximumBytesBilled: 2n ** 40n });

async function ask(charges: readonly Charge[]) {
  const sql = AI_OF_EACH(engine.dialect);
  return await engine.ask(viewOf(engine.dialect, charges), sql, {});
}

test('BigQuery says the same of every charge: its class, its model and its tokens', async () => {
  const tokens = await ask(TOKENS.map(([charge]) => charge));
  expect(
    tokens.map((row) => [
      row['x_aimodel'],
      row['x_aimodelversion'],
      row['x_tokenkind'],
      row['x_tokenquantity'],
    ]),
  ).toEqual(TOKENS.map(([, ...values]) => values));
  const classes = await ask(CLASSES.map(([charge]) => charge));
  expect(classes.map((row) => row['x_aiclass'])).toEqual(CLASSES.map(([, name]) => name));
});
