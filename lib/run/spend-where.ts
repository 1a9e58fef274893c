import { providerOf } from '../focus/provider.ts';
import { tagAxis } from '../lake/queries/spend-by.ts';
import { axisOf } from './spend.ts';

type OneOrMore = string | readonly string[];

/** What charges are narrowed to: values by axis or dimension, and by tag. */
export interface SpendWhere {
  readonly [key: string]: OneOrMore | Readonly<Record<string, OneOrMore>> | undefined;
}

/** By axis, which of its values count, as the config names them. @throws BursarError for a name that is no axis */
export function wantedOf(
  where: SpendWhere | undefined,
  known: readonly string[],
): Map<string, ReadonlySet<string>> {
  const wanted = new Map<string, ReadonlySet<string>>();
  for (const [name, given] of Object.entries(where ?? {})) {
    if (given === undefined) continue;
    if (name === 'tags' && isTags(given))
      for (const [key, values] of Object.entries(given)) wanted.set(tagAxis(key), new Set([values].flat()));
    else if (!isTags(given)) wanted.set(axisOf(name, known), new Set([given].flat()));
  }
  return wanted;
}

/** Of charges with these values of some axes: do they count? */
export function isWanted(
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  axes: readonly string[],
  values: readonly string[],
): boolean {
  return axes.every((axis, at) => wanted.get(axis)?.has(nameOf(axis, values[at] ?? '')) ?? false);
}

/** What the config calls a value that a bill has: a provider has one name, however bills write it. */
export function nameOf(axis: string, value: string): string {
  return axis === 'provider' ? providerOf(value) : value;
}

function isTags(
  given: OneOrMore | Readonly<Record<string, OneOrMore>>,
): given is Readonly<Record<string, OneOrMore>> {
  return typeof given === 'object' && !Array.isArray(given);
}
