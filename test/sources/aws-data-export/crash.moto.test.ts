import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openLake } from '../../../lib/lake/lake.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import type { Store } from '../../../lib/lake/store/model.ts';
import type { LedgerStore } from '../../../lib/ledger/model.ts';
import { collect } from '../../../lib/run/collect.ts';
import { dataExportSource } from '../../../lib/sources/aws-data-export/source.ts';
import { breaking } from '../../lake/breaking.ts';
import { auditorOf, opened } from '../../run/auditor.ts';
import { billedOf, NOW } from './collect.ts';
import { bucketIn, charge, focusCsv, Payer, s3At } from './payer.ts';
import { proxy, s3Error } from './proxy.ts';

let s3: S3Client;
let acme: Payer;
beforeAll(async () => {
  s3 = s3At(inject('motoUrl'));
  acme = new Payer(s3, await bucketIn(s3, 'acme-crash'));
});
afterAll(() => s3.destroy());

/** Amounts of a period's files: no other sum of some of them is a whole period's. */
const OLD = ['1|10', '1|20'] as const;
const NEW = ['2|30', '2|40'] as const;
const OLD_SUMS = ['11', '21'] as const;
const NEW_SUMS = ['32', '42'] as const;

/** Two periods, each in two files, so that a mixture would show. */
async function deliverBoth([september, october]: readonly string[]): Promise<void> {
  for (const [period, sums = ''] of [
    ['2026-09', september],
    ['2026-10', october],
  ] as const)
    await acme.deliver(
      period,
      sums.split('|').map((billed) => focusCsv([charge(period, billed)])),
    );
}

/** Folders of one test, gone after it, and a ledger for the reports. */
async function place() {
  const { folder: root, ledger } = await opened();
  return { folder: () => mkdtemp(join(root, 'crash-')), ledger };
}

async function run(ledger: LedgerStore, folder: string, store: Store, client: S3Client = s3) {
  await using lake = await openLake({ store, workDir: join(folder, 'work'), memoryMiB: 128 });
  const source = dataExportSource({
    id: 'aws-main',
    type: 'aws-focus-export',
    client,
    bucket: acme.bucket,
    prefix: acme.prefix,
  });
  const auditor = auditorOf({ ledger, lake }, [source]);
  return await collect(auditor, { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'aws-main' }, NOW);
}

/** What each period adds up to in a lake that is opened anew, as a reader after the crash finds it. */
async function held(folder: string): Promise<string[]> {
  await using lake = await openLake({
    store: folderStore(join(folder, 'lake')),
    workDir: join(folder, 'work'),
    memoryMiB: 128,
  });
  return Object.values(await billedOf(lake));
}

test.each([{ after: false }, { after: true }])(
  'whichever write to the lake is the last (done: $after), each period is the old or the new one, whole',
  async ({ after }) => {
    await deliverBoth(OLD);
    const { folder: made, ledger } = await place();
    const base = await made();
    await run(ledger, base, folderStore(join(base, 'lake')));
    expect(await held(base)).toEqual(OLD_SUMS);
    await deliverBoth(NEW);
    const seen = new Set<string>();
    for (let failing = 0; ; failing++) {
      const folder = await made();
      await cp(join(base, 'lake'), join(folder, 'lake'), { recursive: true });
      const store = breaking(folderStore(join(folder, 'lake')), failing, after);
      const crashed = await run(ledger, folder, store).then(
        () => false,
        (error: unknown) => {
          expect(String(error)).toContain('the power is gone');
          return true;
        },
      );
      const now = await held(folder);
      for (const [at, sum] of now.entries()) expect([OLD_SUMS[at], NEW_SUMS[at]]).toContain(sum);
      seen.add(now.join());
      if (!crashed && store.writes() <= failing) break;
      // The next run completes what the crash left.
      await run(ledger, folder, folderStore(join(folder, 'lake')));
      expect(await held(folder)).toEqual(NEW_SUMS);
    }
    // Before, between the two periods, and after.
    expect([...seen].toSorted()).toEqual(
      [OLD_SUMS.join(), [OLD_SUMS[0], NEW_SUMS[1]].join(), NEW_SUMS.join()].toSorted(),
    );
  },
);

test('whichever request to S3 is the last, each period is the old or the new one, whole', async () => {
  await deliverBoth(OLD);
  const { folder: made, ledger } = await place();
  const base = await made();
  await run(ledger, base, folderStore(join(base, 'lake')));
  await deliverBoth(NEW);
  const seen = new Set<string>();
  for (let failing = 0; ; failing++) {
    const folder = await made();
    await cp(join(base, 'lake'), join(folder, 'lake'), { recursive: true });
    let asked = 0;
    await using between = await proxy(inject('motoUrl'), () =>
      asked++ >= failing ? { status: 403, xml: s3Error('AccessDenied', 'Access Denied') } : null,
    );
    const client = s3At(between.url);
    const report = await run(ledger, folder, folderStore(join(folder, 'lake')), client);
    client.destroy();
    const now = await held(folder);
    for (const [at, sum] of now.entries()) expect([OLD_SUMS[at], NEW_SUMS[at]]).toContain(sum);
    seen.add(now.join());
    const whole = asked <= failing;
    // What was refused is told, whatever was taken before it.
    expect(report.coverage[0]?.status).toMatch(whole ? /^complete$/ : /^(failed|partial)$/);
    expect(report.coverage[0]?.reason ?? '').toMatch(whole ? /^$/ : /denied/);
    if (whole) break;
  }
  expect(seen.has(OLD_SUMS.join()) && seen.has(NEW_SUMS.join())).toBe(true);
});
