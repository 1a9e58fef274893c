import { nearest } from '../config/nearest.ts';
import { AI_CLASSES, AI_SPEND } from '../focus/ai/model.ts';
import { allDimensions, type Dimensions, UNALLOCATED } from '../lake/dimensions.ts';
import type { Lake } from '../lake/model.ts';
import { AXIS_NAMES, type SpendPart, spendByName, whereParam } from '../lake/queries/spend-by.ts';
import { type SpendDay, spendDaysName } from '../lake/queries/spend-days.ts';
import { BursarError } from '../platform/errors.ts';
import type { Conversion } from './converted.ts';
import { type Freshness, freshness } from './freshness.ts';
import { type ConvertedSpend, convertedSpend } from './spend-converted.ts';
import { type CurrencySpend, ofCurrency } from './spend-rows.ts';
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
  const { conversion } = question;
  const converted =
    conversion === null
      ? null
      : await convertedSpend(conversion, by, parts, classes, (axes) =>
          askDays(lake, question, axes, narrowed, conversion.into),
        );
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

async function askDays(
  lake: Lake,
  { window, sources }: SpendQuestion,
  by: readonly string[],
  where: ReadonlyMap<string, readonly string[]>,
  into: string,
): Promise<SpendDay[]> {
  const name = spendDaysName({ by, where: [...where.keys()] }, into);
  return await lake.ask<SpendDay>(name, paramsOf(window, where), sources);
}

function paramsOf(window: Window, where: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  const params: Record<string, string> = { ...window };
  for (const [axis, values] of where) params[whereParam(axis)] = JSON.stringify(values);
  return params;
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

function notesOf(by: readonly string[], parts: readonly SpendPart[], configured: Dimensions): string[] {
  return by.flatMap((axis, at) => {
    const all = parts.length > 0 && parts.every(({ key }) => key[at] === UNALLOCATED);
    if (!all) return [];
    return Object.hasOwn(configured, axis)
      ? [`No rule of the dimension ${axis} gives a value to any of these charges.`]
      : [`The config has no rules for ${axis}: add dimensions.${axis} to it.`];
  });
}
