import { decimal } from '../focus/decimal.ts';
import { nearest } from './nearest.ts';
import { quoted, shownPath } from './problems.ts';
import { CHECK_IDS, type Config } from './schema.ts';
import { WHERE_KEYS } from './sections.ts';
import type { Path } from './yaml.ts';

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
  for (const section of ['budgets', 'units'] as const)
    for (const [at, entry] of config[section].entries())
      for (const key of Object.keys(entry.where ?? {}))
        mustBe([section, at, 'where', key], key, dimensions, 'dimension');
  for (const [currency, { medium, high, critical }] of Object.entries(config.severity))
    if (decimal(medium).gt(high) || decimal(high).gt(critical))
      problems.push({
        path: ['severity', currency],
        message: `${shownPath(['severity', currency])}: medium, high and critical must not fall: found ${medium}, ${high}, ${critical}`,
      });
  return problems;
}
