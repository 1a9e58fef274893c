import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Decimal, decimalText, parseDecimal } from '../../../lib/focus/decimal.ts';
import { openSession, type Session } from '../../../lib/lake/ingest/session.ts';
import { literal } from '../../../lib/lake/ingest/sql-text.ts';
import { folder } from './fixtures.ts';

// A DuckDB of its own for each test: quick alone, slow where all files run at once.
vi.setConfig({ testTimeout: 60_000 });

const characters = (text: string): string[] => text.split('');
const shown = (value: unknown): string | null =>
  typeof value === 'string' ? decimalText(new Decimal(value)) : null;
const digits = (max: number) =>
  fc.string({ unit: fc.constantFrom(...characters('00011234567895')), maxLength: max });
const number = fc
  .tuple(
    fc.constantFrom('', '', '-', '+'),
    digits(24),
    fc.option(digits(24)),
    fc.option(
      fc.tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.integer({ min: 0, max: 40 })),
    ),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : exponent.join('')}`,
  );
const anything = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('', '-'), digits(7), digits(16))
      .map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  },
  { weight: 6, arbitrary: number },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom(...characters('0123456789.eE+-_, xNa')), maxLength: 12 }),
  },
);

const list = (texts: readonly string[]): string => `[${texts.map(literal).join(', ')}]::VARCHAR[]`;

async function withSession<T>(body: (session: Session) => Promise<T>): Promise<T> {
  using session = await openSession(await folder(), 200);
  return await body(session);
}

describe('decimals in SQL', () => {
  test('a text is what parseDecimal says: the same value, or none', async () => {
    await withSession(async (session) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anything, { minLength: 100, maxLength: 100 }), async (texts) => {
          const rows = await session.rows(
            `SELECT CAST(exact_decimal(t) AS VARCHAR) AS d FROM (SELECT unnest(${list(texts)}) AS t)`,
          );
          const read = rows.map((row) => shown(row['d']));
          const expected = texts.map((text) => {
            // The text is trimmed before it comes here.
            const parsed = text === text.trim() ? parseDecimal(text) : ({ ok: false } as const);
            return parsed.ok ? decimalText(parsed.value) : null;
          });
          expect(read.map((value, index) => [texts[index], value])).toEqual(
            expected.map((value, index) => [texts[index], value]),
          );
        }),
        { numRuns: 20 },
      );
    });
  });

  test('a double is its shortest decimal, rounded half-even to 18 places, and counted where that changes it', async () => {
    const double = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -1, max: 1 }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 10_000),
      // Up to and beyond 15 digits and 12 places, where one way of reading ends and the next begins.
      fc
        .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 16 }))
        .map(([whole, places]) => whole / 10 ** places),
      fc.integer({ min: -9999, max: 9999 }).map((part) => part * 5e-19),
      fc.integer({ min: 1, max: 99 }).map((part) => part / 1e20),
    );
    await withSession(async (session) => {
      await fc.assert(
        fc.asyncProperty(fc.array(double, { minLength: 100, maxLength: 100 }), async (doubles) => {
          const rows = await session.rows(
            `SELECT CAST(double_decimal(d) AS VARCHAR) AS d, double_rounds(d) AS r
              FROM (SELECT unnest([${doubles.map((value) => `${literal(value.toString())}::DOUBLE`).join(', ')}]) AS d)`,
          );
          const read = rows.map(({ d, r }) => [shown(d), r]);
          const expected = doubles.map((value) => {
            // JavaScript prints the shortest decimal that gives back the double (ECMA-262, Number::toString).
            const exact = new Decimal(value.toString());
            return [exact.abs().lt('1e20') ? decimalText(exact) : null, exact.decimalPlaces() > 18];
          });
          expect(read.map((value, index) => [doubles[index], ...value])).toEqual(
            expected.map((value, index) => [doubles[index], ...value]),
          );
        }),
        { numRuns: 20 },
      );
    });
  });

  test('a text of a quantity is rounded half-even', async () => {
    const texts = [
      '1.0000000000000000005',
      '1.0000000000000000015',
      '-1.00000000000000000250',
      '0.00000000000000000051',
      '12e-19',
    ];
    await withSession(async (session) => {
      const rows = await session.rows(
        `SELECT CAST(rounded_decimal(t) AS VARCHAR) AS d, text_rounds(t) AS r FROM (SELECT unnest(${list(texts)}) AS t)`,
      );
      expect(rows.map(({ d, r }) => [shown(d), r])).toEqual(
        texts.map((text) => [decimalText(new Decimal(text)), true]),
      );
    });
  });
});
