import { nearest } from '../config/nearest.ts';
import { AI_CLASSES, AI_SPEND } from '../focus/ai/model.ts';
import { Decimal, exactText } from '../focus/decimal.ts';
import { allDimensions, type Dimensions, UNALLOCATED } from '../lake/dimensions.ts';
import type { Lake } from '../lake/model.ts';
import { AXIS_NAMES, type SpendPart, spendByName, whereParam } from '../lake/queries/spend-by.ts';
import { type SpendDay, spendDaysName } from '../lake/queries/spend-days.ts';
import { BursarError } from '../platform/errors.ts';
import {
  type Amounts,
  type Apart,
  type Basis,
  type Conversion,
  ConvertedSum,
  Converter,
} from './converted.ts';
import { type Freshness, freshness } from './freshness.ts';
import type { Window } from './window.ts';

export interface SpendQuestion {
  /** Names as a person writes them: `team`, `ai-class`, `cost centre`. */
  readonly by: readonly string[];
  /** Values that an axis must have one of. */
  readonly where: readonly { readonly name: string; readonly value: string }[];
  readonly window: Window;
  readonly currency: string | null;
  /** AI spend alone. */
  readonly ai: boolean;
  /** Null: all that the lake holds. */
  readonly sources: readonly string[] | null;
  /** One sum over all currencies besides; null: each stays by itself. */
  readonly conversion: Conversion | null;
}

export interface SpendRow {
  /** Value by axis, in the order asked for; '' where the bill names none. */
  readonly key: Readonly<Record<string, string>>;
  readonly billed: string;
  readonly effective: string;
  /** Part of the currency's effective total, percent with one decimal; null where the total is zero. */
  readonly share: string | null;
  /** First UTC day on which it was charged, in all that is held. */
  readonly since: string;
  readonly tokens: string | null;
  readonly listEstimate: string | null;
  /** Some of its amounts are provisional. */
  readonly estimated: boolean;
}

export interface CurrencySpend {
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
  readonly rows: readonly SpendRow[];
  /** AI spend in total and by class, of what was asked for; null where nothing about AI was asked. */
  readonly ai: {
    readonly billed: string;
    readonly effective: string;
    readonly classes: readonly {
      readonly class: string;
      readonly billed: string;
      readonly effective: string;
    }[];
  } | null;
}

/** What a converted row is made of: charges of one currency, as billed, converted, and what of them had no rate. */
export interface ConvertedPart extends Amounts {
  readonly currency: string;
  readonly converted: Amounts;
  /** Amounts in `currency` that are not in `converted`. */
  readonly apart: Amounts | null;
}

/** A row over all currencies; its amounts are converted, and every decimal is kept. */
export interface ConvertedRow extends SpendRow {
  readonly of: readonly ConvertedPart[];
}

/** Everything in one currency: rows add up to the total to the last decimal. What has no rate is in `apart` alone. */
export interface ConvertedSpend extends Omit<CurrencySpend, 'rows'> {
  readonly rows: readonly ConvertedRow[];
  readonly basis: Basis;
  readonly apart: readonly Apart[];
}

/** `bursar spend --format json`. Rows of a currency add up to its total to the last decimal. */
export interface SpendAnswer {
  readonly schemaVersion: 1;
  readonly by: readonly string[];
  /** UTC days, half-open; null where everything held was asked. */
  readonly window: Window | null;
  readonly currencies: readonly CurrencySpend[];
  /** The same charges in one currency, where that was asked for. */
  readonly converted: ConvertedSpend | null;
  readonly freshness: readonly Freshness[];
  readonly notes: readonly string[];
}

/** Spend by any axes and dimensions. @throws BursarError for a name that is neither, with the nearest ones */
export async function spend(
  lake: Lake,
  question: SpendQuestion,
  configured: Dimensions,
  isAll: boolean,
): Promise<SpendAnswer> {
  const dimensions = allDimensions(configured);
  const known = [
    ...Object.keys(dimensions),
    ...AXIS_NAMES.filter((name) => !Object.hasOwn(dimensions, name)),
  ];
  const by = [...new Set(question.by.map((name) => axisOf(name, known)))];
  const narrowed = whereOf(question, known);
  const wantsAi = question.ai || by.includes('ai_class');
  const parts = await ask(lake, question, by, narrowed);
  const classes = wantsAi ? await ask(lake, question, ['ai_class'], narrowed) : null;
  const converted = await convertedSpend(lake, question, by, narrowed, parts, classes);
  const fresh = await freshness(lake, question.sources);
  const currencies = [...new Set(parts.map(({ currency }) => currency))].toSorted();
  return {
    schemaVersion: 1,
    by,
    window: isAll ? null : question.window,
    currencies: currencies.map((currency) => ofCurrency(currency, by, parts, classes)),
    converted,
    freshness: fresh,
    notes: [...notesOf(by, parts, configured), ...(await lake.overlaps(question.sources))],
  };
}

