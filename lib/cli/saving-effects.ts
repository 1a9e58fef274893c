import type { Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { significant } from '../digest/significant.ts';
import type { SavingEffect } from '../run/units/savings.ts';

const WIDEST = 160;

/** A stop with what the bills say it saved, and the numbers of each unit that paid for it before and after. */
export function effectLines({ from, until, saved, units }: SavingEffect, format: Format): string[] {
  const span = `stopped ${from.slice(0, 10)}${until === null ? '' : `, running again ${until.slice(0, 10)}`}`;
  return [
    `${span}: ${saved === null ? 'no bill tells yet what it saved' : `saved ${format.exact(saved)}`}`,
    ...(units.length === 0 ? ['no unit paid for it'] : []),
    ...units.flatMap(({ name, numbers }) =>
      numbers.map(
        ({ of, currency, change }) =>
          `${name}, ${of}${currency === null ? '' : ` ${currency}`}: ${change === null ? 'not enough days to tell' : `${significant(change.before)} before, ${significant(change.after)} after${change.percent === null ? '' : ` (${signed(change.percent)} %)`}`}`,
      ),
    ),
  ];
}

/** Percent with its sign. */
export function signed(percent: string): string {
  return percent.startsWith('-') ? percent : `+${percent}`;
}

/** A line of texts from bills, so far to the right. */
export function indented(text: string, by: number): string {
  return `${' '.repeat(by)}${plain(text, WIDEST)}`;
}
