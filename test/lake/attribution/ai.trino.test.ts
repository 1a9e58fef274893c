import { expect, inject, test } from 'vitest';
import { trinoOf } from '../engines/trino-tables.ts';
import { AI_OF_EACH, type Charge, CLASSES, TOKENS, viewOf } from './charges.ts';

const engine = trinoOf(inject('trino'));

async function ask(charges: readonly Charge[]) {
  const sql = AI_OF_EACH(engine.dialect);
  return await engine.ask(viewOf(engine.dialect, charges), sql, {});
}

test('Trino says the same of every charge: its class, its model and its tokens', async () => {
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
