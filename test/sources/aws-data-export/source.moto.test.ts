import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { calls, collectedIn, collecting, later } from './collect.ts';
import { bucketIn, charge, focusCsv, focusParquet, Payer, s3At } from './payer.ts';

let s3: S3Client;
let counter = 0;

beforeAll(() => {
  s3 = s3At(inject('motoUrl'));
});
afterAll(() => s3.destroy());

/** A payer with a bucket of its own. */
async function payer(where: { prefix?: string; name?: string } = {}): Promise<Payer> {
  return new Payer(s3, await bucketIn(s3, `acme-export-${counter++}`), where);
}

describe('a FOCUS export that is overwritten', () => {
  test('every period by its manifest, to the last decimal; what no manifest names is not read', async () => {
    const acme = await payer();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '0.1'), charge('2026-09', '0.2')])]);
    await acme.deliver('2026-10', [
      focusCsv([charge('2026-10', '1.000000000000000001')]),
      focusCsv([charge('2026-10', '-0.5', { ChargeCategory: 'Credit' })]),
    ]);
    await acme.put(
      `${acme.folder}data/BILLING_PERIOD=2026-10/stray-00009.csv.gz`,
      gzipSync(focusCsv([charge('2026-10', '99')])),
    );
    const acmes = await collecting(acme);
    const report = await acmes.run();
    expect(report.coverage).toEqual([
      {
        scope: 'bill:aws-main',
        status: 'complete',
        reason: null,
        asOf: expect.stringMatching(/^2026-10-06/),
      },
    ]);
    expect(report.ingest).toMatchObject({ rowsIn: 4, rowsKept: 4, rowsRejected: 0 });
    expect(await acmes.totals()).toEqual({ '2026-09': '0.3', '2026-10': '0.500000000000000001' });
  });

  test('money as DOUBLE in Parquet comes out as its shortest decimal', async () => {
    const acme = await payer();
    const rows = ['0.1', '0.2', '1e-7', '-0.0', '12345678.12345679'].map((billed) =>
      charge('2026-10', billed),
    );
    await acme.deliver('2026-10', [await focusParquet(rows)]);
    const acmes = await collecting(acme);
    expect((await acmes.run()).coverage[0]?.status).toBe('complete');
    expect(await acmes.totals()).toEqual({ '2026-10': '12345678.42345689' });
  });

  test('a column that changed its type, and new ones, in a file beside one of the old form', async () => {
    const acme = await payer();
    const old = await focusParquet([charge('2026-10', '0.1', { SubAccountId: '012345678901' })]);
    await acme.deliver('2026-10', [old]);
    const acmes = await collecting(acme);
    await acmes.run();
    const changed = await focusParquet(
      [charge('2026-10', '0.2'), charge('2026-10', '1e-7')],
      `* REPLACE (CAST(BilledCost AS VARCHAR) AS BilledCost, CAST(EffectiveCost AS DECIMAL(20,10)) AS EffectiveCost,
        CAST(SubAccountId AS BIGINT) AS SubAccountId, CAST(ChargePeriodStart AS VARCHAR) AS ChargePeriodStart,
        CAST(to_json(Tags) AS VARCHAR) AS Tags), 7 AS x_New, 'b' AS BrandNew`,
    );
    await acme.deliver('2026-10', [old, changed]);
    const report = await acmes.run();
    expect(report.coverage[0]).toMatchObject({ status: 'complete', reason: null });
    expect(report.ingest).toMatchObject({ rowsIn: 3, rowsKept: 3, rowsRejected: 0 });
    expect(report.ingest?.warnings).toEqual([
      'Columns that are neither FOCUS nor custom (x_) were not kept: BrandNew.',
    ]);
    expect(await acmes.totals()).toEqual({ '2026-10': '0.3000001' });
    const { rows } = await acmes.lake.query(
      'SELECT SubAccountId, EffectiveCost, ChargePeriodStart, Tags, x_New FROM costs ORDER BY EffectiveCost',
      null,
    );
    const at = { ChargePeriodStart: '2026-10-05T00:00:00.000Z', Tags: '{"team":"research"}' };
    expect(rows).toEqual([
      { ...at, SubAccountId: '111122223333', EffectiveCost: '0.0000001', x_New: '7' },
      { ...at, SubAccountId: '012345678901', EffectiveCost: '0.1', x_New: null },
      { ...at, SubAccountId: '111122223333', EffectiveCost: '0.2', x_New: '7' },
    ]);
  });

  test('what has not changed costs the read of its manifest and nothing else; what changed is replaced whole', async () => {
    const acme = await payer();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9')])]);
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10'), charge('2026-10', '1')])]);
    const acmes = await collecting(acme);
    await acmes.run();
    const before = await acmes.lake.sources();
    const second = await acmes.run(later(1));
    expect(second.ingest).toBeNull();
    expect(second.coverage).toEqual([
      { scope: 'bill:aws-main', status: 'complete', reason: null, asOf: before[0]?.asOf },
    ]);
    // Folder, export, manifests, data: four listings; two manifests.
    expect(calls(second)).toEqual({ 's3:ListBucket': 4, 's3:GetObject': 2 });
    expect(await acmes.lake.sources()).toEqual(before);

    // A closed period comes again, shorter than it was.
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '8.5')])]);
    const third = await acmes.run(later(2));
    expect(third.ingest?.periods.map(({ period }) => period)).toEqual(['2026-09']);
    expect(await acmes.totals()).toEqual({ '2026-09': '8.5', '2026-10': '11' });
    const [held] = await acmes.lake.sources();
    expect(held?.periods.map(({ period, former }) => [period, former?.[0]?.billed ?? null])).toEqual([
      ['2026-09', '9'],
      ['2026-10', null],
    ]);
  });

  test.each([
    { how: 'a manifest without any file', files: [] },
    { how: 'a file without a row', files: [focusCsv([])] },
  ])('an empty month ($how) is a month without cost, not a gap', async ({ files }) => {
    const acme = await payer();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9')])]);
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const acmes = await collecting(acme);
    await acmes.run();
    await acme.deliver('2026-10', files);
    const report = await acmes.run();
    expect(report.coverage[0]).toMatchObject({ status: 'complete', reason: null });
    expect(await acmes.totals()).toEqual({ '2026-09': '9' });
    expect((await acmes.run()).ingest).toBeNull();
  });
});

