import type { Provider } from '../estate/model.ts';
import { fold, keyFor, oneSlipApart, ownTags } from './tags.ts';

/** One thing wrong with the tags of a resource. */
export interface TagFault {
  readonly kind: 'key variant' | 'key typo' | 'value variant' | 'value not allowed';
  /** The tag as it is: `Owner =ana`. */
  readonly found: string;
  /** The exact change that puts it right; null where only its owner can know. */
  readonly fix: string | null;
  /** What could be meant, where that is not certain. */
  readonly hint: string | null;
}

/** What tags should look like. Made once for all resources. */
export class TagRules {
  readonly #keys: readonly string[];
  readonly #keysByFold: ReadonlyMap<string, readonly string[]>;
  readonly #allowed: ReadonlyMap<
    string,
    { values: ReadonlySet<string>; byFold: ReadonlyMap<string, string[]> }
  >;

  readonly #close = new Map<string, readonly string[]>();
  /** The keys in the form that each provider holds, to the key as it was named. */
  readonly #held = new Map<Provider, ReadonlyMap<string, string>>();

  /**
   * @param keys keys that the company uses: those with allowed values, and those that are required
   * @param allowed allowed values by key
   */
  constructor(keys: Iterable<string>, allowed: Readonly<Record<string, readonly string[]>>) {
    this.#keys = [...new Set([...Object.keys(allowed), ...keys])];
    this.#keysByFold = byFold(this.#keys);
    this.#allowed = new Map(
      Object.entries(allowed).map(([key, values]) => [
        key,
        { values: new Set(values), byFold: byFold(values) },
      ]),
    );
  }

  /** Faults of a resource's tags, in order of key. */
  faults(provider: Provider, tags: Readonly<Record<string, string>>): TagFault[] {
    const own = ownTags(provider, tags);
    let held = this.#held.get(provider);
    if (held === undefined)
      this.#held.set(provider, (held = new Map(this.#keys.map((key) => [keyFor(provider, key), key]))));
    const faults: { readonly key: string; readonly fault: TagFault }[] = [];
    for (const [key, value] of own) {
      const known = held.get(key);
      const found =
        known === undefined
          ? this.#keyFaults(provider, key, value, own)
          : this.#valueFaults(key, known, value);
      for (const fault of found) faults.push({ key, fault });
    }
    return faults.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ fault }) => fault);
  }

  #keyFaults(provider: Provider, key: string, value: string, own: ReadonlyMap<string, string>): TagFault[] {
    const folded = fold(key);
    const meant = this.#keysByFold.get(folded) ?? [];
    const only = meant.length === 1 ? meant[0] : undefined;
    if (only !== undefined) {
      const found = shown(key, value);
      const right = keyFor(provider, only);
      const there = own.get(right);
      const corrected = this.#correct(only, value);
      if (there === undefined)
        return [
          {
            kind: 'key variant',
            found,
            fix: corrected === null ? null : `rename ${quote(key)} to ${shown(right, corrected)}`,
            hint: corrected === null ? `rename the key to ${quote(right)}; its value is not allowed` : null,
          },
        ];
      return there === value
        ? [
            {
              kind: 'key variant',
              found,
              fix: `remove ${quote(key)}: ${shown(right, there)} says the same`,
              hint: null,
            },
          ]
        : [{ kind: 'key variant', found, fix: null, hint: `${shown(right, there)} says something else` }];
    }
    if (meant.length > 1)
      return [
        {
          kind: 'key variant',
          found: shown(key, value),
          fix: null,
          hint: `one of ${meant.map(quote).join(', ')}`,
        },
      ];
    const close = this.#closeTo(folded).filter((one) => !own.has(keyFor(provider, one)));
    return close.length === 0
      ? []
      : [
          {
            kind: 'key typo',
            found: shown(key, value),
            fix: null,
            hint: `perhaps ${close.map(quote).join(' or ')}`,
          },
        ];
  }

  /** Keys one slip from a folded word. Short words are one slip from too many others. */
  #closeTo(folded: string): readonly string[] {
    let close = this.#close.get(folded);
    if (close === undefined) {
      close = this.#keys.filter((one) => one.length >= 4 && oneSlipApart(folded, fold(one)));
      this.#close.set(folded, close);
    }
    return close;
  }

  #valueFaults(key: string, known: string, value: string): TagFault[] {
    const rule = this.#allowed.get(known);
    if (rule === undefined || rule.values.has(value)) return [];
    const corrected = this.#correct(known, value);
    return corrected === null
      ? [
          {
            kind: 'value not allowed',
            found: shown(key, value),
            fix: null,
            hint: `allowed: ${[...rule.values].map(quote).join(', ')}`,
          },
        ]
      : [
          {
            kind: 'value variant',
            found: shown(key, value),
            fix: `set ${shown(key, corrected)}`,
            hint: null,
          },
        ];
  }

  /** The allowed value that is meant for certain: the value itself, or the only one it is a spelling of; else null. */
  #correct(known: string, value: string): string | null {
    const rule = this.#allowed.get(known);
    if (rule === undefined || rule.values.has(value)) return value;
    const meant = rule.byFold.get(fold(value)) ?? [];
    return meant.length === 1 ? (meant[0] ?? null) : null;
  }
}

function byFold(words: readonly string[]): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const word of words) index.set(fold(word), [...(index.get(fold(word)) ?? []), word]);
  return index;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function shown(key: string, value: string): string {
  return `${quote(key)} = ${quote(value)}`;
}
