import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { joinUsage } from '../../../lib/sources/ai-vendor/join.ts';
import type { Charge, Line, Use } from '../../../lib/sources/ai-vendor/model.ts';

const PLACE = {
  day: '2026-11-02',
  subAccount: 'p',
  apiKey: 'a',
  model: 'm-1',
  variant: null,
  tier: null,
  context: null,
  measure: 'input',
} as const;

function charge(amount: string, more: Partial<Charge> = {}): Charge {
  return { ...PLACE, surface: null, amount, currency: 'USD', description: null, billed: null, ...more };
}

function use(quantity: number, more: Partial<Use> = {}): Use {
  return { ...PLACE, billedElsewhere: false, ...more, quantity: new Decimal(quantity) };
}

const tokens = (quantity: number) => ({ quantity: new Decimal(quantity), unit: 'Tokens' });

/** `key amount quantity`, and what there is to say of it. */
function shown(lines: readonly Line[]): string[] {
  return lines.map(({ apiKey, amount, quantity, shared, withoutCost }) =>
    [
      apiKey ?? '-',
      amount,
      quantity?.toFixed() ?? '-',
      shared ? 'shared' : '',
      withoutCost ? 'without cost' : '',
    ]
      .filter((word) => word !== '')
      .join(' '),
  );
}

test('a charge gets the usage of its day, project, key, model and kind, and no other', () => {
  const other = [
    use(2, { day: '2026-11-03' }),
    use(3, { subAccount: null }),
    use(4, { apiKey: 'b' }),
    use(5, { model: 'm-2x' }),
    use(6, { measure: 'output' }),
    use(7, { tier: 'flex', billedElsewhere: true }),
  ];
  expect(shown(joinUsage([charge('1')], [use(1), ...other]))).toEqual([
    'a 1 1',
    'a 0 2 without cost',
    'a 0 3 without cost',
    'b 0 4 without cost',
    'a 0 5 without cost',
    'a 0 6 without cost',
    'a 0 7 without cost',
  ]);
});

test('the charge that says more wins over one that leaves it open', () => {
  const charges = [
    charge('1', { apiKey: null }),
    charge('2'),
    charge('3', { tier: 'batch' }),
    charge('4', { surface: 'evals' }),
    charge('5', { variant: 'audio' }),
  ];
  const uses = [
    use(10, { variant: 'text' }),
    use(20, { variant: 'text', tier: 'batch' }),
    use(30, { variant: 'audio' }),
    use(40, { variant: 'text', apiKey: 'b' }),
  ];
  expect(shown(joinUsage(charges, uses))).toEqual(['b 1 40', 'a 2 10', 'a 3 20', 'a 4 -', 'a 5 30']);
});

test('usage that is not told by variant may be of any of the lines, so it is of none', () => {
  expect(shown(joinUsage([charge('1'), charge('2', { variant: 'audio' })], [use(10)]))).toEqual([
    'a 1 -',
    'a 2 -',
    'a 0 10',
  ]);
});

test('a tier without a line of its own is in the ordinary one', () => {
  expect(shown(joinUsage([charge('1')], [use(1), use(2, { tier: 'batch' })]))).toEqual(['a 1 3']);
});

test('one cost of several keys is shared out by what each used, to the last digit', () => {
  const uses = [use(1), use(1, { apiKey: 'b' }), use(1, { apiKey: null })];
  expect(shown(joinUsage([charge('1', { apiKey: null })], uses))).toEqual([
    'a 0.333333333333333334 1 shared',
    'b 0.333333333333333333 1 shared',
    '- 0.333333333333333333 1 shared',
  ]);
});

test('an amount that the table cannot hold is not shared out but kept as it was told', () => {
  const amount = '0.1234567890123456789012345678901234567890';
  expect(shown(joinUsage([charge(amount, { apiKey: null })], [use(1), use(2, { apiKey: 'b' })]))).toEqual([
    `- ${amount} 3`,
  ]);
});

test('lines of the same usage are told apart by what was billed, where that adds up', () => {
  const charges = [
    charge('1', { billed: tokens(700) }),
    charge('2', { context: 'long context', billed: tokens(300) }),
  ];
  expect(shown(joinUsage(charges, [use(1_000)]))).toEqual(['a 1 700', 'a 2 300']);
  expect(shown(joinUsage(charges, [use(999)]))).toEqual(['a 1 -', 'a 2 -', 'a 0 999']);
});

