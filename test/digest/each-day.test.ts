import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { eachDay } from '../../lib/digest/each-day.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { digestText } from '../../lib/digest/text.ts';
import { fullInput } from './inputs.ts';

const GAP = ['2026-10-31', '2026-11-01', '2026-11-03'];

/** The whole of `fullInput`, without charges on some days. */
function without(days: readonly string[]) {
  const { daily } = fullInput();
  return digestContent(fullInput({ daily: daily.filter(({ day }) => !days.includes(day.slice(0, 10))) }));
}

test('days without a charge keep their places, over the end of a month, too', () => {
  const [series] = without(GAP).daily;
  if (series === undefined) throw new Error('a currency has days');
  const all = eachDay(series);
  expect(all.filter(({ amount }) => amount === null).map(({ day }) => day)).toEqual(GAP);
  expect(all.map(({ day }) => day)).toEqual(
    Array.from({ length: all.length }, (_, at) =>
      new Date(Date.parse(all[0]?.day ?? '') + at * 86_400_000).toISOString().slice(0, 10),
    ),
  );
  expect(eachDay({ days: [] })).toEqual([]);
});

const count = (text: string, of: RegExp) => text.match(of)?.length ?? 0;
const last = (html: string) => /<rect class="bar" x="(8\d\d\.\d)"/.exec(html)?.[1];

test('charts leave a gap where there was no charge, and close none up', () => {
  const [whole, gaps] = [without([]), without(GAP)];
  const spark = (content: typeof whole) =>
    /^\S+ \d+ ([▁-█ ]+) \S+ \d+ {2}USD a day/mu.exec(digestText(content))?.[1];
  expect(spark(gaps)).toHaveLength(spark(whole)?.length ?? 0);
  expect(spark(gaps)).toMatch(/[▁-█]  [▁-█] [▁-█]{5}$/u);
  expect(count(digestEmail(gaps), /<td style="padding:0 1px/g)).toBe(
    count(digestEmail(whole), /<td style="padding:0 1px/g),
  );
  expect(count(digestEmail(gaps), /font-size:0/g)).toBe(
    count(digestEmail(whole), /font-size:0/g) - GAP.length,
  );
  expect(count(digestHtml(gaps), /<rect class="bar/g)).toBe(
    count(digestHtml(whole), /<rect class="bar/g) - GAP.length,
  );
  expect(last(digestHtml(gaps))).toBe(last(digestHtml(whole)));
});
