import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import type { SpendPart } from '../../lib/lake/queries/spend-by.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type Bench, type BillRow, bench, delivery, inMonth, row } from './bills.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const API = { sourceType: 'aws-cost-explorer', grain: 'account-service' } as const;
const EXPORT = { sourceType: 'aws-focus-export' } as const;
const CUR = { sourceType: 'aws-cur' } as const;
const A = '111122223333';
const B = '222233334444';
const P1 = '999900001111';
const P2 = '999900002222';

let bills: Bench;
let counter = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

async function lakeOf(): Promise<Lake> {
  const folder = join(bills.folder, `lake-${counter++}`);
  return await openLake({ store: folderStore(folder), workDir: join(folder, 'work'), memoryMiB: 128 });
}

/** Billed sum of all that counts, by source. */
async function counted(
  lake: Lake,
  sources: readonly string[] | null = null,
): Promise<Record<string, string>> {
  const ever = { start: '2000-01-01T00:00:00Z', end: '2100-01-01T00:00:00Z' };
  const parts = await lake.ask<SpendPart>('spend-by:source|', ever, sources);
  return Object.fromEntries(parts.map(({ key, billed }) => [key.join(), new Decimal(billed).toFixed(2)]));
}

const of = (subAccount: string, billed: string, more: BillRow = {}): BillRow =>
  row({ BilledCost: billed, SubAccountId: subAccount, BillingAccountId: P1, ...more });

describe('Cost Explorer and an export of one payer', () => {
  test.each([EXPORT, CUR])(
    '$sourceType: the export counts in its periods, Cost Explorer in the others',
    async (type) => {
      await using lake = await lakeOf();
      const october = inMonth('2026-10', { BilledCost: '50', SubAccountId: A, BillingAccountId: P1 });
      await lake.ingest(
        delivery('api', [await bills.file([of(A, '10'), of(B, '20'), october])], API),
        NOW,
        silent,
      );
      expect(await counted(lake)).toEqual({ api: '80.00' });
      const { warnings } = await lake.ingest(
        delivery('main', [await bills.file([of(A, '10'), of(B, '20.01')])], type),
        NOW,
        silent,
      );
      expect(await counted(lake)).toEqual({ api: '50.00', main: '30.01' });
      const asked = 'SELECT SUM("BilledCost")::VARCHAR AS billed FROM costs';
      expect((await lake.query(asked, null)).rows).toEqual([{ billed: '80.010000000000000000' }]);
      expect(warnings.filter((line) => line.includes('twice'))).toEqual([
        '2026-11: main is used and not api, whose 2 accounts of the same payer would be counted twice (a data export has resources and tags)',
      ]);
      const held = await lake.sources();
      expect(
        held.map(({ sourceId, leftOut: out }) => [
          sourceId,
          out.map(({ period, by, whole }) => [period, by, whole]),
        ]),
      ).toEqual([
        ['api', [['2026-11', ['main'], true]]],
        ['main', []],
      ]);
      // One that is asked for alone is there whole.
      expect(await counted(lake, ['api'])).toEqual({ api: '80.00' });
    },
  );

  test('what the export does not hold is not lost', async () => {
    await using lake = await lakeOf();
    await lake.ingest(delivery('api', [await bills.file([of(A, '10'), of(B, '20')])], API), NOW, silent);
    const { warnings } = await lake.ingest(
      delivery('member', [await bills.file([of(A, '9')])], EXPORT),
      NOW,
      silent,
    );
    expect(await counted(lake)).toEqual({ api: '20.00', member: '9.00' });
    expect(warnings.join()).toContain('its other accounts are counted');
  });

  test('an export that stopped is left out, where Cost Explorer knows more', async () => {
    await using lake = await lakeOf();
    const stopped = new Date('2026-11-10T06:00:00Z');
    await lake.ingest(
      delivery('main', [await bills.file([of(A, '10'), of(B, '20')])], EXPORT),
      stopped,
      silent,
    );
    const late = { ChargePeriodStart: '2026-11-20T00:00:00Z', ChargePeriodEnd: '2026-11-21T00:00:00Z' };
    const { warnings } = await lake.ingest(
      delivery('api', [await bills.file([of(A, '10'), of(A, '100', late)])], API),
      NOW,
      silent,
    );
    expect(await counted(lake)).toEqual({ api: '110.00', main: '20.00' });
    expect(warnings.join()).toMatch(/2026-11: api is used and not main, .* has it stopped\?/);
    // It is delivered again.
    await lake.ingest(delivery('main', [await bills.file([of(A, '111'), of(B, '20')])], EXPORT), NOW, silent);
    expect(await counted(lake)).toEqual({ main: '131.00' });
  });

  test('an account that moves between payers in mid-month is on both bills, and counts on both', async () => {
    await using lake = await lakeOf();
    const whole = { ChargePeriodStart: '2026-11-01T00:00:00Z', ChargePeriodEnd: '2026-12-01T00:00:00Z' };
    const moved = { ...whole, BillingAccountId: P2 };
    await lake.ingest(delivery('p1', [await bills.file([of(A, '10', whole)])], EXPORT), NOW, silent);
    const second = await lake.ingest(
      delivery('p2', [await bills.file([of(A, '5', moved)])], CUR),
      NOW,
      silent,
    );
    expect(second.warnings.filter((line) => line.includes('twice'))).toEqual([]);
    const api = await lake.ingest(
      delivery('api', [await bills.file([of(A, '5', moved), of(B, '1', moved)])], API),
      NOW,
      silent,
    );
    expect(await counted(lake)).toEqual({ api: '1.00', p1: '10.00', p2: '5.00' });
    expect(api.warnings.join()).not.toContain('p1');
  });

  test('two exports of one payer are named, and so is Cost Explorer asked by a linked account', async () => {
    await using lake = await lakeOf();
    await lake.ingest(delivery('focus', [await bills.file([of(A, '10')])], EXPORT), NOW, silent);
    const second = await lake.ingest(delivery('cur', [await bills.file([of(A, '10')])], CUR), NOW, silent);
    expect(second.warnings.join()).toContain('cur and focus both hold AWS charges of account 111122223333');
    const linked = await lake.ingest(
      delivery('linked', [await bills.file([of(A, '10', { BillingAccountId: A })])], API),
      NOW,
      silent,
    );
    expect(linked.warnings.join()).toContain(
      'focus and linked both hold AWS charges of account 111122223333',
    );
  });

  test('an account or payer without an id is an account like any other', async () => {
    await using lake = await lakeOf();
    const none = of('', '7', { BillingAccountId: P1 });
    await lake.ingest(delivery('api', [await bills.file([none, of(A, '1')])], API), NOW, silent);
    await lake.ingest(delivery('main', [await bills.file([none])], EXPORT), NOW, silent);
    expect(await counted(lake)).toEqual({ api: '1.00', main: '7.00' });
  });
});
