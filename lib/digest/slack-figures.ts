import type { Run } from '../notices/blocks.ts';
import type { DigestContent, SpendFigure } from './content-model.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { executiveValue, figureValue } from './words.ts';

const EXECUTIVE = 7;

interface Shown {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/**
 * The numbers of the message, a line each: how a phone places the fields of a section is not published.
 * @param currencies that are told beside each other; the thread has all
 * @param reasons whether what is unknown says why; the thread does
 */
export function figureLines(
  content: DigestContent,
  format: Format,
  { currencies, reasons }: { readonly currencies: number; readonly reasons: boolean },
): Run[][] {
  return [
    ...content.spend.slice(0, currencies).map((each) => run(spent(each, format))),
    ...(content.spend.length > currencies ? [['and other currencies, in the thread']] : []),
    ...month(content, format).map(run),
    ...forecast(content, format).map(run),
    ...(content.audience.kind === 'executive'
      ? content.executive.slice(0, EXECUTIVE).map((figure) =>
          run({
            label: plain(figure.label, 40),
            value: executiveValue(figure, format),
            note:
              figure.value === null && reasons ? `(${format.phrase(figure.note).replace(/\.$/, '')})` : '',
          }),
        )
      : [
          run(found(content, format)),
          [...run(saved(content, format)), ', ', ...run(inGrace(content, format))],
        ]),
  ];
}

function run({ label, value, note }: Shown): Run[] {
  return [`${label} `, { bold: value }, note === '' ? '' : ` ${note}`];
}

function spent({ currency, current, percent, former, missing, since }: SpendFigure, format: Format): Shown {
  return {
    label: 'Spent',
    value: format.money({ amount: current, currency }),
    note:
      missing.length > 0
        ? `partial: ${lacking(missing, format)}`
        : since !== null
          ? `since ${format.day(since)}, when bills begin`
          : former === null
            ? 'nothing to compare with'
            : percent === null
              ? ''
              : `(${format.percent(percent, true)})`,
  };
}

/** Days that any bill lacks; which bill lacks which is in the thread. */
function lacking(missing: SpendFigure['missing'], format: Format): string {
  const count = new Set(missing.flatMap(({ days }) => days)).size;
  return `${format.count(count)} ${count === 1 ? 'day' : 'days'} missing`;
}

/** The month up to its last settled day; of a budget for everything what of it is spent. */
function month({ month: all }: DigestContent, format: Format): Shown[] {
  return all.slice(0, 1).map(({ until, since, spent: amount, currency, budget }) => ({
    label: `Month to ${format.day(dayBefore(until))}`,
    value: format.money({ amount, currency }),
    note: [
      ...(since === null ? [] : [`since ${format.day(since)}`]),
      ...(budget === null ? [] : [`(${format.percent(budget.percent)} of budget)`]),
    ].join(' '),
  }));
}

/** The month's total as roughly as it is known, and the range that it lies in with the first of its probabilities. */
function forecast({ forecast: all }: DigestContent, format: Format): Shown[] {
  return all.slice(0, 1).flatMap(({ month: foreseen, until }) => {
    if (foreseen === null) return [];
    const [range] = foreseen.ranges;
    const [value = '', low = '', high = ''] = format.roughly(
      range === undefined ? [foreseen.total] : [foreseen.total, range.low, range.high],
    );
    return [
      {
        // Of which month it is, the line above says, where a day of it has settled.
        label:
          until > foreseen.start.slice(0, 10)
            ? 'Forecast'
            : `Forecast to ${format.day(dayBefore(foreseen.end))}`,
        value,
        note:
          range === undefined || low === high
            ? ''
            : `(${low}\u2013${high}, ${format.percent(String(range.level * 100))})`,
      },
    ];
  });
}

function found({ figures }: DigestContent, format: Format): Shown {
  const waste = figures.find(({ id }) => id === 'waste');
  return {
    label: 'Waste found',
    value: waste === undefined ? 'none' : figureValue(waste, format),
    note:
      waste?.unseen !== undefined && waste.count === 0
        ? '(nothing was looked at)'
        : waste === undefined || (waste.amounts.length === 0 && waste.estimated === undefined)
          ? ''
          : 'a month',
  };
}

/** What bills prove, and no estimate. */
function saved({ savings }: DigestContent, format: Format): Shown {
  return {
    label: 'Saved',
    value: savings === null || savings.realised.length === 0 ? 'none yet' : format.amounts(savings.realised),
    note: savings === null || savings.realised.length === 0 ? '' : 'by the bills',
  };
}

function inGrace({ life }: DigestContent, format: Format): Shown {
  const grace = life.find(({ id }) => id === 'in-grace');
  return {
    label: 'in grace',
    value: grace === undefined ? 'none' : format.count(grace.count),
    note:
      grace === undefined || grace.amounts.length === 0 ? '' : `(${format.amounts(grace.amounts)} a month)`,
  };
}

/** The last day that a half-open end leaves in. */
function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}
