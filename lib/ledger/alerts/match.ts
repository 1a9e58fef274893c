import { Decimal } from '../../focus/decimal.ts';
import type { Alert, AlertFacts } from './model.ts';

const DAY = 86_400_000;
/** Days that the same thing may seem to begin apart, as more days settle. */
const APART = 3;

type Key = Readonly<Record<string, string>>;
type Thing = Pick<
  AlertFacts,
  'subject' | 'alsoSeen' | 'source' | 'firstDay' | 'lastDay' | 'money' | 'measured'
>;

/**
 * The anomaly that is kept already for what a later judgement tells: of the same bill and currency, or of the same
 * number of a unit, off to the same side at about the same time, in the same series or in one that either of them was also seen in. As more days settle
 * its first day may move, and its finest cause become known; it stays the same alert.
 */
export function matching<T extends Thing>(facts: Thing, kept: readonly T[]): T | null {
  const near = kept.filter(
    (each) =>
      each.source === facts.source &&
      each.money?.currency === facts.money?.currency &&
      isLess(each) === isLess(facts) &&
      begins(facts) <= ends(each) + APART * DAY &&
      begins(each) <= ends(facts) + APART * DAY,
  );
  const same = near.find((each) => isSame(each.subject, facts.subject));
  const related = near.find(
    (each) =>
      facts.alsoSeen.some((key) => isSame(key, each.subject)) ||
      each.alsoSeen.some((key) => isSame(key, facts.subject)),
  );
  return same ?? related ?? null;
}

/** What names an anomaly that is seen for the first time, for its id. */
export function partsOf(thing: Thing & Pick<AlertFacts, 'kind'>): string[] {
  const { kind, subject, source, firstDay, money } = thing;
  const key = Object.entries(subject).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const side = isLess(thing) ? 'less' : 'more';
  return [kind, source ?? '', money?.currency ?? '', JSON.stringify(key), side, firstDay];
}

function isLess({ money, measured }: Pick<Thing, 'money' | 'measured'>): boolean {
  if (measured !== undefined && measured !== null) return new Decimal(measured.actual).lt(measured.expected);
  return money?.amount.startsWith('-') === true;
}

/** Is it an anomaly of a bill, as `matching` tells them apart? */
export function isAnomaly({ kind }: Pick<Alert, 'kind'>): boolean {
  return kind === 'anomaly';
}

function begins({ firstDay }: Thing): number {
  return Date.parse(firstDay);
}

function ends({ lastDay }: Thing): number {
  return Date.parse(lastDay);
}

function isSame(a: Key, b: Key): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((axis) => a[axis] === b[axis]);
}
