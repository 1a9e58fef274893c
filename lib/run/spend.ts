import { nearest } from '../config/nearest.ts';
import { AI_CLASSES, AI_SPEND } from '../focus/ai/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { allDimensions, type Dimensions, UNALLOCATED } from '../lake/dimensions.ts';
import type { Lake } from '../lake/model.ts';
import { AXIS_NAMES, type SpendPart, spendByName, whereParam } from '../lake/queries/spend-by.ts';
import { BursarError } from '../platform/errors.ts';
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

/** `bursar spend --format json`. Rows of a currency add up to its total to the last decimal. */
export interface SpendAnswer {
  readonly schemaVersion: 1;
  readonly by: readonly string[];
  /** UTC days, half-open; null where everything held was asked. */
  readonly window: Window | null;
  readonly currencies: readonly CurrencySpend[];
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
  const fresh = await freshness(lake, question.sources);
  const currencies = [...new Set(parts.map(({ currency }) => currency))].toSorted();
  return {
    schemaVersion: 1,
    by,
    window: isAll ? null : question.window,
    currencies: currencies.map((currency) => ofCurrency(currency, by, parts, classes)),
    freshness: fresh,
    notes: notesOf(by, parts, configured),
  };
}

async function ask(
  lake: Lake,
  { window, currency, sources }: SpendQuestion,
  by: readonly string[],
  where: ReadonlyMap<string, readonly string[]>,
): Promise<SpendPart[]> {
  const params: Record<string, string> = { ...window };
  for (const [axis, values] of where) params[whereParam(axis)] = JSON.stringify(values);
  const name = spendByName({ by, where: [...where.keys()] });
  const parts = await lake.ask<SpendPart>(name, params, sources);
  return currency === null ? parts : parts.filter((part) => part.currency === currency);
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
    share: decimal(total).isZero()
      ? null
      : decimal(part.effective).times(100).dividedBy(decimal(total)).toDecimalPlaces(1).toFixed(1),
    since: part.since.slice(0, 10),
    tokens: decimal(part.tokens).isZero() ? null : part.tokens,
    listEstimate: decimal(part.listEstimate).isZero() ? null : part.listEstimate,
    estimated: part.estimated,
  };
}

/** Times in their order; else the largest first, credits last. */
function largestFirst(a: SpendRow, b: SpendRow): number {
  const [axis = ''] = Object.keys(a.key);
  if (/^(day|month|billing_month)$/.test(axis) && a.key[axis] !== b.key[axis])
    return (a.key[axis] ?? '') < (b.key[axis] ?? '') ? -1 : 1;
  const difference = decimal(b.effective).comparedTo(decimal(a.effective));
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
  return decimalText(amounts.reduce((total, amount) => total.plus(decimal(amount)), new Decimal(0)));
}
