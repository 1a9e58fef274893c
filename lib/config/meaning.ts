import { decimal } from '../focus/decimal.ts';
import { nearest } from './nearest.ts';
import { quoted, shownPath } from './problems.ts';
import { CHECK_IDS, type Config } from './schema.ts';
import { WHERE_KEYS } from './sections/policies.ts';
import type { Path } from './yaml.ts';

/**
 * Axes of `bursar spend` that every bill has (`AXIS_NAMES` of lib/lake/queries/spend-by.ts). A dimension of such a name
 * could never be asked for, and its figures would be taken for those of the axis.
 */
export const SPEND_AXES = [
  'provider',
  'account',
  'account_name',
  'service',
  'category',
  'region',
  'resource',
  'charge',
  'source',
  'key',
  'profile',
  'ai_class',
  'token_kind',
  'transfer',
  'day',
  'month',
  'billing_month',
];

/** What no single value shows: names that must exist elsewhere in the config. */
export function meaningProblems(config: Config): { path: Path; message: string }[] {
  const dimensions = Object.keys(config.dimensions);
  const problems: { path: Path; message: string }[] = [];
  const mustBe = (path: Path, written: string, known: readonly string[], what: string) => {
    if (known.includes(written)) return;
    const near = nearest(written, known);
    const hint = near === null ? `known: ${known.join(', ') || 'none'}` : `did you mean ${near}?`;
    problems.push({
      path,
      message: `${shownPath(path)}: ${what} ${quoted(written)} is not known; ${hint}`,
    });
  };
  for (const name of dimensions)
    if (SPEND_AXES.includes(name))
      problems.push({
        path: ['dimensions', name],
        message: `${shownPath(['dimensions', name])}: bursar spend groups by ${quoted(name)} of the bill itself; give the dimension another name`,
      });
  for (const [at, policy] of config.policies.entries()) {
    const path = ['policies', at];
    mustBe([...path, 'check'], policy.check, [...CHECK_IDS, '*'], 'check');
    for (const key of Object.keys(policy.where ?? {}))
      mustBe([...path, 'where', key], key, [...WHERE_KEYS, ...dimensions], 'condition or dimension');
    if (policy.grace !== undefined && policy.mode !== 'stop')
      problems.push({
        path: [...path, 'grace'],
        message: `${shownPath([...path, 'grace'])}: only mode stop has a grace; this policy's mode is ${policy.mode}`,
      });
  }
  for (const [at, unit] of config.units.entries()) {
    for (const key of Object.keys(unit.spend ?? {}))
      mustBe(['units', at, 'spend', key], key, [...BUDGET_KEYS, ...dimensions], 'condition or dimension');
    if (config.units.findIndex(({ name }) => name === unit.name) !== at)
      problems.push({
        path: ['units', at, 'name'],
        message: `${shownPath(['units', at, 'name'])}: another unit is called ${quoted(unit.name)}`,
      });
  }
  for (const [at, budget] of config.budgets.entries()) {
    for (const key of Object.keys(budget.where ?? {}))
      mustBe(['budgets', at, 'where', key], key, [...BUDGET_KEYS, ...dimensions], 'condition or dimension');
    problems.push(...budgetProblems(config, at));
  }
  if (config.owners.creators && config.owners.domains.length === 0)
    problems.push({
      path: ['owners', 'creators'],
      message:
        'owners.creators: needs owners.domains: without them no address of a log is ever taken for an owner',
    });
  problems.push(...placeProblems(config));
  for (const [currency, { medium, high, critical }] of Object.entries(config.severity))
    if (decimal(medium).gt(high) || decimal(high).gt(critical))
      problems.push({
        path: ['severity', currency],
        message: `${shownPath(['severity', currency])}: medium, high and critical must not fall: found ${medium}, ${high}, ${critical}`,
      });
  return problems;
}

/** What a budget may be narrowed to besides dimensions that the config gives rules to. */
const BUDGET_KEYS = [
  'provider',
  'account',
  'project',
  'service',
  'category',
  'region',
  'resource',
  'charge',
  'source',
  'key',
  'profile',
  'aiClass',
  'model',
  'model_version',
  'tags',
];

/** Two budgets of one name could not be told apart; a window belongs to period window, and ends after it begins. */
function budgetProblems({ budgets }: Config, at: number): { path: Path; message: string }[] {
  const budget = budgets[at];
  if (budget === undefined) return [];
  const { name, period, window } = budget;
  const say = (key: string, why: string) => {
    const path: Path = ['budgets', at, key];
    return { path, message: `${shownPath(path)}: ${why}` };
  };
  return [
    ...(budgets.findIndex((each) => each.name === name) === at
      ? []
      : [say('name', `another budget is called ${quoted(name)}`)]),
    ...(period === 'window' && window === undefined
      ? [say('window', 'period window needs it: { start: DAY, end: DAY }')]
      : []),
    ...(period !== 'window' && window !== undefined
      ? [say('window', `belongs to period window; this budget's period is ${period}`)]
      : []),
    ...(window !== undefined && window.end <= window.start
      ? [say('window', `it ends on ${window.end}, not after its start ${window.start}`)]
      : []),
  ];
}

/** Kinds of source whose tables each engine reads in place. */
const READABLE = {
  athena: ['aws-focus-export'],
  trino: ['aws-focus-export'],
  bigquery: ['gcp-bigquery'],
} as const;

/** Sources that are asked in place must exist, be of a kind that the engine reads, and be named once. */
function placeProblems({ lake, sources }: Config): { path: Path; message: string }[] {
  const problems: { path: Path; message: string }[] = [];
  const named = new Set<string>();
  const places = [
    ...Object.keys(lake.athena?.tables ?? {}).map(
      (id) => ['athena', id, ['lake', 'athena', 'tables', id]] as const,
    ),
    ...Object.keys(lake.trino?.tables ?? {}).map(
      (id) => ['trino', id, ['lake', 'trino', 'tables', id]] as const,
    ),
    ...(lake.bigquery?.sources ?? []).map(
      (id, at) => ['bigquery', id, ['lake', 'bigquery', 'sources', at]] as const,
    ),
  ];
  for (const [engine, id, path] of places) {
    const source = Object.hasOwn(sources, id) ? sources[id] : undefined;
    const wanted: readonly string[] = READABLE[engine];
    const say = (why: string) =>
      problems.push({ path: [...path], message: `${shownPath([...path])}: ${quoted(id)} ${why}` });
    if (source === undefined) {
      const near = nearest(id, Object.keys(sources));
      say(
        `is no source; ${near === null ? `known: ${Object.keys(sources).join(', ') || 'none'}` : `did you mean ${near}?`}`,
      );
    } else if (!wanted.includes(source.type))
      say(`is of type ${source.type}, and ${engine} asks ${wanted.join(', ')} in place`);
    else if (source.type === 'gcp-bigquery' && source.location === undefined)
      say('names no location, which asking it in place takes');
    if (named.has(id)) say('has a table of another engine, too; name one');
    named.add(id);
  }
  if (lake.engine !== 'auto' && lake.engine !== 'duckdb' && lake[lake.engine] === undefined)
    problems.push({
      path: ['lake', 'engine'],
      message: `${shownPath(['lake', 'engine'])}: lake.${lake.engine} is missing, so there is nothing to ask it`,
    });
  return problems;
}
