import { beforeAll, expect, inject, test } from 'vitest';
import { silent } from '../../../lib/platform/progress.ts';
import { examineBills } from '../../../lib/run/assemble/doctor-bills.ts';
import { bench, delivery, row } from '../../lake/bills.ts';
import { collecting } from '../../sources/aws-data-export/collect.ts';
import { bucketIn, charge, focusCsv, Payer, s3At } from '../../sources/aws-data-export/payer.ts';
import { bill } from '../auditor.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
let acme: Payer;
beforeAll(async () => {
  const s3 = s3At(inject('motoUrl'));
  acme = new Payer(s3, await bucketIn(s3, 'acme-doctor'));
  await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')]), focusCsv([charge('2026-10', '1')])]);
  await acme.deliver('2026-11', [focusCsv([charge('2026-11', '11')])]);
});

/** A lake that holds no bill. */
const NOTHING = { sources: async () => [], overlaps: async () => [] };

test('doctor tries an export by its manifest and first file, and reads no bill', async () => {
  const { source } = await collecting(acme);
  const [examined] = await examineBills([source], NOTHING, NOW, silent);
  expect(examined).toMatchObject({
    what: 'bill:aws-main',
    state: 'works',
    told: expect.stringMatching(
      /^aws-focus-export: export daily, billing periods 2026-10 to 2026-11, the newest delivered \d{4}-.*Z in 1 files$/,
    ),
  });
});

test('an export that is not there, and one whose file is gone, fail with what to do', async () => {
  const gone = new Payer(acme.s3, acme.bucket, { prefix: 'gone' });
  await gone.deliver('2026-11', [focusCsv([charge('2026-11', '1')])]);
  await gone.remove(gone.keys('2026-11', 1).data[0] ?? '');
  const none = new Payer(acme.s3, acme.bucket, { prefix: 'none' });
  const sources = await Promise.all([gone, none].map(async (each) => (await collecting(each)).source));
  expect(await examineBills(sources, NOTHING, NOW, silent)).toMatchObject([
    { state: 'fails', told: expect.stringMatching(/NotFound|no such object/) },
    { state: 'fails', told: 'no export lies here', todo: expect.stringMatching(/Set bucket and prefix/) },
  ]);
});

test('doctor says which bill counts where Cost Explorer and an export tell the same charges', async () => {
  const acmes = await collecting(acme);
  await acmes.run();
  await using bills = await bench();
  const charges = [row({ BilledCost: '11' }), row({ BilledCost: '3', SubAccountId: '222233334444' })];
  const api = { sourceType: 'aws-cost-explorer', grain: 'account-service' } as const;
  await acmes.lake.ingest(delivery('aws-api', [await bills.file(charges)], api), NOW, silent);
  const files = await bill(acmes.folder, 'files', []);
  const examined = await examineBills([files], acmes.lake, NOW, silent);
  expect(examined.map(({ what, state }) => [what, state])).toEqual([
    ['bill:files', 'works'],
    ['which bill counts', 'works'],
  ]);
  expect(examined[1]?.told).toBe(
    '2026-11: aws-main is used and not aws-api, whose 1 account of the same payer would be counted twice; its other accounts are counted (a data export has resources and tags)',
  );
  expect(await acmes.totals()).toEqual({ '2026-10': '11', '2026-11': '14' });
});

test('doctor names two bills that tell the same charges, of which neither gives way', async () => {
  const acmes = await collecting(acme);
  await acmes.run();
  await using bills = await bench();
  await acmes.lake.ingest(delivery('copy', [await bills.file([row({ BilledCost: '11' })])]), NOW, silent);
  const examined = await examineBills([], acmes.lake, NOW, silent);
  expect(examined).toEqual([
    {
      what: 'which bill counts',
      state: 'fails',
      told: 'aws-main and copy both hold AWS charges of account 111122223333 in period 2026-11: their cost is counted twice unless one of them is removed',
      todo: 'Keep one of the two: no row tells which is the spare one.',
    },
  ]);
});
