import type { Condition } from '../../focus/ai/model.ts';
import { type BillProvider, providerOf } from '../../focus/provider.ts';
import type { Dialect } from '../dialect/model.ts';
import { type ColumnFinder, conditionSql, providerSql, serviceSql } from './conditions.ts';

interface Rule {
  readonly when: Condition;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * The value of the first rule that holds, NULL where none does. Rules that follow each other for one biller are
 * asked only of its rows, and those of one service only of that service's: a pattern is matched once for all of them.
 * @param billers ProviderName of every charge, where that is known: rules for others hold for none and are left out
 */
export function firstThatHolds<R extends Rule>(
  d: Dialect,
  find: ColumnFinder,
  rules: readonly R[],
  value: (rule: R) => string | null,
  billers?: readonly string[],
): string | null {
  // A CASE of NULLs alone is an INT64 to BigQuery, which no text can be put beside.
  const tells = (run: readonly R[]) => run.some((rule) => value(rule) !== null);
  const ofService = (run: readonly R[]): string => {
    const service = run[0]?.when.service;
    const whens = run.map(
      (rule) =>
        `WHEN ${conditionSql(d, find, rule.when, rule, ['provider', 'service'])} THEN ${value(rule) ?? 'NULL'}`,
    );
    const inner = `CASE ${whens.join(' ')} END`;
    return service === undefined ? inner : `CASE WHEN ${serviceSql(d, find, service)} THEN ${inner} END`;
  };
  const ofProvider = (run: readonly R[]): string => {
    const provider = run[0]?.when.provider;
    const services = runsBy(run, ({ when }) => when.service).filter(tells);
    const inner = firstOf(services.map(ofService));
    return provider === undefined ? inner : `CASE WHEN ${providerSql(d, provider)} THEN ${inner} END`;
  };
  const some = rules.filter(({ when }) => when.provider === undefined || mayBe(when.provider, billers));
  const providers = runsBy(some, ({ when }) => when.provider).filter(tells);
  return providers.length === 0 ? null : firstOf(providers.map(ofProvider));
}

/** Can a charge be of this biller? An engine may know other lower letters than we do: only plain names are judged. */
function mayBe(provider: BillProvider, billers: readonly string[] | undefined): boolean {
  return billers?.some((name) => !/^[ -~]*$/.test(name) || providerOf(name) === provider) ?? true;
}

/** Elements that follow each other and have the same key. */
function runsBy<T>(all: readonly T[], key: (each: T) => string | undefined): T[][] {
  const runs: T[][] = [];
  for (const each of all) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && key(last[0]) === key(each)) last.push(each);
    else runs.push([each]);
  }
  return runs;
}

function firstOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? 'NULL') : `COALESCE(${values.join(', ')})`;
}
