import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Advice } from '../../lib/estate/model.ts';
import { ADVISERS } from '../../lib/estate/model-advice.ts';
import { decimal } from '../../lib/focus/decimal.ts';
import { type AdviceRow, adviceRows, adviceTotals, type KnownThing } from '../../lib/run/advice-rows.ts';
import { arn, machine } from '../checks/facts.ts';
import { finding } from '../digest/inputs.ts';

const ID = arn('i-0000000000000001');

function advice(given: Partial<Advice> = {}): Advice {
  return {
    provider: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    resourceId: ID,
    adviser: 'AWS Compute Optimizer',
    repeats: null,
    kind: 'idle',
    finding: 'Idle',
    action: 'stop it',
    monthlySaving: { amount: '100', currency: 'USD' },
    discounts: 'not counted',
    lookbackDays: 14,
    at: '2026-11-19T00:00:00.000Z',
    ...given,
  };
}

const HUB = advice({
  adviser: 'AWS Cost Optimization Hub',
  repeats: 'AWS Compute Optimizer',
  finding: 'Stop',
  action: 'Stop g4dn.12xlarge',
  monthlySaving: { amount: '90', currency: 'USD' },
  discounts: 'not told',
});

const seen: KnownThing = {
  resource: { ...machine(), dataset: 'aws.ec2.instances' },
  gap: null,
  checks: [
    { id: 'idle-gpu', on: true },
    { id: 'previous-generation', on: false },
  ],
};
const own = (given: Parameters<typeof finding>[0] = {}) =>
  finding({
    provider: 'aws',
    resourceId: ID,
    check: 'idle-gpu',
    verdict: 'IDLE',
    state: 'DETECTED',
    ...given,
  });

function rowsOf(
  said: readonly Advice[],
  findings: Parameters<typeof adviceRows>[1] = [],
  known: KnownThing = seen,
) {
  return adviceRows(
    said,
    findings,
    ({ resourceId }) => resourceId,
    () => known,
    'USD',
  );
}

function only(rows: readonly AdviceRow[]): AdviceRow {
  expect(rows).toHaveLength(1);
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  return row;
}

test('a thing of which several tools speak is one row, counted once by the largest, the tool before its echo', () => {
  const smaller = advice({ kind: 'size', finding: 'Overprovisioned', action: 'a -> b' });
  const echo = { ...HUB, monthlySaving: { amount: '100', currency: 'USD' } };
  const row = only(rowsOf([echo, smaller, advice(), advice()]));
  expect(row.theirs).toEqual({ amount: '100', currency: 'USD' });
  expect(row.says.map(({ adviser, kind }) => `${adviser} ${kind}`)).toEqual([
    'AWS Compute Optimizer idle',
    'AWS Compute Optimizer size',
    'AWS Cost Optimization Hub idle',
  ]);
  expect(adviceTotals([row])).toEqual({
    things: 1,
    found: 0,
    theirs: [{ amount: '100', currency: 'USD' }],
    ours: [],
  });
});

test('no saving is counted of what would cost more, nor across currencies', () => {
  expect(only(rowsOf([advice({ monthlySaving: { amount: '-12', currency: 'USD' } })])).theirs).toBeNull();
  const yuan = advice({ kind: 'size', monthlySaving: { amount: '700', currency: 'CNY' } });
  expect(only(rowsOf([advice(), yuan])).theirs).toBeNull();
  const loss = advice({ kind: 'size', monthlySaving: { amount: '-1', currency: 'CNY' } });
  expect(only(rowsOf([advice(), loss])).theirs).toEqual({ amount: '100', currency: 'USD' });
});

test('beside ours stands what ours saves, once, and why the two differ', () => {
  const both = [
    own({
      costBasis: 'billed',
      monthlyCost: { amount: '80', currency: 'USD' },
      monthlySaving: { amount: '70', currency: 'USD' },
    }),
    own({
      check: 'expired-experiment',
      verdict: 'EXPIRED',
      costBasis: 'billed',
      monthlyCost: { amount: '80', currency: 'USD' },
      monthlySaving: { amount: '60', currency: 'USD' },
    }),
  ];
  const row = only(rowsOf([advice(), HUB], both));
  expect(row.ours.map(({ check }) => check)).toEqual(['idle-gpu', 'expired-experiment']);
  expect(row.oursSaving).toEqual({ amount: '70', currency: 'USD' });
  expect(row.why).toEqual([
    'Ours is what the bill of the last 30 days would have fallen by, without what commitments cover and what goes on being billed.',
    'Theirs is an estimate of AWS Compute Optimizer from use over 14 days, at On-Demand prices, before discounts.',
  ]);
  expect(adviceTotals([row])).toMatchObject({ found: 1, ours: [{ amount: '70', currency: 'USD' }] });
});

