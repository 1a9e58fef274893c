import type { Money } from '../focus/money.ts';
import type { Figure, Gap, Mover, Phrase, PhrasePart, SpendFigure } from './content-model.ts';
import type { PeriodKind } from './model.ts';
import { exact } from './number.ts';
import { shortService } from './service-name.ts';

/** The period in one sentence: what was spent, what moved it most, what could be saved, and what is unseen. */
export function story(told: {
  kind: PeriodKind;
  spend: readonly SpendFigure[];
  movers: readonly Mover[];
  figures: readonly Figure[];
  gaps: readonly Gap[];
  hasBill: boolean;
  /** The day on which all bills begin, where the period began before it. */
  begins: string | null;
  /** Was any scope of the estate seen at all? */
  looked: boolean;
}): Phrase {
  const unseen = told.gaps
    .filter(({ scopes }) => !(scopes.length === 1 && scopes[0] === 'bills'))
    .reduce((sum, { scopes }) => sum + scopes.length, 0);
  return [
    ...spending(told),
    ...saving(told.figures, told.looked),
    ...(unseen === 0 ? ['.'] : ['; ', ...count(unseen, 'scope was', 'scopes were'), ' not wholly seen.']),
  ];
}

type Told = Pick<Parameters<typeof story>[0], 'kind' | 'spend' | 'movers' | 'hasBill' | 'begins'>;

/** How spend of the main currency moved, and where most: what stands above figures that tell the rest. */
export function brief({ kind, spend, movers, hasBill, begins }: Told): Phrase {
  const lead = spend[0];
  if (!hasBill) return ['No bill was read.'];
  if (lead === undefined) return [...noCost(kind, begins), '.'];
  const { difference } = lead;
  if (difference === null)
    return begins === null
      ? [`No whole ${kind} before it to compare with.`]
      : ['The bills begin on ', { day: begins }, `: there is no whole ${kind} to compare.`];
  if (exact(difference).isZero()) return [`The same as the ${kind} before.`];
  return [...changed(lead, difference, kind), ...mostIn(lead, difference, movers), '.'];
}

/** `$1,148 (10%) more than the week before` */
function changed({ currency, percent }: SpendFigure, difference: string, kind: PeriodKind): PhrasePart[] {
  return [
    { money: { amount: absolute(difference), currency } },
    ...(percent === null ? [] : [' (', { percent: absolute(percent) }, ')']),
    exact(difference).gt(0) ? ' more' : ' less',
    ` than the ${kind} before`,
  ];
}

/** `, most of all in AWS Data Transfer`: the service that moved most in the same direction. */
function mostIn({ currency }: SpendFigure, difference: string, movers: readonly Mover[]): PhrasePart[] {
  const cause = movers.find(
    (mover) => mover.currency === currency && exact(mover.difference).gt(0) === exact(difference).gt(0),
  );
  if (cause === undefined) return [];
  const name = cause.service.trim() === '' ? 'what names no service' : { name: shortService(cause.service) };
  return [', most of all in ', name];
}

/** That nothing was charged is known only of days that bills tell of. */
function noCost(kind: PeriodKind, begins: string | null): PhrasePart[] {
  return begins === null
    ? [`No cost was billed this ${kind}`]
    : ['The bills begin on ', { day: begins }, `: what this ${kind} cost is not known`];
}

function spending({ kind, spend, movers, hasBill, begins }: Told): PhrasePart[] {
  const lead = spend[0];
  if (!hasBill) return ['No bill was read'];
  if (lead === undefined) return noCost(kind, begins);
  const lacking = new Set(spend.flatMap(({ missing }) => missing.flatMap(({ days }) => days))).size;
  const parts: PhrasePart[] = [
    ...inFlow(spend),
    ' spent',
    ...(exact(lead.current).lt(0) ? [' (more was credited than charged)'] : []),
    ...(begins === null ? [] : [' since ', { day: begins }, ', when the bills begin']),
    ...(lacking === 0
      ? []
      : [', as far as bills tell (', ...count(lacking, 'day is', 'days are'), ' missing in one)']),
  ];
  const { difference } = lead;
  if (difference === null) return parts;
  if (exact(difference).isZero()) return [...parts, `, the same as the ${kind} before`];
  return [...parts, ', ', ...changed(lead, difference, kind), ...mostIn(lead, difference, movers)];
}

function inFlow(spend: readonly SpendFigure[]): PhrasePart[] {
  return list(spend.map(({ current, currency }) => ({ amount: current, currency })));
}

function saving(figures: readonly Figure[], looked: boolean): PhrasePart[] {
  const waste = figures.find(({ id }) => id === 'waste');
  if (waste === undefined || waste.count === 0)
    return [looked ? '; no waste was found' : '; no resource was looked at'];
  if (waste.amounts.length === 0 && waste.estimated === undefined)
    return [
      '; ',
      ...count(waste.count, 'resource is', 'resources are'),
      ' wasted; what that could save is not known',
    ];
  const all = [...waste.amounts, ...(waste.estimated ?? [])];
  if (all.every(({ amount }) => exact(amount).isZero()))
    return [
      '; ',
      ...count(waste.count, 'resource is', 'resources are'),
      ' wasted, but stopping saves nothing',
    ];
  return [
    '; ',
    ...list(waste.amounts),
    ...(waste.estimated === undefined
      ? []
      : [waste.amounts.length === 0 ? 'about ' : ' and about ', ...list(waste.estimated), ' by list prices']),
    ' a month could be saved on ',
    ...count(waste.count - waste.unpriced - (waste.zero ?? 0), 'resource', 'resources'),
  ];
}

function list(amounts: readonly Money[]): PhrasePart[] {
  return amounts.flatMap((money, at) => [
    ...(at === 0 ? [] : [at === amounts.length - 1 ? ' and ' : ', ']),
    { money },
  ]);
}

function count(of: number, one: string, many: string): PhrasePart[] {
  return [{ number: String(of) }, ` ${of === 1 ? one : many}`];
}

function absolute(text: string): string {
  return text.startsWith('-') ? text.slice(1) : text;
}