describe('what is wrong with one period', () => {
  const many = Array.from({ length: 5000 }, (_, at) =>
    charge('2026-10', '1', { ResourceId: createHash('sha256').update(String(at)).digest('hex') }),
  );
  const gz = gzipSync(focusCsv(many));
  const cases: { what: string; breakIt: (acme: Payer) => Promise<void>; told: RegExp }[] = [
    {
      what: 'its manifest names a file that is not there',
      breakIt: async (acme) => {
        await acme.deliver('2026-10', [
          focusCsv([charge('2026-10', '11')]),
          focusCsv([charge('2026-10', '1')]),
        ]);
        await acme.remove(acme.keys('2026-10', 2).data[1] ?? '');
      },
      told: /2026-10: s3:.*daily-00002\.csv\.gz: the manifest names this file, and it is not there/,
    },
    {
      what: 'half a gzip',
      breakIt: async (acme) => {
        const { data, manifest } = acme.keys('2026-10', 1);
        await acme.put(data[0] ?? '', gz.subarray(0, gz.length / 2));
        await acme.put(manifest, acme.manifest(data));
      },
      told: /2026-10: s3:.*daily-00001\.csv\.gz: the gzip stream is damaged or cut off/,
    },
    {
      what: 'half a Parquet file',
      breakIt: async (acme) => {
        const { data, manifest } = acme.keys('2026-10', 1, {}, 'snappy.parquet');
        const whole = await focusParquet([charge('2026-10', '11')]);
        await acme.put(data[0] ?? '', whole.subarray(0, whole.length / 2));
        await acme.put(manifest, acme.manifest(data));
      },
      told: /2026-10: s3:.*snappy\.parquet: this Parquet file is cut off or damaged/,
    },
    {
      what: 'an empty file',
      breakIt: async (acme) => {
        const { data, manifest } = acme.keys('2026-10', 1);
        await acme.put(data[0] ?? '', '');
        await acme.put(manifest, acme.manifest(data));
      },
      told: /2026-10: s3:.*: this data file of the export cannot be read: it is empty/,
    },
    {
      what: 'a file of something else',
      breakIt: (acme) => acme.deliver('2026-10', ['sku,price\n1,2\n']),
      told: /2026-10: s3:.*: this data file is neither FOCUS \(it lacks .*\) nor a Cost and Usage Report/,
    },
    {
      what: 'half a manifest',
      breakIt: (acme) => acme.put(acme.keys('2026-10', 1).manifest, '{"dataFiles": ["s3:'),
      told: /2026-10: s3:.*daily-Manifest\.json: this manifest is no JSON/,
    },
    {
      what: 'a manifest of something else',
      breakIt: (acme) => acme.put(acme.keys('2026-10', 1).manifest, '{"files": []}'),
      told: /2026-10: s3:.*daily-Manifest\.json: this manifest has neither dataFiles nor reportKeys/,
    },
    {
      what: 'a file that is named twice',
      breakIt: async (acme) => {
        const { data, manifest } = acme.keys('2026-10', 1);
        await acme.put(manifest, acme.manifest([...data, ...data]));
      },
      told: /2026-10: .*names .*daily-00001\.csv\.gz twice/,
    },
    {
      what: 'rows of another period, which would replace that period by themselves',
      breakIt: (acme) =>
        acme.deliver('2026-10', [focusCsv([charge('2026-10', '11'), charge('2026-09', '1')])]),
      told: /2026-10: bill:aws-main: what was delivered as 2026-10 has rows of 2026-09 \(1 rows\)/,
    },
    {
      what: 'amounts that are no numbers any more',
      breakIt: (acme) =>
        acme.deliver('2026-10', [focusCsv([charge('2026-10', 'USD 11'), charge('2026-10', 'x')])]),
      told: /2026-10: bill:aws-main: all 2 rows of 2026-10 were rejected\n.*See why in /,
    },
    {
      what: 'a period that does not fit on the disk',
      breakIt: (acme) => acme.deliver('2026-10', [focusCsv([charge('2026-10', '11')])]),
      told: /2026-10: .* needs .* of disk while it is read; .* are free\n.*Athena/,
    },
  ];

  /** Two periods as they were delivered and collected before. */
  let former: Payer;
  let collectedBefore = '';
  beforeAll(async () => {
    former = await payer();
    await former.deliver('2026-09', [focusCsv([charge('2026-09', '9')])]);
    await former.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    collectedBefore = await mkdtemp(join(tmpdir(), 'bursar-export-'));
    await collectedIn(collectedBefore, former);
    return () => rm(collectedBefore, { recursive: true, force: true });
  });

  test.each(cases)(
    '$what: told, its former rows stay, the other period is taken',
    async ({ what, breakIt, told }) => {
      const small = what.includes('disk');
      const acme = await payer();
      await acme.copy(former);
      let room = small ? 100 : Number.MAX_SAFE_INTEGER;
      const free = async (folder: string) => (folder.endsWith('2026-10') ? room : 1e12);
      const acmes = await collecting(acme, { free }, collectedBefore);
      expect(await acmes.totals()).toEqual({ '2026-09': '9', '2026-10': '10' });
      await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9.25')])]);
      await breakIt(acme);
      const report = await acmes.run();
      expect(report.coverage).toHaveLength(1);
      expect(report.coverage[0]).toMatchObject({
        status: 'partial',
        asOf: expect.stringMatching(/^2026-10-06/),
      });
      expect(report.coverage[0]?.reason).toMatch(told);
      expect(report.failure).toBeNull();
      expect(await acmes.totals()).toEqual({ '2026-09': '9.25', '2026-10': '10' });

      // And it is taken once it is whole.
      room = Number.MAX_SAFE_INTEGER;
      await acme.deliver('2026-10', [focusCsv([charge('2026-10', '11')])]);
      expect((await acmes.run()).coverage[0]).toMatchObject({ status: 'complete', reason: null });
      expect(await acmes.totals()).toEqual({ '2026-09': '9.25', '2026-10': '11' });
    },
  );

  test('a period of which rows were rejected is read and told again until it is whole', async () => {
    const acme = await payer();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9.25')])]);
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '11'), charge('2026-10', 'eleven')])]);
    const acmes = await collecting(acme);
    const report = await acmes.run();
    expect(report.coverage[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/^1 of 3 rows were rejected/),
    });
    const again = await acmes.run();
    expect(again.coverage[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/^1 of 2 rows were rejected/),
    });
    expect(await acmes.totals()).toEqual({ '2026-09': '9.25', '2026-10': '11' });
  });

  test('where nothing at all can be read, it has failed', async () => {
    const acme = await payer();
    await acme.put(acme.keys('2026-10', 1).manifest, '{');
    const acmes = await collecting(acme);
    const report = await acmes.run();
    expect(report.coverage[0]).toMatchObject({ scope: 'bill:aws-main', status: 'failed' });
    expect(report.failure).toMatchObject({ code: 'input' });
  });
});

