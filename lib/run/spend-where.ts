import { providerOf } from '../focus/provider.ts';
import { tagAxis } from '../lake/queries/spend-by.ts';
import { axisOf } from './spend.ts';

type OneOrMore = string | readonly string[];

/** What charges are narrowed to: values by axis or dimension, and by tag. */
export interface SpendWhere {
  readonly [key: string]: OneOrMore | Readonly<Record<string, OneOrMore>> | undefined;
}

/** By axis, which of its values count. @throws BursarError for a name that is no axis */
export function wantedOf(
  where: SpendWhere | undefined,
  known: readonly string[],
): Map<string, (value: string) => boolean> {
  const wanted = new Map<string, (value: string) => boolean>();
  for (const [name, given] of Object.entries(where ?? {})) {
    if (given === undefined) continue;
    if (name === 'tags' && isTags(given))
      for (const [key, values] of Object.entries(given)) {
        const any = [values].flat();
        wanted.set(tagAxis(key), (value) => any.includes(value));
      }
    else if (!isTags(given)) {
      const any = [given].flat();
      const axis = axisOf(name, known);
      wanted.set(axis, (value) => any.includes(axis === 'provider' ? providerOf(value) : value));
    }
  }
  return wanted;
}

function isTags(
  given: OneOrMore | Readonly<Record<string, OneOrMore>>,
): given is Readonly<Record<string, OneOrMore>> {
  return typeof given === 'object' && !Array.isArray(given);
}
