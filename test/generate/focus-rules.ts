import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Expression, FocusRule } from '../../lib/focus/rules-model.ts';
import { sharedData } from '../shared.ts';

/*
 * Writes lib/focus/data/rules-1.2.ts from the official requirements model of FOCUS 1.2 in the shared data:
 * `node test/generate/focus-rules.ts`. A test compares the two.
 */

const criterion = z.object({
  MustSatisfy: z.string(),
  Keyword: z.string(),
  Requirement: z.record(z.string(), z.unknown()),
  Condition: z.record(z.string(), z.unknown()).optional(),
});
const model = z.object({
  ModelRules: z.record(
    z.string(),
    z.object({
      Function: z.string(),
      Reference: z.string(),
      EntityType: z.string(),
      Status: z.string(),
      Type: z.string(),
      ValidationCriteria: criterion,
    }),
  ),
});
type Rules = z.infer<typeof model>['ModelRules'];

const text = z.string();
const reference = z.object({ ModelRuleId: z.string() });
const amount = z.union([z.string(), z.number()]);
const checks = z.array(z.record(z.string(), z.unknown()));
const scalar = (value: unknown) => String(amount.parse(value));

/** One check of the model as an expression that is true where it is kept; null for what judges no row. */
function expression(check: Readonly<Record<string, unknown>>): Expression | null {
  const items = (value: unknown) =>
    checks
      .parse(Array.isArray(value) ? value : [value])
      .map(expression)
      .filter((each) => each !== null);
  // Two rules of the model write AND as a key, and some name the column under another key: meant is the same.
  if (check['AND'] !== undefined) return group('all', items(check['AND']));
  const column = () => text.parse(check['ColumnName'] ?? check['CheckCondition']);
  const pair = () => [text.parse(check['ColumnAName']), text.parse(check['ColumnBName'])] as const;
  switch (check['CheckFunction']) {
    case 'AND':
      return group('all', items(check['Items']));
    case 'OR':
      return group('any', items(check['Items']));
    case 'CheckValue':
      return check['Value'] === null ? ['null', column()] : ['is', column(), scalar(check['Value'])];
    case 'CheckNotValue':
      return check['Value'] === null ? ['filled', column()] : ['not', column(), scalar(check['Value'])];
    case 'CheckSameValue':
      return ['same', ...pair()];
    case 'CheckNotSameValue':
      return ['differ', ...pair()];
    case 'CheckGreaterOrEqualThanValue':
      return ['atLeast', column(), scalar(check['Value'])];
    case 'ColumnByColumnEqualsColumnValue':
      return ['product', ...pair(), text.parse(check['ResultColumnName'])];
    case 'CheckDistinctCount':
      return ['one', ...pair()];
    case 'CheckNationalCurrency':
      return ['currencyCode', column()];
    case 'FormatCurrency':
      return ['currency', column()];
    case 'FormatString':
      return ['ascii', column()];
    case 'FormatKeyValue':
      return ['object', column()];
    case 'TypeString':
    case 'TypeDecimal':
    case 'TypeDateTime':
    case 'FormatNumeric':
    case 'FormatDateTime':
    case 'CheckDecimalValue':
      return ['stored', column()];
    default:
      return null;
  }
}

/** Checks of other rules are judged under their own ids: what is left of a group without them may be nothing. */
function group(kind: 'all' | 'any', items: readonly Expression[]): Expression | null {
  return items.length === 0 ? null : [kind, ...items];
}

/** Ids of the composite rules that name each rule. */
function parentsOf(rules: Rules): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const [parent, { Function: kind, ValidationCriteria }] of Object.entries(rules)) {
    const items = ValidationCriteria.Requirement['Items'];
    if (kind !== 'Composite' || !Array.isArray(items)) continue;
    const named = items.flatMap((item) => {
      const read = reference.safeParse(item);
      return read.success ? [read.data.ModelRuleId] : [];
    });
    for (const id of new Set(named)) parents.set(id, [...(parents.get(id) ?? []), parent]);
  }
  return parents;
}

/** Conditions that a rule has itself, and those of the composite rules that name it. */
function conditions(rules: Rules, parents: ReadonlyMap<string, readonly string[]>, id: string): Expression[] {
  const own = rules[id]?.ValidationCriteria.Condition ?? {};
  return [
    ...[expression(own)].filter((each) => each !== null),
    ...(parents.get(id) ?? []).flatMap((parent) => conditions(rules, parents, parent)),
  ];
}

export function focusRules(source: string): FocusRule[] {
  const { ModelRules: rules } = model.parse(JSON.parse(source));
  const parents = parentsOf(rules);
  return Object.entries(rules)
    .flatMap(([id, { Function: kind, Reference, EntityType, Status, Type, ValidationCriteria }]) => {
      if (Status !== 'Active' || Type !== 'Static' || EntityType !== 'Column' || kind === 'Presence')
        return [];
      if (!/^MUST( NOT)?$/.test(ValidationCriteria.Keyword) || kind === 'Composite') return [];
      const check = expression(ValidationCriteria.Requirement);
      if (check === null) return [];
      const when = conditions(rules, parents, id);
      const must = ValidationCriteria.MustSatisfy;
      return [
        {
          id,
          column: Reference,
          must,
          check,
          ...(when.length === 0 ? {} : { when: ['all', ...when] as const }),
        },
      ];
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export function currencyCodes(csv: string): string[] {
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[1]?.trim() ?? '')
    .toSorted();
}

export function ruleFile(rules: readonly FocusRule[], codes: readonly string[]): string {
  return `import type { FocusRule } from '../rules-model.ts';

/**
 * What FOCUS 1.2 asks of every row: the rules of its requirements model that must be kept and that a machine can
 * judge from the rows alone. \`when\` holds the conditions of the rule and of those that contain it.
 *
 * Source: FOCUS requirements model 1.2 (github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, read in November
 * 2026), licence CC BY 4.0. Made by test/generate/focus-rules.ts: do not edit.
 */
export const RULES_1_2: readonly FocusRule[] = ${JSON.stringify(rules, null, 1)};

/** Codes of ISO 4217 as the FinOps Foundation's validator lists them (MIT). */
export const CURRENCY_CODES: readonly string[] = ${JSON.stringify(codes)};
`;
}

if (import.meta.main) {
  const source = await readFile(sharedData('focus', 'spec', 'model-1.2.json'), 'utf8');
  const codes = await readFile(sharedData('focus', 'spec', 'currency_codes.csv'), 'utf8');
  const target = join(import.meta.dirname, '../../lib/focus/data/rules-1.2.ts');
  await writeFile(target, ruleFile(focusRules(source), currencyCodes(codes)));
}
