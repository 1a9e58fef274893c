import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { columnOf } from '../../lib/focus/columns.ts';
import { CURRENCY_CODES, RULES_1_2 } from '../../lib/focus/data/rules-1.2.ts';
import { columnsIn, FOCUS_RULES, MODEL_FAULTS } from '../../lib/focus/rules.ts';
import { currencyCodes, focusRules } from '../generate/focus-rules.ts';
import { describeWithShared, sharedData } from '../shared.ts';

describeWithShared('the rules of FOCUS 1.2', () => {
  test('are those of the official model', () => {
    const model = readFileSync(sharedData('focus', 'spec', 'model-1.2.json'), 'utf8');
    expect(RULES_1_2).toEqual(focusRules(model));
    const codes = readFileSync(sharedData('focus', 'spec', 'currency_codes.csv'), 'utf8');
    expect(CURRENCY_CODES).toEqual(currencyCodes(codes));
  });
});

test('every rule speaks of columns that FOCUS 1.2 has', () => {
  for (const { id, column, check, when } of FOCUS_RULES)
    for (const name of [column, ...columnsIn(check), ...(when === undefined ? [] : columnsIn(when))])
      expect([id, name, columnOf(name)?.name]).toEqual([id, name, name]);
});

test('every fault is one of a rule that the model has', () => {
  const ids = RULES_1_2.map(({ id }) => id);
  // The model's InvoiceId-C-003-C holds but the names of two other rules.
  const missing = MODEL_FAULTS.map(({ id }) => id).filter((id) => !ids.includes(id));
  expect(missing).toEqual(['InvoiceId-C-003-C']);
  expect(FOCUS_RULES.length).toBeGreaterThan(190);
});
