import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { FOCUS_RULES, MODEL_FAULTS } from '../../lib/focus/rules.ts';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { exportFocus } from '../../lib/run/export.ts';
import { validate } from '../../lib/run/validate.ts';
import type { FocusFile } from '../../lib/sources/model.ts';
import { validateFocus } from '../counterparts/focus.validate.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../lake/bills.ts';
import { describeWithShared, sharedData } from '../shared.ts';

const validator = inject('focusValidator');
const NOW = new Date('2026-11-22T10:00:00Z');

let bills: Bench;
let count = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

async function lakeOf(file: FocusFile): Promise<Lake> {
  const state = join(bills.folder, `lake-${count++}`);
  const lake = await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    memoryMiB: 256,
  });
  await lake.ingest(delivery('acme', [file]), NOW, silent);
  return lake;
}

const csv = (path: string): FocusFile => ({ path, shownAs: path, format: 'csv' });

/** What both say of the rows of one exported file: the official validator, and we after reading it back. */
async function bothOf(file: FocusFile, isAll: boolean) {
  await using lake = await lakeOf(file);
  const out = join(bills.folder, `out-${count++}`);
  const files = await exportFocus(
    lake,
    { out, source: null, period: null, format: 'parquet', attributed: false, overwrite: false },
    silent,
  );
  const path = files.toSorted((a, b) => b.rows - a.rows)[0]?.path ?? '';
  const theirs = await validateFocus(validator, path, isAll);
  await using back = await lakeOf({ path, shownAs: path, format: 'parquet' });
  const ours = (await validate(back, null, new Map())).sources[0];
  return { theirs, ours };
}

/** Rows that the validator counts by rule; rules of columns that the file does not have are no rules of its rows. */
function counted(broken: readonly { rule: string; violations: number; message: string }[]) {
  return new Map(
    broken
      .filter(({ message }) => !/^Validation rule .* failed/.test(message))
      .map(({ rule, violations }) => [rule, violations]),
  );
}

/**
 * The validator takes an enumeration for kept as soon as one row of the file holds an allowed value, and for broken
 * where no row has any: these are compared on a row of their own.
 */
const ENUMERATIONS = FOCUS_RULES.filter(({ check }) => check[0] === 'any').map(({ id }) => id);

/**
 * The validator takes the condition "ChargeClass is not Correction" for false where ChargeClass is null, which is
 * every row that is no correction; so it judges nothing by these rules.
 */
const NULL_IS_NO_CORRECTION = FOCUS_RULES.filter(({ when }) =>
  JSON.stringify(when ?? null).includes('["not","ChargeClass","Correction"]'),
).map(({ id }) => id);

const FAULTY = MODEL_FAULTS.map(({ id }) => id);

/** Where both judge the same rule they must count the same rows. */
async function mustAgree(file: FocusFile) {
  const { theirs, ours } = await bothOf(file, true);
  const broken = counted(theirs.broken);
  const same = FOCUS_RULES.map(({ id }) => id).filter(
    (id) => ![...FAULTY, ...ENUMERATIONS, ...NULL_IS_NO_CORRECTION].includes(id),
  );
  const counts = (of: (id: string) => number | undefined) =>
    same.map((id) => [id, of(id) ?? 0]).filter(([, n]) => n !== 0);
  const own = new Map(ours?.broken.map((each) => [each.rule, each.count]));
  expect(counts((id) => own.get(id))).toEqual(counts((id) => broken.get(id)));
  for (const id of NULL_IS_NO_CORRECTION)
    expect(own.get(id) ?? 0).toBeGreaterThanOrEqual(broken.get(id) ?? 0);
  return { own, same, broken };
}

