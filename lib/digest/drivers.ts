import type { Cause, Moved, MovedBy } from '../analysis/movers/model.ts';
import { Decimal } from '../focus/decimal.ts';
import type { Phrase, PhrasePart } from './content-model.ts';
import type { DriverNames } from './insight-model.ts';

/** What each cause is called within a sentence, above and below zero. */
const WORDS: Readonly<Record<Exclude<Cause, 'new' | 'gone'>, readonly [more: string, less: string]>> = {
  quantity: ['more use', 'less use'],
  price: ['a higher price', 'a lower price'],
  days: ['a longer period', 'a shorter period'],
  commitment: ['less commitment cover', 'more commitment cover'],
  discount: ['smaller discounts', 'larger discounts'],
  credit: ['fewer credits', 'more credits'],
  'one-off': ['purchases', 'purchases that did not come again'],
  recurring: ['higher fees', 'lower fees'],
  tax: ['more tax', 'less tax'],
  correction: ['corrections of former periods', 'corrections of former periods'],
  unexplained: ['use or price (the bill tells no quantities)', 'use or price (the bill tells no quantities)'],
};

/** Within so much of the difference a cause is all of it: its own amount would say the same again. */
const WHOLE = '0.05';

/** What is less than this share of the difference is not worth a clause. */
const LEAST_SHARE = '0.05';

const name = (text: string): PhrasePart => ({ name: text });

/**
 * One plain sentence about what moved AI spend: who, how much, and the two causes that weigh most. It says nothing that
 * the bill does not.
 */
export function driverSentence(moved: Moved, { service, model, team }: DriverNames): Phrase {
  const subject: PhrasePart[] =
    model === null ? [name(service)] : [name(model), ...(service === '' ? [] : [' on ', name(service)])];
  return [
    ...costsMore([...subject, ...(team === null ? [] : [' for ', name(team)])], moved),
    ...reasons(moved),
    ...timesAsMuch(moved),
    '.',
  ];
}

/** The same of a service; `moved` is null where its causes are not known over the whole of both periods. */
export function moverSentence(
  service: string,
  change: { readonly currency: string; readonly difference: string; readonly percent: string | null },
  moved: Moved | null,
): Phrase {
  return [
    ...costsMore([service.trim() === '' ? 'What names no service' : name(service)], change),
    ...(moved === null
      ? ['; the bills do not tell why for the whole of both periods']
      : [...reasons(moved), ...timesAsMuch(moved)]),
    '.',
  ];
}

/** `EC2 for search costs $500 more (50%)` */
function costsMore(
  subject: readonly PhrasePart[],
  { currency, difference, percent }: Pick<Moved, 'currency' | 'difference' | 'percent'>,
): PhrasePart[] {
  const isLess = new Decimal(difference).isNegative();
  return [
    ...subject,
    ' costs ',
    { money: { amount: new Decimal(difference).abs().toFixed(), currency } },
    isLess ? ' less' : ' more',
    // `less` says the sign already.
    ...(percent === null ? [] : [' (', { percent: isLess ? percent.replace(/^-/, '') : percent }, ')']),
  ];
}

function reasons(moved: Moved): PhrasePart[] {
  const why = whyOf(moved);
  return why === null ? [] : [typeof why[0] === 'string' ? ', ' : ': ', ...why];
}

/** The causes that weigh most, largest first: `$8,714 from more use and $4,912 from 3 new resources`; null: none. */
export function whyOf(moved: Moved): Phrase | null {
  const least = new Decimal(moved.difference).abs().times(LEAST_SHARE);
  const causes = moved.by.filter(({ amount }) => new Decimal(amount).abs().gte(least)).slice(0, 2);
  const [only] = causes;
  if (only === undefined) return null;
  if (causes.length === 1) return ['from ', ...wordsOf(only, moved)];
  return causes.flatMap((cause, at): PhrasePart[] => [
    ...(at === 0 ? [] : [' and ']),
    { money: { amount: cause.amount, currency: moved.currency } },
    ' from ',
    ...wordsOf(cause, moved),
  ]);
}

/** The cause that weighs most, in as few words as it has, then `, ` and its amount where it is not all; null: there is none. */
export function mainCauseOf(moved: Moved): Phrase | null {
  const [first] = moved.by;
  if (first === undefined) return null;
  const rest = new Decimal(moved.difference).minus(first.amount).abs();
  return rest.lte(new Decimal(moved.difference).abs().times(WHOLE))
    ? fewWordsOf(first, moved)
    : [...fewWordsOf(first, moved), ', ', { money: { amount: first.amount, currency: moved.currency } }];
}

function wordsOf({ cause, amount }: MovedBy, { newResources, goneResources }: Moved): PhrasePart[] {
  if (cause === 'new')
    return counted(newResources, 'what was not charged before', 'a new resource', 'new resources');
  if (cause === 'gone')
    return counted(
      goneResources,
      'what is no longer charged',
      'a resource that is gone',
      'resources that are gone',
    );
  return [inWords(cause, amount)];
}

function fewWordsOf({ cause, amount }: MovedBy, { newResources, goneResources }: Moved): PhrasePart[] {
  if (cause === 'new') return counted(newResources, 'not charged before', 'new resource', 'new resources');
  if (cause === 'gone') return counted(goneResources, 'no longer charged', 'resource gone', 'resources gone');
  return [
    cause === 'unexplained' ? 'use or price, not told apart' : inWords(cause, amount).replace(/^a /, ''),
  ];
}

function inWords(cause: keyof typeof WORDS, amount: string): string {
  const [more, less] = WORDS[cause];
  return new Decimal(amount).isNegative() ? less : more;
}

function counted(count: number, unnamed: string, one: string, many: string): PhrasePart[] {
  if (count === 0) return [unnamed];
  return count === 1 ? [one] : [{ number: String(count) }, ` ${many}`];
}

/** `; 2.1 times as many Hrs` or `; 42.9% fewer Hrs`, where all use is counted in one unit and changed by a tenth or more. */
function timesAsMuch({ quantity }: Moved): PhrasePart[] {
  if (quantity === null || new Decimal(quantity.former).lte(0)) return [];
  const times = new Decimal(quantity.current).div(quantity.former);
  // Of no use at all the cause has said so.
  if (times.lte(0) || times.minus(1).abs().lt('0.1')) return [];
  const unit: PhrasePart = { name: unitName(quantity.unit) };
  if (times.gt(1)) return ['; ', { number: times.toFixed(times.gte(10) ? 0 : 1) }, ' times as many ', unit];
  const fewer = new Decimal(1).minus(times).times(100).toDecimalPlaces(1);
  return fewer.gte(100) ? ['; hardly any ', unit] : ['; ', { percent: fewer.toFixed() }, ' fewer ', unit];
}

/** Units are compared in lower case, whatever bills write; those of data are written as people do. */
function unitName(unit: string): string {
  return unit.replace(
    /^([kmgtp]i?)b(?![a-z])/,
    (_, size: string) => `${size.replace(/^./, (letter) => letter.toUpperCase())}B`,
  );
}