describe('how fresh it is', () => {
  test('an export that AWS no longer delivers is told, and its rows stay', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const acmes = await collecting(acme);
    await acmes.run();
    expect((await acmes.run(later(2))).coverage[0]).toMatchObject({ status: 'complete', reason: null });
    expect((await acmes.run(later(4))).coverage[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/^the export was last delivered on .*: has it stopped\?$/),
    });
    expect(await acmes.totals()).toEqual({ '2026-10': '10' });
  });

  test('files that are newer than their manifest are of a delivery under way: read once it is whole', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const acmes = await collecting(acme);
    await acmes.run();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '11')])]);
    const { data } = acme.keys('2026-10', 1);
    // S3 dates to the second.
    await pause(1100);
    await acme.put(data[0] ?? '', gzipSync(focusCsv([charge('2026-10', '12')])));
    expect((await acmes.run()).coverage[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^2026-10: .*: a new delivery is under way/),
    });
    expect(await acmes.totals()).toEqual({ '2026-10': '10' });
    // Long after that no delivery is under way: somebody copied the files in another order.
    expect((await acmes.run(later(1))).coverage[0]).toMatchObject({ status: 'complete' });
    expect(await acmes.totals()).toEqual({ '2026-10': '12' });
  });
});

describe('where manifests lie', () => {
  test('data without a manifest is told and not read', async () => {
    const acme = await payer();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9')])]);
    const { data } = acme.keys('2026-10', 1);
    await acme.put(data[0] ?? '', gzipSync(focusCsv([charge('2026-10', '10')])));
    const acmes = await collecting(acme);
    expect((await acmes.run()).coverage[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/^2026-10: there is data without a manifest/),
    });
    expect(await acmes.totals()).toEqual({ '2026-09': '9' });
  });

  test.each([{ alsoAbove: false }, { alsoAbove: true }])(
    'create new: the newest execution alone (manifest also above: $alsoAbove)',
    async ({ alsoAbove }) => {
      const acme = await payer();
      const of = (day: number) => ({ execution: `2026-11-0${day}T06:00:00.000Z-1234abcd`, alsoAbove });
      await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])], of(1));
      const acmes = await collecting(acme);
      await acmes.run();
      await acme.deliver('2026-10', [focusCsv([charge('2026-10', '11')])], of(2));
      await acme.deliver('2026-10', [focusCsv([charge('2026-10', '12')])], of(3));
      await acmes.run();
      expect(await acmes.totals()).toEqual({ '2026-10': '12' });
      expect((await acmes.run()).ingest).toBeNull();
    },
  );

  test.each([
    { where: 'the prefix of its settings', prefix: 'bills/focus', asked: 'bills/focus/' },
    { where: 'its own folder', prefix: 'bills/focus', asked: 'bills/focus/daily' },
    { where: 'no prefix', prefix: '', asked: '' },
    { where: 'a prefix set with a slash at its end', prefix: 'bills/', asked: 'bills/' },
  ])('found by $where', async ({ prefix, asked }) => {
    const acme = await payer({ prefix });
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const acmes = await collecting(acme, { prefix: asked });
    expect((await acmes.run()).coverage[0]?.status).toBe('complete');
    expect(await acmes.totals()).toEqual({ '2026-10': '10' });
  });

  test('two exports in one folder are never both read: one must be named', async () => {
    const acme = await payer();
    const other = new Payer(s3, acme.bucket, { name: 'hourly' });
    for (const each of [acme, other]) await each.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    expect((await (await collecting(acme)).run()).coverage[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/several exports lie here: daily, hourly/),
    });
    const named = await collecting(acme, { export: 'hourly' });
    await named.run();
    expect(await named.totals()).toEqual({ '2026-10': '10' });
    expect((await (await collecting(acme, { export: 'weekly' })).run()).coverage[0]?.reason).toMatch(
      /no export named weekly lies here\n.*daily, hourly/,
    );
  });

  test('a replica, whose manifest still names the bucket it was copied from', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const { data, manifest } = acme.keys('2026-10', 1);
    await acme.put(
      manifest,
      JSON.stringify({ executionId: 'x', dataFiles: data.map((key) => `s3://acme-origin/${key}`) }),
    );
    const acmes = await collecting(acme);
    await acmes.run();
    expect(await acmes.totals()).toEqual({ '2026-10': '10' });
  });

  test('no export, and a bucket that is not there', async () => {
    const acme = await payer();
    expect((await (await collecting(acme)).run()).failure).toMatchObject({
      code: 'config',
      told: expect.stringMatching(/no export lies here/),
    });
    const gone = await collecting(acme, { bucket: 'acme-no-such-bucket' });
    expect((await gone.run()).failure?.told).toMatch(/acme-no-such-bucket.*NoSuchBucket/);
  });
});