describeWithShared('bursar validate beside focus-validator', () => {
  test('counts the same rows of the real sample, rule by rule', async () => {
    const { own, same } = await mustAgree(csv(sharedData('focus', 'focus_sample_1.0_1000.csv')));
    expect(own.get('BilledCost-C-005-C')).toBe(615);
    expect([...own.keys()].filter((id) => same.includes(id)).length).toBeGreaterThan(8);
  });

  test.each(['aws', 'gcp', 'azure'])('counts the same rows of the generated bill of %s', async (biller) => {
    await mustAgree(csv(sharedData('focus', 'generated', `focus_1_2_cost_and_usage_${biller}.csv.gz`)));
  });

  test('counts the same rows where many rules are broken', async () => {
    const { own } = await mustAgree(await bills.file(BROKEN));
    for (const rule of [
      'ChargeFrequency-C-002-M',
      'ProviderName-C-003-M',
      'ServiceCategory-C-003-M',
      'PricingCategory-C-007-M',
      'ConsumedUnit-C-005-C',
      'ConsumedUnit-C-006-C',
      'SkuId-C-004-C',
      'ListUnitPrice-C-008-M',
      'CommitmentDiscountCategory-C-004-C',
      'SubAccountName-C-004-C',
      'BillingCurrency-C-006-M',
      'ResourceId-C-002-M',
    ])
      expect([rule, own.get(rule) ?? 0]).not.toEqual([rule, 0]);
  });
});

test('both find a value that an enumeration does not have, where no row has another', async () => {
  const file = await bills.file([{ ...base, ServiceCategory: 'Sundries', PricingCategory: 'Bargain' }]);
  const { own, broken } = await mustAgree(file);
  for (const id of ['ServiceCategory-C-003-M', 'PricingCategory-C-007-M'])
    expect([id, own.get(id), broken.has(id)]).toEqual([id, 1, true]);
});

describeWithShared('bursar export before focus-validator', () => {
  test.each([
    ['aws', ['InvoiceId-C-004-C']],
    ['gcp', ['InvoiceId-C-004-C']],
    ['azure', ['InvoiceId-C-004-C']],
  ])('of the generated bill of %s breaks only what the validator itself has wrong', async (biller, known) => {
    const path = sharedData('focus', 'generated', `focus_1_2_cost_and_usage_${biller}.csv.gz`);
    const { theirs } = await bothOf(csv(path), false);
    expect(theirs.passed).toBeGreaterThan(100);
    expect(theirs.broken.map(({ rule }) => rule).filter((rule) => !/-000-/.test(rule))).toEqual(
      expect.arrayContaining(known),
    );
    expect(leaves(theirs.broken)).toEqual(known);
  });

  test("of the real sample breaks what is the sample's own data, too", async () => {
    const { theirs } = await bothOf(csv(sharedData('focus', 'focus_sample_1.0_1000.csv')), false);
    expect(leaves(theirs.broken).toSorted()).toEqual([
      // Marketplace is guessed from differing names of provider and issuer.
      'BilledCost-C-005-C',
      // Oracle's rows have no ContractedCost.
      'ContractedCost-C-003-M',
      'ContractedCost-C-004-M',
      // The rule's form asks for an invoice on every row; FOCUS 1.0 has none.
      'InvoiceId-C-005-C',
      // Units in the billers' own words.
      'PricingUnit-C-003-O',
      // Amazon Elastic Compute Cloud has two categories.
      'ServiceName-C-005-C',
      // FOCUS 1.0 has no ServiceSubcategory.
      'ServiceName-C-008-C',
      'ServiceSubcategory-C-002-M',
    ]);
  });
});

/** Broken rules that are no mere sum of others. */
function leaves(broken: readonly { rule: string; message: string }[]): string[] {
  return broken.filter(({ message }) => !message.includes('child rules')).map(({ rule }) => rule);
}

const base: BillRow = row({
  x_UsageType: 'x',
  BillingCurrency: 'USD',
});

/** Rows that break a rule each, and sound ones beside them. */
const BROKEN: BillRow[] = [
  base,
  base,
  { ...base, ProviderName: '' },
  { ...base, ServiceCategory: 'Sundries' },
  { ...base, PricingCategory: 'Bargain' },
  { ...base, ConsumedQuantity: '3' },
  { ...base, ConsumedUnit: 'Hours' },
  { ...base, ChargeCategory: 'Tax', SkuId: 's', ListUnitPrice: '-1' },
  { ...base, CommitmentDiscountId: 'c', CommitmentDiscountStatus: 'Used' },
  { ...base, CommitmentDiscountCategory: 'Spend', SubAccountId: '', SubAccountName: 'nobody' },
  { ...base, BillingCurrency: 'QQQ' },
  { ...base, ResourceId: 'größe' },
];
