import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canonicalValue, columnOf, FOCUS_COLUMNS } from '../../lib/focus/columns.ts';
import { describeWithShared, sharedData } from '../shared.ts';

interface Rule {
  ApplicabilityCriteria?: string[];
  ValidationCriteria: {
    Keyword: string;
    Condition?: object;
    Requirement: {
      CheckFunction?: string;
      ColumnName?: string;
      Value?: unknown;
      Items?: { CheckFunction?: string; ColumnName?: string; Value?: string }[];
    };
  };
}

const byText = (a = '', b = ''): number => (a < b ? -1 : 1);

describeWithShared('columns of FOCUS 1.2 are those of the requirements model', () => {
  const model: { ModelRules: Record<string, Rule> } = JSON.parse(
    readFileSync(sharedData('focus', 'spec', 'model-1.2.json'), 'utf8'),
  );
  const rules = Object.values(model.ModelRules).map(
    ({ ValidationCriteria: { Keyword, Condition, Requirement }, ApplicabilityCriteria }) => ({
      keyword: Keyword,
      always: Object.keys(Condition ?? {}).length === 0,
      required: (ApplicabilityCriteria ?? []).length === 0,
      check: Requirement.CheckFunction,
      column: Requirement.ColumnName ?? Requirement.Items?.[0]?.ColumnName,
      value: Requirement.Value,
      items: Requirement.Items,
    }),
  );
  const of = (check: string) => rules.filter((rule) => rule.check === check);

  test('names, in order', () => {
    const names = [...new Set(of('ColumnPresent').map(({ column }) => column))];
    expect(FOCUS_COLUMNS.map(({ name }) => name)).toEqual(names.toSorted(byText));
  });

  test('levels', () => {
    for (const [column, present] of Map.groupBy(of('ColumnPresent'), (rule) => rule.column)) {
      // Three columns of PricingCurrency are asked for by one rule a case, so under conditions.
      const [only] = present.length === 1 ? present : [];
      const level =
        only?.keyword === 'RECOMMENDED'
          ? 'recommended'
          : only?.keyword === 'MUST' && only.required
            ? 'mandatory'
            : 'conditional';
      expect([column, columnOf(column ?? '')?.level]).toEqual([column, level]);
    }
  });

  test('kinds', () => {
    const typed = new Map(
      rules.filter(({ check }) => check?.startsWith('Type')).map(({ check, column }) => [column, check]),
    );
    const types = {
      text: 'TypeString',
      money: 'TypeDecimal',
      decimal: 'TypeDecimal',
      datetime: 'TypeDateTime',
      json: undefined,
      boolean: null,
    };
    for (const { name, kind } of FOCUS_COLUMNS) expect([name, typed.get(name)]).toEqual([name, types[kind]]);
  });

  test('nullability, but for InvoiceId, which the text of the specification lets be null', () => {
    const never = rules.filter(
      ({ check, keyword, value, always }) =>
        check === 'CheckNotValue' && keyword === 'MUST NOT' && value === null && always,
    );
    const names = never.map(({ column }) => column).filter((name) => name !== 'InvoiceId');
    expect(FOCUS_COLUMNS.filter(({ nullable }) => !nullable).map(({ name }) => name)).toEqual(
      [...new Set(names)].toSorted(byText),
    );
  });

  test('allowed values, but for CommitmentDiscountStatus, where the model is at fault', () => {
    const lists = of('OR').filter(({ items }) =>
      items?.every(({ CheckFunction }) => CheckFunction === 'CheckValue'),
    );
    expect(lists.length).toBeGreaterThan(6);
    for (const { column, items } of lists.filter((rule) => rule.column !== 'CommitmentDiscountStatus'))
      expect([column, columnOf(column ?? '')?.allowed]).toEqual([column, items?.map(({ Value }) => Value)]);
    expect(columnOf('CommitmentDiscountStatus')?.allowed).toEqual(['Used', 'Unused']);
  });
});

describe('a value in other spelling', () => {
  const category = columnOf('ChargeCategory');
  if (category === undefined) throw new Error('ChargeCategory is a column');
  test.each([
    ['usage', 'Usage'],
    [' TAX ', 'Tax'],
    ['Credit', 'Credit'],
    ['Rebate', null],
  ])('%j is %j', (text, value) => {
    expect(canonicalValue(category, text)).toBe(value);
  });
});
