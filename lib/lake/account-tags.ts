import type { DimensionRule, Dimensions } from './dimensions.ts';

/** Tags of an account by its id, as its organisation keeps them. */
export type AccountTags = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The tag keys of accounts that some rule asks for. */
export function accountTagKeys(dimensions: Dimensions): string[] {
  const keys = Object.values(dimensions).flatMap((rules) =>
    rules.flatMap((rule) => ('accountTag' in rule ? [rule.accountTag] : [])),
  );
  return [...new Set(keys)];
}

/**
 * The same dimensions with the tags of accounts as values by account, so that every engine, policy and check reads
 * them like a rule `account`. A blank value is none, as with the tag of a charge.
 */
export function withAccountTags<R extends DimensionRule>(
  dimensions: Readonly<Record<string, readonly R[]>>,
  accounts: AccountTags,
): Record<string, (R | { account: Record<string, string> })[]> {
  const written = (rule: R) => {
    if (!('accountTag' in rule)) return rule;
    const values = [...accounts].flatMap(([id, tags]) => {
      const value = Object.hasOwn(tags, rule.accountTag) ? (tags[rule.accountTag] ?? '').trim() : '';
      return value === '' ? [] : [[id, value] as const];
    });
    return { account: Object.fromEntries(values) };
  };
  return Object.fromEntries(Object.entries(dimensions).map(([name, rules]) => [name, rules.map(written)]));
}
