import { Decimal } from '../focus/decimal.ts';
import type { DailySeries } from './content-model.ts';
import { counted } from './counted.ts';
import { eachDay } from './each-day.ts';
import type { Format } from './format.ts';
import { type Html, html } from './markup.ts';
import { exact } from './number.ts';

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 64;
const RIGHT = 18;
const BOTTOM = 24;
const TOP = 12;

/**
 * Daily cost as a bar chart in SVG: days of the period filled, those before it pale, credits below the zero line.
 * Colours come from the page's classes, so that one drawing serves light and dark.
 */
export function dailyChart(series: DailySeries, format: Format): Html {
  const { currency } = series;
  const days = eachDay(series);
  const values = series.days.map(({ amount }) => exact(amount));
  const scale = scaleOf(values);
  const y = (value: Decimal) =>
    pixel(scale.top.minus(value).div(scale.top.minus(scale.bottom)), TOP, HEIGHT - BOTTOM);
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, days.length);
  const zero = y(new Decimal(0));
  const every = Math.ceil(days.length / 10);
  const total = values.reduce((sum, value) => sum.plus(value), new Decimal(0));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Effective cost a day in ${currency}, ${counted(values.length, 'day')}, ${format.money({ amount: total.toFixed(), currency })} together">
${scale.lines.map((line) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(line)}" y2="${y(line)}"/><text class="tick" x="${LEFT - 8}" y="${y(line) + 4}" text-anchor="end">${format.money({ amount: line.toFixed(), currency })}</text>`)}
${days.map(({ day, amount, inPeriod }, at) => {
  const edge = y(exact(amount ?? '0'));
  const height = Math.max(1, Math.abs(zero - edge));
  return html`${amount === null ? '' : html`<rect class="${inPeriod ? 'bar' : 'bar before'}" x="${(LEFT + at * step + step * 0.14).toFixed(1)}" y="${Math.min(zero, edge)}" width="${(step * 0.72).toFixed(1)}" height="${height}" rx="2"><title>${format.day(day)}: ${format.exact({ amount, currency })}</title></rect>`}${
    (days.length - 1 - at) % every === 0
      ? html`<text class="tick" x="${(LEFT + (at + 0.5) * step).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="middle">${format.day(day)}</text>`
      : ''
  }`;
})}
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${zero}" y2="${zero}"/></svg>`;
}

/** Round steps (1, 2 or 5 times a power of ten) that hold zero and every value, three to six lines. */
function scaleOf(values: readonly Decimal[]): { top: Decimal; bottom: Decimal; lines: Decimal[] } {
  const low = Decimal.min(0, ...values);
  const high = Decimal.max(0, ...values);
  const range = high.minus(low);
  const rough = range.isZero() ? new Decimal(1) : range.div(4);
  const power = new Decimal(10).pow(rough.log(10).floor());
  const factor = [1, 2, 5, 10].find((one) => power.times(one).gte(rough)) ?? 10;
  const step = power.times(factor);
  const bottom = low.div(step).floor().times(step);
  const top = Decimal.max(high.div(step).ceil().times(step), bottom.plus(step));
  const lines: Decimal[] = [];
  for (let line = bottom; line.lte(top); line = line.plus(step)) lines.push(line);
  return { top, bottom, lines };
}

/** Where a share of the height lies, in pixels with one place: the one step where money becomes a picture. */
function pixel(share: Decimal, from: number, to: number): number {
  return share
    .times(to - from)
    .plus(from)
    .toDecimalPlaces(1)
    .toNumber();
}
