import { expect, test } from 'vitest';
import { digestFormat } from '../../lib/digest/format.ts';

const format = digestFormat('Europe/Berlin');
const of = (amount: string, currency = 'USD') => ({ amount, currency });

test('money is written from its decimal text, half-even, with the places of its currency', () => {
  expect(format.exact(of('2.345'))).toBe('$2.34');
  expect(format.exact(of('2.355'))).toBe('$2.36');
  expect(format.exact(of('1234.5', 'JPY'))).toBe('¥1,234');
  expect(format.exact(of('1.2345', 'KWD'))).toBe('KWD\u00a01.234');
  // 20 digits and 18 places, more than a float holds
  expect(format.exact(of('99999999999999999999.994999999999999999'))).toBe('$99,999,999,999,999,999,999.99');
});

test('from a hundred on cents are left out, and nothing is never minus nothing', () => {
  expect(format.money(of('99.994'))).toBe('$99.99');
  expect(format.money(of('100.5'))).toBe('$100');
  expect(format.money(of('-0.001'))).toBe('$0.00');
  expect(format.money(of('0'))).toBe('$0');
  expect(format.money(of('-1200'))).toBe('-$1,200');
});

test('a change has its sign', () => {
  expect([of('40'), of('-40'), of('0')].map((money) => format.change(money))).toEqual([
    '+$40.00',
    '-$40.00',
    '$0',
  ]);
  expect(['12.345', '0', '-3', '5000'].map((text) => format.percent(text, true))).toEqual([
    '+12.3%',
    '0%',
    '-3%',
    '>999%',
  ]);
});

test('a currency that ISO 4217 does not know is written behind its number', () => {
  expect(format.money(of('1234.5', 'AI-CREDITS'))).toBe('1,234 AI-CREDITS');
  expect(format.amounts([of('1', 'EUR'), of('2')])).toBe('€1.00 + $2.00');
});

test('a period is told by its days, which are UTC; a moment in the zone of the organisation', () => {
  const interval = { start: '2026-10-19T00:00:00.000Z', end: '2026-10-26T00:00:00.000Z' };
  expect(format.period(interval).replaceAll(/[\u2009\u202f]/g, ' ')).toBe('Oct 19 – 25, 2026');
  expect(digestFormat('America/New_York').period(interval)).toBe(format.period(interval));
  expect(format.instant('2026-10-25T23:00:00Z')).toBe('Oct 26, 2026, 00:00 GMT+1');
});

test('another language writes its own way', () => {
  expect(digestFormat('Europe/Berlin', 'de-DE').money(of('1234567.8', 'EUR'))).toBe('1.234.568\u00a0€');
});
