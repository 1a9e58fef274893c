import type { Money } from '../focus/money.ts';
import type { Phrase } from './content-model.ts';
import type { Interval } from './model.ts';
import { NAMELESS, plain } from './names.ts';
import { exact } from './number.ts';

/** How numbers and times are written for one reader: their language and the organisation's zone. */
export interface Format {
  /** `$12,346` from a hundred on, `$12.35` below; half-even from the decimal text itself. */
  money(money: Money): string;
  /** `$52K`, two digits that count, or as many as tell these apart: for what is known roughly alone. */
  roughly(amounts: readonly Money[]): string[];
  /** With all places that the currency has. */
  exact(money: Money): string;
  /** With its sign, `+$40` or `-$40`; `$0` for none. */
  change(money: Money): string;
  /** `12.3%`; the text is in percent. */
  percent(text: string, sign?: boolean): string;
  count(value: number): string;
  /** Of decimal text, at most two places; below one, three digits that count. */
  number(text: string): string;
  /** What one of something costs, often far below a cent: four digits that count. */
  rate(money: Money): string;
  /** Amounts of several currencies beside each other; `-` for none. */
  amounts(amounts: readonly Money[]): string;
  phrase(phrase: Phrase): string;
  /** `Nov 2 – 8, 2026`: both ends inclusive, as people say it. */
  period(interval: Interval): string;
  /** `Nov 9, 2026, 07:00 CET` */
  instant(iso: string): string;
  /** `Nov 9, 07:00 CET` */
  moment(iso: string): string;
  /** `Nov 8` of a calendar day. */
  day(day: string): string;
}

/** By zone and locale. Each holds formatters of ICU, which take longer to make than a message does to write. */
const kept = new Map<string, Format>();

/** ICU, which Intl stands on, takes a decimal text without making a float of it (ECMA-402 2023, NumberFormat v3). */
export function digestFormat(timezone: string, locale = 'en-US'): Format {
  const key = JSON.stringify([timezone, locale]);
  const format = kept.get(key) ?? formatOf(timezone, locale);
  kept.set(key, format);
  return format;
}

function formatOf(timezone: string, locale: string): Format {
  const cached = new Map<string, Intl.NumberFormat>();
  const number = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const key = JSON.stringify(options);
    const known = cached.get(key) ?? new Intl.NumberFormat(locale, { ...options, roundingMode: 'halfEven' });
    cached.set(key, known);
    return known;
  };
  const write = ({ amount, currency }: Money, options: Intl.NumberFormatOptions): string => {
    const text = digits(amount);
    return /^[A-Za-z]{3}$/.test(currency)
      ? number({ style: 'currency', currency, signDisplay: 'negative', ...options }).format(text)
      : `${number({ signDisplay: 'negative', maximumFractionDigits: 2, ...options }).format(text)} ${plain(currency, 20)}`;
  };
  // Bounds of periods are calendar dates at midnight UTC, since bills count UTC days.
  const span = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'medium' });
  const clock = {
    timeZone: timezone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  } as const;
  const time = new Intl.DateTimeFormat(locale, { ...clock, year: 'numeric' });
  const thisYear = new Intl.DateTimeFormat(locale, clock);
  const calendar = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'short', day: 'numeric' });
  // Beyond ten times a percentage tells nothing but that the former amount was next to nothing.
  const percent = (text: string, sign = false): string => {
    const share = exact(text);
    const style = { style: 'unit', unit: 'percent', maximumFractionDigits: 1 } as const;
    if (share.abs().gt(999))
      return `${share.gt(0) ? '>' : '<'}${number(style).format(share.gt(0) ? '999' : '-999')}`;
    const signDisplay = sign ? 'exceptZero' : 'negative';
    return number({ ...style, signDisplay }).format(digits(text));
  };
  const money = (value: Money) => write(value, brief(value));
  const plainNumber = (text: string) =>
    number(exact(text).abs().gte(1) ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 2 }).format(
      digits(text),
    );
  return {
    money,
    roughly: (amounts) => {
      const rounded = (digitsShown: number) =>
        amounts.map((each) => write(each, { notation: 'compact', maximumSignificantDigits: digitsShown }));
      const apart = new Set(amounts.map(money)).size;
      return [2, 3, 4].map(rounded).find((texts) => new Set(texts).size >= apart) ?? rounded(5);
    },
    exact: (value) => write(value, {}),
    change: (value) => write(value, { ...brief(value), signDisplay: 'exceptZero' }),
    percent,
    count: (value) => number({ maximumFractionDigits: 0 }).format(value),
    number: plainNumber,
    rate: (value) => {
      const size = exact(value.amount).abs();
      return size.isZero() || size.gte(1) ? write(value, {}) : write(value, { maximumSignificantDigits: 4 });
    },
    amounts: (amounts) => (amounts.length === 0 ? '-' : amounts.map(money).join(' + ')),
    phrase: (phrase) =>
      phrase
        .map((part) => {
          if (typeof part === 'string') return part;
          if ('money' in part) return money(part.money);
          if ('percent' in part) return percent(part.percent);
          if ('number' in part) return plainNumber(part.number);
          if ('day' in part) return calendar.format(new Date(`${part.day}T00:00:00Z`));
          return plain(part.name, 60) || NAMELESS;
        })
        .join(''),
    // A bill that names no end of its charges ends where they begin.
    period: ({ start, end }) =>
      span.formatRange(new Date(start), new Date(Math.max(Date.parse(start), Date.parse(end) - 1))),
    instant: (iso) => time.format(new Date(iso)),
    moment: (iso) => thisYear.format(new Date(iso)),
    day: (day) => calendar.format(new Date(`${day}T00:00:00Z`)),
  };
}

/** From a hundred on cents are noise. */
function brief({ amount }: Money): Intl.NumberFormatOptions {
  const value = exact(amount);
  return value.isZero() || value.abs().gte(100) ? { maximumFractionDigits: 0, minimumFractionDigits: 0 } : {};
}

function digits(text: string): Intl.StringNumericLiteral {
  const plainly = exact(text).toFixed();
  if (!isNumeric(plainly)) throw new RangeError(`not a number: ${plainly}`);
  return plainly;
}

function isNumeric(text: string): text is Intl.StringNumericLiteral {
  return /^-?\d+(\.\d+)?$/.test(text);
}
