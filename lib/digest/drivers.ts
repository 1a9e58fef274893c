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

/** What is less than this share of the difference is not worth a clause. */
const LEAST_SHARE = '0.05';

const name = (text: string): PhrasePart => ({ name: text });

/**
 * One plain sentence about what moved: who, how much, and the two causes that weigh most. It says nothing that the
 * bill does not.
 */
export function driverSentence(moved: Moved, { service, model, team }: DriverNames): Phrase {
  const { currency, difference, percent } = moved;
  const isLess = new Decimal(difference).isNegative();
  const subject: PhrasePart[] =
    model === null ? [name(service)] : [name(model), ...(service === '' ? [] : [' on ', name(service)])];
  return [
    ...subject,
    ...(team === null ? [] : [' for ', name(team)]),
    ' costs ',
    { money: { amount: new Decimal(difference).abs().toFixed(), currency } },
    isLess ? ' less' : ' more',
    // `less` says the sign already.
    ...(percent === null ? [] : [' (', { percent: isLess ? percent.replace(/^-/, '') : percent }, ')']),
    ...reasons(moved),
    ...timesAsMuch(moved),
    '.',
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
  if (causes.length === 1) return ['from ', wordsOf(only, moved)];
  return causes.flatMap((cause, at): PhrasePart[] => [
    ...(at === 0 ? [] : [' and ']),
    { money: { amount: cause.amount, currency: moved.currency } },
    ' from ',
    wordsOf(cause, moved),
  ]);
}

/** The cause that weighs most, in as few words as it has; null where there is none. */
export function mainCauseOf(moved: Moved): Phrase | null {
  const [first] = moved.by;
  if (first === undefined) return null;
  // Which of the two the bill does not tell.
  if (first.cause === 'unexplained') return ['use or price'];
  return [
    wordsOf(first, moved)
      .replace(/^(?:an? |what (?:was|is) )/, '')
      .replace(/ that (?:is|are) gone$/, ' gone'),
  ];
}

function wordsOf({ cause, amount }: MovedBy, { newResources, goneResources }: Moved): string {
  if (cause === 'new') return counted(newResources, 'new resource', 'what was not charged before');
  if (cause === 'gone') return counted(goneResources, 'resource that is gone', 'what is no longer charged');
  const [more, less] = WORDS[cause];
  return new Decimal(amount).isNegative() ? less : more;
}

function counted(count: number, one: string, unnamed: string): string {
  if (count === 0) return unnamed;
  return count === 1
    ? `a ${one}`
    : `${count} ${one.replace('resource that is', 'resources that are').replace(/resource$/, 'resources')}`;
}

/** `; 2.1 times as many Hrs`, where all use is counted in one unit and changed by a tenth or more. */
function timesAsMuch({ quantity }: Moved): PhrasePart[] {
  if (quantity === null || new Decimal(quantity.former).lte(0)) return [];
  const times = new Decimal(quantity.current).div(quantity.former);
  if (times.isNegative() || times.minus(1).abs().lt('0.1')) return [];
  return [`; ${times.toFixed(times.gte(10) ? 0 : 1)} times as many `, { name: quantity.unit }];
}