async function ask(
  lake: Lake,
  { window, currency, sources }: SpendQuestion,
  by: readonly string[],
  where: ReadonlyMap<string, readonly string[]>,
): Promise<SpendPart[]> {
  const name = spendByName({ by, where: [...where.keys()] });
  const parts = await lake.ask<SpendPart>(name, paramsOf(window, where), sources);
  return currency === null ? parts : parts.filter((part) => part.currency === currency);
}

function paramsOf(window: Window, where: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  const params: Record<string, string> = { ...window };
  for (const [axis, values] of where) params[whereParam(axis)] = JSON.stringify(values);
  return params;
}

async function convertedSpend(
  lake: Lake,
  question: SpendQuestion,
  by: readonly string[],
  where: ReadonlyMap<string, readonly string[]>,
  parts: readonly SpendPart[],
  classes: readonly SpendPart[] | null,
): Promise<ConvertedSpend | null> {
  const { conversion, window, sources } = question;
  if (conversion === null) return null;
  const days = async (axes: readonly string[]) => {
    const name = spendDaysName({ by: axes, where: [...where.keys()] }, conversion.into);
    return await lake.ask<SpendDay>(name, paramsOf(window, where), sources);
  };
  const converter = new Converter(conversion);
  const rows = convertedParts(parts, await days(by), converter);
  const byClass =
    classes === null ? null : convertedParts(classes, await days(['ai_class']), new Converter(conversion));
  const whole = ofCurrency(
    conversion.into,
    by,
    rows.map(({ part }) => part),
    byClass?.map(({ part }) => part) ?? null,
  );
  const madeOf = new Map(rows.map(({ part, of }) => [JSON.stringify(part.key), of]));
  return {
    ...whole,
    rows: whole.rows.map((row) => ({
      ...row,
      of: madeOf.get(JSON.stringify(by.map((axis) => row.key[axis]))) ?? [],
    })),
    basis: converter.basis,
    apart: converter.apart,
  };
}

/** The parts over all currencies, each once by its key, with what they are made of. */
function convertedParts(
  parts: readonly SpendPart[],
  days: readonly SpendDay[],
  converter: Converter,
): { part: SpendPart; of: ConvertedPart[] }[] {
  const daysOf = Map.groupBy(days, ({ key, currency }) => JSON.stringify([key, currency]));
  return [...Map.groupBy(parts, ({ key }) => JSON.stringify(key)).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const all = new ConvertedSum();
    const of = own.map(({ key, currency, billed, effective }) => {
      const its = daysOf.get(JSON.stringify([key, currency])) ?? [];
      const isSame = sum(its.map((each) => each.billed)) === exactText(new Decimal(billed));
      if (!isSame || sum(its.map((each) => each.effective)) !== exactText(new Decimal(effective)))
        throw new BursarError('conflict', 'a bill was replaced while it was asked', { hint: 'Ask again.' });
      const one = new ConvertedSum();
      for (const day of its) converter.add(day, one);
      all.plus(one);
      const [apart] = one.apart;
      return {
        currency,
        billed,
        effective,
        converted: one.amounts,
        apart: apart === undefined ? null : { billed: apart.billed, effective: apart.effective },
      };
    });
    const part = {
      key: first.key,
      currency: converter.into,
      ...all.amounts,
      tokens: sum(own.map(({ tokens }) => tokens)),
      listEstimate: exactText(all.listEstimate),
      rows: own.reduce((count, { rows }) => count + rows, 0),
      since: own.map(({ since }) => since).toSorted()[0] ?? first.since,
      estimated: own.some(({ estimated }) => estimated),
    };
    return [{ part, of }];
  });
}