test('a snapshot in the costs is the model of the usage where no other is, and a fine-tuned one its base', () => {
  const alias = { model: 'gpt-4o' };
  const dated = charge('1', { model: 'gpt-4o-2024-08-06' });
  expect(shown(joinUsage([dated], [use(1, alias)]))).toEqual(['a 1 1']);
  expect(shown(joinUsage([dated, charge('2', alias)], [use(1, alias)]))).toEqual(['a 1 -', 'a 2 1']);
  expect(shown(joinUsage([dated], [use(1, { model: 'gpt-4o-mini-2024-08-06' })]))).toEqual([
    'a 1 -',
    'a 0 1 without cost',
  ]);
  const tuned = charge('3', { model: 'ft-gpt-4o-2024-08-06' });
  const own = use(1, { model: 'ft:gpt-4o-2024-08-06:acme::abc' });
  expect(shown(joinUsage([dated, tuned], [own]))).toEqual(['a 1 -', 'a 3 1']);
});

test('usage without any cost is one row a place', () => {
  expect(shown(joinUsage([], [use(1), use(2), use(3, { variant: 'audio' })]))).toEqual([
    'a 0 3 without cost',
    'a 0 3 without cost',
  ]);
});

const few = <T>(...values: T[]) => fc.constantFrom(...values);
const place = {
  day: few('2026-11-01', '2026-11-02'),
  subAccount: few(null, 'p'),
  apiKey: few(null, 'a', 'b'),
  model: few(null, 'm', 'm-2024-08-06', 'ft:m:x', 'n'),
  variant: few(null, 'text', 'audio'),
  tier: few(null, 'batch', 'priority'),
  context: few(null, 'long context', '0-200k'),
  measure: few('input', 'output', 'cache-write', 'web-search-calls') satisfies fc.Arbitrary<Use['measure']>,
};
const amounts = fc.oneof(
  few(
    '0',
    '-0.00',
    '1e-7',
    '0.000000000000000001',
    '-3.5',
    '99999999999999999999',
    'NaN-like',
    `0.${'1'.repeat(40)}`,
  ),
  fc.bigInt(-(10n ** 12n), 10n ** 12n).map((value) => new Decimal(value.toString()).div(10 ** 9).toFixed()),
);
const charges = fc.array(
  fc.record({
    ...place,
    amount: amounts,
    currency: few('USD', 'EUR'),
    surface: few(null, 'evals'),
    description: few(null, 'x'),
    billed: fc.option(fc.nat(50).map(tokens)),
  }),
  { maxLength: 12 },
);
const uses = fc.array(
  fc.record({
    ...place,
    billedElsewhere: fc.boolean(),
    quantity: fc.integer({ min: 1, max: 50 }).map((n) => new Decimal(n)),
  }),
  { maxLength: 12 },
);

test('whatever comes, money and counts are kept: by currency, project and day, and by kind, key and model', () => {
  fc.assert(
    fc.property(charges, uses, (told, used) => {
      const lines = joinUsage(told, used);
      expect(sums(lines.map((line) => paid(line, line.charge?.currency ?? 'USD')))).toEqual(
        sums(told.map((each) => paid(each, each.currency))),
      );
      expect(
        sums(
          lines.map(({ measure, day, subAccount, quantity }) => [
            `${measure} ${day} ${subAccount}`,
            quantity ?? new Decimal(0),
          ]),
        ),
      ).toEqual(
        sums(
          used.map(({ measure, day, subAccount, quantity }) => [`${measure} ${day} ${subAccount}`, quantity]),
        ),
      );
    }),
    { numRuns: 200 },
  );
});

test('the order in which answers come changes no sum of a key', () => {
  fc.assert(
    fc.property(charges, uses, (told, used) => {
      expect(byKey(joinUsage(told.toReversed(), used.toReversed()))).toEqual(byKey(joinUsage(told, used)));
    }),
  );
});

function paid(each: { amount: string; day: string; subAccount: string | null }, currency: string) {
  const [odd, value] = money(each.amount);
  return [`${currency} ${each.day} ${each.subAccount} ${odd}`, value] as const;
}

/** What is no number is kept as it is: it is counted by its text. */
function money(amount: string): readonly [string, Decimal] {
  return /^-?[\d.e-]+$/.test(amount) ? ['', new Decimal(amount)] : [amount, new Decimal(1)];
}

function byKey(lines: readonly Line[]) {
  return sums(
    lines.map(({ apiKey, measure, quantity }) => [`${apiKey} ${measure}`, quantity ?? new Decimal(0)]),
  );
}

/** Sums that are not zero, as text. */
function sums(parts: readonly (readonly [string, Decimal])[]): Record<string, string> {
  const found = new Map<string, Decimal>();
  for (const [key, value] of parts) found.set(key, (found.get(key) ?? new Decimal(0)).plus(value));
  return Object.fromEntries(
    [...found]
      .filter(([, value]) => !value.isZero())
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, value.toFixed()]),
  );
}