test.each([
  [
    'no saving of ours',
    own({ monthlySaving: null }),
    'Ours counts no saving: what the bill would fall by is not known, or the verdict is not certain.',
  ],
  [
    'a verdict that only asks',
    own({ verdict: 'SUSPECTED', monthlySaving: { amount: '5', currency: 'USD' } }),
    'Ours counts no saving: what the bill would fall by is not known, or the verdict is not certain.',
  ],
  ['what was stopped', own({ state: 'STOPPED' }), 'Ours was acted on already: STOPPED.'],
  [
    'another currency',
    own({
      monthlyCost: { amount: '90', currency: 'EUR' },
      monthlySaving: { amount: '90', currency: 'EUR' },
    }),
    'The two are in different currencies, and are not compared.',
  ],
])('why they differ: %s', (_what, found, sentence) => {
  expect(only(rowsOf([advice()], [found])).why).toEqual([sentence]);
});

test('equal amounts of the same kind need no word', () => {
  const same = { amount: '100', currency: 'USD' };
  expect(only(rowsOf([advice()], [own({ monthlyCost: same, monthlySaving: same })])).why).toEqual([]);
});

test('where nothing was found it is told what looked, what is off, and what cannot be judged', () => {
  expect(only(rowsOf([advice()])).why).toEqual([
    'Checks that read aws.ec2.instances found nothing to say of it: idle-gpu.',
    'Checks that read them and are off: previous-generation.',
  ]);
  const plain = { ...seen, resource: { ...machine({ accelerators: [] }), dataset: 'aws.ec2.instances' } };
  expect(only(rowsOf([advice()], [], plain)).why).toContain(
    'Nothing here judges how busy a machine without accelerators is.',
  );
  expect(only(rowsOf([advice({ kind: 'size' })])).why).toContain(
    'Nothing here judges the size of processors, memory or disks.',
  );
  expect(only(rowsOf([advice()], [], { resource: null, gap: null, checks: [] })).why).toEqual([
    'The last look at its account did not see it: it is gone, or of a kind not looked at.',
  ]);
  expect(only(rowsOf([advice()], [], { ...seen, gap: 'us-east-1 is failed' })).why).toEqual([
    'The last look at it was not whole: us-east-1 is failed',
  ]);
  const resolved = own({ state: 'RESOLVED', lastSeen: '2026-11-01T00:00:00.000Z', reason: 'in use' });
  const row = only(rowsOf([advice()], [resolved]));
  expect(row.ours).toEqual([]);
  expect(row.why[0]).toBe('idle-gpu was resolved, last seen 2026-11-01: in use');
});

const some = fc.record({
  resource: fc.integer({ min: 1, max: 4 }),
  adviser: fc.constantFrom(...ADVISERS),
  kind: fc.constantFrom('idle' as const, 'size' as const, 'generation' as const),
  cents: fc.option(fc.bigInt({ min: -500n, max: 100_000n }), { nil: null }),
});

const saidOf = ({ resource, adviser, kind, cents }: typeof some extends fc.Arbitrary<infer T> ? T : never) =>
  advice({
    resourceId: arn(`i-${resource}`),
    adviser,
    kind,
    monthlySaving:
      cents === null ? null : { amount: decimal(`${cents}`).div(100).toFixed(), currency: 'USD' },
  });

test('whatever is said, each thing stands once, at no more than the most that is said of it, in any order', () => {
  fc.assert(
    fc.property(fc.array(some, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (list, random) => {
      const said = list.map(saidOf);
      const rows = rowsOf(said);
      expect(new Set(rows.map(({ resourceId }) => resourceId)).size).toBe(rows.length);
      expect(new Set(said.map(({ resourceId }) => resourceId)).size).toBe(rows.length);
      const most = [...Map.groupBy(said, ({ resourceId }) => resourceId).values()]
        .map((all) =>
          all
            .map(({ monthlySaving }) => decimal(monthlySaving?.amount ?? '0'))
            .reduce((a, b) => (a.gt(b) ? a : b), decimal('0')),
        )
        .reduce((a, b) => a.plus(b), decimal('0'));
      const [total] = adviceTotals(rows).theirs;
      expect(decimal(total?.amount ?? '0').toFixed()).toBe(most.toFixed());
      const shuffled = said
        .map((one) => ({ one, at: random.next().value }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one);
      expect(rowsOf(shuffled)).toEqual(rows);
    }),
  );
});

test('what tools say changes nothing of what ours save, and ours nothing of theirs', () => {
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 10 }), (list) => {
      const saving = { amount: '70', currency: 'USD' };
      const found = [own({ resourceId: arn('i-1'), monthlyCost: saving, monthlySaving: saving })];
      const said = list.map(saidOf);
      const totals = adviceTotals(rowsOf(said, found));
      expect(totals.theirs).toEqual(adviceTotals(rowsOf(said)).theirs);
      const speaks = said.some(({ resourceId }) => resourceId === arn('i-1'));
      expect(totals.ours).toEqual(speaks ? [saving] : []);
    }),
  );
});
