import { CLASS_RULES } from '../../focus/ai/class-rules.ts';
import { type ClassRule, type Extract, FIELDS, TOKEN_UNITS, type TokenRule } from '../../focus/ai/model.ts';
import { TOKEN_RULES } from '../../focus/ai/token-rules.ts';
import type { Dialect } from '../dialect/model.ts';
import { anyCase, type ColumnFinder } from './conditions.ts';
import { firstThatHolds } from './first-rule.ts';
import { type Derived, valueName } from './kinds.ts';

/**
 * ARN of an inference profile of Amazon Bedrock, its own or the application's (Amazon Bedrock User Guide, "Create an
 * application inference profile": `arn:aws:bedrock:REGION:ACCOUNT:application-inference-profile/ID`).
 */
const PROFILE = '^(arn:aws[a-z-]*:bedrock:[a-z0-9-]*:[0-9]*:(?:application-)?inference-profile/.+)$';

/** NULL that every engine takes for a text. */
const NO_TEXT = `NULLIF('', '')`;

/**
 * The AI columns of `costs`. What a source stored stands; else what the first rule that holds says; a row whose
 * class no rule names is `unknown`. Expressions cost only the queries that name their column.
 * @param own rules of the config, which are tried before the built-in ones
 * @param billers ProviderName of every charge, where that is known
 */
export function aiColumns(
  d: Dialect,
  find: ColumnFinder,
  own: readonly ClassRule[],
  billers?: readonly string[],
): Derived[] {
  const stored = (name: string) => {
    const held = find(name);
    return held === null ? [] : [d.name(held)];
  };
  const column = (name: string, ...values: readonly (string | null)[]): Derived => {
    const all = [...stored(name), ...values.filter((value) => value !== null)];
    return { name, sql: all.length > 1 ? `COALESCE(${all.join(', ')})` : (all[0] ?? NO_TEXT) };
  };
  const byToken = (value: (rule: TokenRule) => string | null) =>
    firstThatHolds(d, find, TOKEN_RULES, value, billers);
  const perUnit = d.name(valueName('x_TokenQuantity'));
  const tokenSteps = {
    ofKind: [{ name: 'x_TokenQuantity', sql: byToken((rule) => tokensSql(d, rule, -1)) ?? 'NULL' }],
    sql: column(
      'x_TokenQuantity',
      `CASE WHEN ${perUnit} > 0 THEN ${d.name('ConsumedQuantity')} * ${perUnit} WHEN ${perUnit} < 0 THEN ${d.name('PricingQuantity')} * -${perUnit} END`,
    ).sql,
  };
  return [
    column(
      'x_AiClass',
      firstThatHolds(d, find, [...own, ...CLASS_RULES], (rule) => d.text(rule.class), billers),
      d.text('unknown'),
    ),
    column(
      'x_AiModel',
      byToken(({ model }) => extractSql(d, find, model)),
    ),
    column(
      'x_AiModelVersion',
      byToken(({ version }) => extractSql(d, find, version)),
    ),
    column(
      'x_TokenKind',
      byToken(({ kind }) => d.text(kind)),
    ),
    {
      ...column('x_TokenQuantity', byToken((rule) => tokensSql(d, rule)) ?? d.decimal('NULL')),
      steps: tokenSteps,
    },
    column('x_InferenceProfile', d.capture(d.name('ResourceId'), PROFILE)),
    // Only sources know these: no text, no amount where none stores them.
    column('x_ApiKeyId'),
    column('x_ListEstimate', stored('x_ListEstimate').length > 0 ? null : d.decimal('NULL')),
  ];
}

function extractSql(d: Dialect, find: ColumnFinder, extract: Extract | undefined): string | null {
  if (extract === undefined) return null;
  const held = FIELDS[extract.from].map(find).filter((name) => name !== null);
  const captured = held.map((name) => d.capture(d.name(name), extract.pattern));
  if (captured.length === 0) return null;
  const first = captured.length === 1 ? (captured[0] ?? 'NULL') : `COALESCE(${captured.join(', ')})`;
  return extract.write === 'hyphens' ? `LOWER(REPLACE(${first}, ' ', '-'))` : first;
}

/**
 * Tokens of a row: its quantity times what its unit holds. The consumed quantity and unit come first, then those of
 * the price; a unit that names no known number of tokens gives NULL, never a guess.
 * @param priced by which sign the quantity of the price counts: with -1 and amounts of 1, the answer tells both what
 *   the unit holds and which of the two quantities it is of
 */
function tokensSql(d: Dialect, { units = [] }: TokenRule, priced: 1 | -1 = 1): string {
  const amount = (quantity: string, unit: string, sign: 1 | -1) =>
    [...TOKEN_UNITS, ...units].map(
      (each) =>
        `WHEN ${d.matches(d.trim(d.name(unit)), anyCase(`^(?:${each.unit})$`))} THEN ${d.name(quantity)} * ${sign * each.tokens}`,
    );
  const cases = (...of: [quantity: string, unit: string, sign: 1 | -1]) =>
    `CASE ${amount(...of).join(' ')} END`;
  return `COALESCE(${cases('ConsumedQuantity', 'ConsumedUnit', 1)}, ${cases('PricingQuantity', 'PricingUnit', priced)})`;
}