/** The axis that a person means: case, blanks, hyphens and underscores make no difference. */
export function axisOf(written: string, known: readonly string[]): string {
  const name = written
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const meant = known.includes(name) ? name : ((Object.hasOwn(ALIASES, name) ? ALIASES[name] : null) ?? name);
  if (known.includes(meant)) return meant;
  const near = nearest(written, known);
  throw new BursarError('input', `there is no dimension ${JSON.stringify(written)}`, {
    hint: `${near === null ? '' : `Did you mean ${near.replaceAll('_', '-')}? `}Known: ${known.map((each) => each.replaceAll('_', '-')).join(', ')}.`,
  });
}

const ALIASES: Readonly<Record<string, string>> = {
  aiclass: 'ai_class',
  class: 'ai_class',
  cost_center: 'cost_centre',
  project: 'account',
  workspace: 'account',
  env: 'environment',
  sub_account: 'account',
  api_key: 'key',
  inference_profile: 'profile',
  version: 'model_version',
};

function whereOf({ where, ai }: SpendQuestion, axes: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { name, value } of where) {
    const axis = axisOf(name, axes);
    values.set(axis, [...(values.get(axis) ?? []), value]);
  }
  const classes = values.get('ai_class');
  const bad = classes?.find((each) => !AI_CLASSES.some((known) => known === each));
  if (bad !== undefined)
    throw new BursarError('input', `there is no AI class ${JSON.stringify(bad)}`, {
      hint: `${AI_CLASSES.join(', ')}.`,
    });
  if (ai)
    values.set(
      'ai_class',
      AI_SPEND.filter((each) => classes?.includes(each) ?? true),
    );
  return values;
}

function ofCurrency(
  currency: string,
  by: readonly string[],
  parts: readonly SpendPart[],
  classes: readonly SpendPart[] | null,
): CurrencySpend {
  const own = parts.filter((part) => part.currency === currency);
  const billed = sum(own.map((part) => part.billed));
  const effective = sum(own.map((part) => part.effective));
  const byClass = (classes ?? [])
    .filter((part) => part.currency === currency)
    .map(({ key, ...amounts }) => ({
      class: key[0] ?? '',
      billed: amounts.billed,
      effective: amounts.effective,
    }));
  const isAi = byClass.filter((each) => AI_SPEND.some((known) => known === each.class));
  return {
    currency,
    billed,
    effective,
    rows: own.map((part) => rowOf(part, by, effective)).toSorted(largestFirst),
    ai:
      classes === null
        ? null
        : {
            billed: sum(isAi.map((each) => each.billed)),
            effective: sum(isAi.map((each) => each.effective)),
            classes: byClass,
          },
  };
}

function rowOf(part: SpendPart, by: readonly string[], total: string): SpendRow {
  return {
    key: Object.fromEntries(by.map((axis, at) => [axis, part.key[at] ?? ''])),
    billed: part.billed,
    effective: part.effective,
    share: new Decimal(total).isZero()
      ? null
      : new Decimal(part.effective).times(100).dividedBy(total).toDecimalPlaces(1).toFixed(1),
    since: part.since.slice(0, 10),
    tokens: new Decimal(part.tokens).isZero() ? null : part.tokens,
    listEstimate: new Decimal(part.listEstimate).isZero() ? null : part.listEstimate,
    estimated: part.estimated,
  };
}

/** Times in their order; else the largest first, credits last. */
function largestFirst(a: SpendRow, b: SpendRow): number {
  const [axis = ''] = Object.keys(a.key);
  if (/^(day|month|billing_month)$/.test(axis) && a.key[axis] !== b.key[axis])
    return (a.key[axis] ?? '') < (b.key[axis] ?? '') ? -1 : 1;
  const difference = new Decimal(b.effective).comparedTo(a.effective);
  return difference !== 0 ? difference : JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1;
}

function notesOf(by: readonly string[], parts: readonly SpendPart[], configured: Dimensions): string[] {
  return by.flatMap((axis, at) => {
    const all = parts.length > 0 && parts.every(({ key }) => key[at] === UNALLOCATED);
    if (!all) return [];
    return Object.hasOwn(configured, axis)
      ? [`No rule of the dimension ${axis} gives a value to any of these charges.`]
      : [`The config has no rules for ${axis}: add dimensions.${axis} to it.`];
  });
}

function sum(amounts: readonly string[]): string {
  return exactText(amounts.reduce((total, amount) => total.plus(amount), new Decimal(0)));
}
