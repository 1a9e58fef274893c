import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { s3Client } from '../../../lib/run/assemble/aws-base.ts';
import { bucket } from '../../../lib/sources/aws-data-export/bucket.ts';
import { download } from '../../../lib/sources/aws-data-export/download.ts';
import { collecting } from './collect.ts';
import { bucketIn, charge, focusCsv, Payer, s3At } from './payer.ts';
import { type Disturbance, proxy, s3Error } from './proxy.ts';

let s3: S3Client;
let counter = 0;
let at = '';
beforeAll(async () => {
  s3 = s3At(inject('motoUrl'));
  at = await mkdtemp(join(tmpdir(), 'bursar-ranges-'));
});
afterAll(async () => {
  s3.destroy();
  await rm(at, { recursive: true });
});

async function payer(): Promise<Payer> {
  return new Payer(s3, await bucketIn(s3, `acme-disturbed-${counter++}`));
}

/** A client of moto behind a proxy that disturbs. */
async function disturbed(how: Disturbance) {
  const between = await proxy(inject('motoUrl'), how);
  const client = s3At(between.url);
  onTestFinished(async () => {
    client.destroy();
    await between[Symbol.asyncDispose]();
  });
  return { client, seen: between.seen };
}

const DENIED = s3Error(
  'AccessDenied',
  'User: arn:aws:sts::444455556666:assumed-role/BursarBills/bursar is not authorized to perform: s3:GetObject on resource: &quot;arn:aws:s3:::acme&quot; because no identity-based policy allows the s3:GetObject action',
);
const KMS = s3Error(
  'AccessDenied',
  'User: arn:aws:sts::444455556666:assumed-role/BursarBills/bursar is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:999900001111:key/1234 because no resource-based policy allows the kms:Decrypt action',
);

const keys = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' });

describe('what AWS refuses', () => {
  test.each([
    {
      what: 'a file',
      xml: DENIED,
      told: /2026-10: s3:.*00001.csv.gz: s3:GetObject was denied: .*\n.*source-access aws-main/,
    },
    {
      what: 'the key',
      xml: KMS,
      told: /2026-10: s3:.*00001.csv.gz: kms:Decrypt was denied: .*key\/1234.*\n.*source-access aws-main/,
    },
  ])('$what: that period keeps its rows, the other is taken', async ({ xml, told }) => {
    const acme = await payer();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9')])]);
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    let refusing = false;
    const { client } = await disturbed(({ path }) =>
      refusing && path.includes('/data/BILLING_PERIOD=2026-10') ? { status: 403, xml } : null,
    );
    const acmes = await collecting(acme, { client });
    await acmes.run();
    await acme.deliver('2026-09', [focusCsv([charge('2026-09', '9.5')])]);
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10.5')])]);
    refusing = true;
    const report = await acmes.run();
    expect(report.coverage[0]).toMatchObject({ status: 'partial', reason: expect.stringMatching(told) });
    expect(await acmes.totals()).toEqual({ '2026-09': '9.5', '2026-10': '10' });
  });

  test('the bucket itself, and every file', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const list = await disturbed(() => ({ status: 403, xml: DENIED.replaceAll('GetObject', 'ListBucket') }));
    const listed = await (await collecting(acme, { client: list.client })).run();
    expect(listed.failure).toMatchObject({
      code: 'denied',
      told: expect.stringMatching(/s3:ListBucket was denied/),
    });
    const all = await disturbed(({ path }) =>
      path.endsWith('.csv.gz') ? { status: 403, xml: DENIED } : null,
    );
    const files = await (await collecting(acme, { client: all.client })).run();
    expect(files.coverage[0]).toMatchObject({ status: 'failed' });
    expect(files.failure).toMatchObject({ code: 'denied' });
  });

  test('a bucket that another account owns, whoever made it under that name', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    // moto does not look at the header: S3 answers so (S3 API Reference, GetObject, ExpectedBucketOwner).
    const { client, seen } = await disturbed(({ owner }) =>
      owner === null || owner === '999900001111'
        ? null
        : { status: 403, xml: s3Error('AccessDenied', 'Access Denied') },
    );
    const other = await collecting(acme, { client, account: '777788889999' });
    expect((await other.run()).failure).toMatchObject({ code: 'denied' });
    expect(seen.filter((key) => key.startsWith('GET') && key.includes('csv.gz'))).toEqual([]);
    const owned = await collecting(acme, { client, account: '999900001111' });
    expect((await owned.run()).coverage[0]?.status).toBe('complete');
  });

  test('a bucket of another region than the config says, or than we run in, is read where it is', async () => {
    const acme = await payer();
    for (const period of ['2026-08', '2026-09', '2026-10'])
      await acme.deliver(period, [focusCsv([charge(period, '10')]), focusCsv([charge(period, '1')])]);
    // Amazon S3 API Reference, "Error responses" (PermanentRedirect), which names the region in this header.
    const regions = new Set<string | null>();
    await using between = await proxy(inject('motoUrl'), ({ region }) => {
      regions.add(region);
      return region === 'eu-west-1'
        ? null
        : {
            status: 301,
            headers: { 'x-amz-bucket-region': 'eu-west-1' },
            xml: s3Error(
              'PermanentRedirect',
              'The bucket you are attempting to access must be addressed elsewhere.',
            ),
          };
    });
    const acmes = await collecting(acme, { client: s3Client('us-east-1', between.url, keys) });
    expect((await acmes.run()).coverage[0]).toMatchObject({ status: 'complete' });
    expect(await acmes.totals()).toEqual({ '2026-08': '11', '2026-09': '11', '2026-10': '11' });
    expect(regions).toEqual(new Set(['us-east-1', 'eu-west-1']));
  });

  test('a listing whose page comes again and again ends in an error', async () => {
    const acme = await payer();
    const page = `<?xml version="1.0"?><ListBucketResult><Name>x</Name><IsTruncated>true</IsTruncated>
      <NextContinuationToken>again</NextContinuationToken><KeyCount>0</KeyCount></ListBucketResult>`;
    const { client, seen } = await disturbed(() => ({ status: 200, xml: page }));
    const report = await (await collecting(acme, { client })).run();
    expect(report.failure).toMatchObject({
      code: 'unavailable',
      told: expect.stringMatching(/gave the same page twice/),
    });
    expect(seen).toHaveLength(2);
  });

  test('a server that fails on one file for ever, and one that fails once', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])]);
    const once = await disturbed(({ method, path, nth }) =>
      method === 'GET' && path.endsWith('.csv.gz') && nth === 1
        ? { status: 503, xml: s3Error('SlowDown', 'Please reduce your request rate.') }
        : null,
    );
    const acmes = await collecting(acme, { client: once.client });
    expect((await acmes.run()).coverage[0]?.status).toBe('complete');
    const ever = await disturbed(({ method, path }) =>
      method === 'GET' && path.endsWith('.csv.gz')
        ? {
            status: 500,
            xml: s3Error('InternalError', 'We encountered an internal error. Please try again.'),
          }
        : null,
    );
    const report = await (await collecting(acme, { client: ever.client })).run();
    expect(report.failure).toMatchObject({
      code: 'unavailable',
      told: expect.stringMatching(/InternalError, HTTP 500/),
    });
  });
});

/** October in two files. */
const both = (billed: string) => Array.from({ length: 2 }, () => focusCsv([charge('2026-10', billed)]));
const execution = (n: number) => ({ execution: `2026-11-0${n}T06:00:00.000Z-abcd`, alsoAbove: true });

describe('what AWS replaces while it is read', () => {
  test('a file: the period is begun again, and is of one version', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', both('10'));
    // Whatever is asked from then on is answered once it is whole.
    let delivered: Promise<void> | null = null;
    const { client, seen } = await disturbed(({ method, path }) => {
      if (delivered === null && (method !== 'GET' || !path.endsWith('00002.csv.gz'))) return null;
      const whole = (delivered ??= acme.deliver('2026-10', both('11')));
      return { before: () => whole };
    });
    const acmes = await collecting(acme, { client });
    expect((await acmes.run()).coverage[0]).toMatchObject({ status: 'complete', reason: null });
    expect(await acmes.totals()).toEqual({ '2026-10': '22' });
    expect(seen.filter((key) => key.startsWith('GET') && key.includes('Manifest'))).toHaveLength(2);
    expect((await acmes.run()).ingest).toBeNull();
  });

  test('the manifest, after the last file came: begun again', async () => {
    const acme = await payer();
    await acme.deliver('2026-10', [focusCsv([charge('2026-10', '10')])], execution(1));
    let done = false;
    const { client } = await disturbed(({ method, path }) => {
      if (done || method !== 'HEAD' || !path.endsWith('BILLING_PERIOD=2026-10/daily-Manifest.json'))
        return null;
      done = true;
      return { before: () => acme.deliver('2026-10', [focusCsv([charge('2026-10', '11')])], execution(2)) };
    });
    const acmes = await collecting(acme, { client });
    await acmes.run();
    expect(done).toBe(true);
    expect(await acmes.totals()).toEqual({ '2026-10': '11' });
  });

  test('again and again: told, and nothing taken', async () => {
    const acme = await payer();
    let version = 0;
    const next = () => acme.deliver('2026-10', [focusCsv([charge('2026-10', String(++version))])]);
    await next();
    const { client } = await disturbed(({ method, path }) =>
      method === 'GET' && path.endsWith('.csv.gz') ? { before: next } : null,
    );
    const acmes = await collecting(acme, { client });
    const report = await acmes.run();
    expect(report.failure).toMatchObject({
      code: 'unavailable',
      told: expect.stringMatching(/replaced 3 times while it was read/),
    });
    expect(await acmes.totals()).toEqual({});
  });
});

describe('ranged reads', () => {
  const whole = Buffer.concat(
    Array.from({ length: 4000 }, (_, n) => createHash('sha512').update(String(n)).digest()),
  ).subarray(0, 250_001);
  const PART = 65_536;

  async function fetched(how: Disturbance, silenceMs = 60_000, body: Uint8Array = whole) {
    const name = await bucketIn(s3, `acme-ranges-${counter++}`);
    await new Payer(s3, name).put('x/data', body);
    const { client, seen } = await disturbed(how);
    const from = bucket({ client, name, hint: '' }, new Meter());
    const path = join(at, name);
    let came = 0;
    await download(from, [{ object: await from.facts('x/data'), path }], {
      partBytes: PART,
      silenceMs,
      came: (bytes) => {
        came += bytes;
      },
    });
    return { bytes: await readFile(path), came, ranges: seen.filter((key) => key.includes('bytes=')) };
  }

  test('a file in parts, each byte once', async () => {
    const { bytes, came, ranges } = await fetched(() => null);
    expect(bytes.equals(whole)).toBe(true);
    expect(came).toBe(whole.length);
    expect(ranges.map((key) => key.replace(/^.*bytes=/, '')).toSorted()).toEqual([
      '0-65535',
      '131072-196607',
      '196608-250000',
      '65536-131071',
    ]);
  });

  test.each([0, 1, PART, PART + 1, 2 * PART])('%i bytes', async (length) => {
    const body = whole.subarray(0, length);
    const { bytes, came } = await fetched(() => null, 60_000, body);
    expect(bytes.equals(body)).toBe(true);
    expect(came).toBe(length);
  });

  test('a connection that is cut goes on where it broke off', async () => {
    const { bytes, came, ranges } = await fetched(({ range }) =>
      range === 'bytes=65536-131071' ? { cutAfter: 1000 } : null,
    );
    expect(bytes.equals(whole)).toBe(true);
    expect(came).toBe(whole.length);
    expect(
      ranges.some((key) => /bytes=6\d{4}-131071$/.test(key) && !key.endsWith('bytes=65536-131071')),
    ).toBe(true);
  });

  test('a connection that falls silent is given up and asked again', async () => {
    const { bytes } = await fetched(
      ({ range, nth }) => (range === 'bytes=0-65535' && nth === 1 ? { silentAfter: 10 } : null),
      300,
    );
    expect(bytes.equals(whole)).toBe(true);
  });

  test('one that breaks every time ends in an error, soon and with its place', async () => {
    await expect(
      fetched(({ range }) => (range?.endsWith('-131071') ? { cutAfter: 0 } : null)),
    ).rejects.toMatchObject({
      code: 'unavailable',
      where: expect.stringMatching(/x\/data$/),
      message: expect.stringMatching(/broke 4 times/),
    });
  });

  test('a server that ignores ranges is not taken for one that keeps to them', async () => {
    const name = await bucketIn(s3, `acme-ranges-${counter++}`);
    await new Payer(s3, name).put('x/data', whole);
    const from = bucket({ client: s3, name, hint: '' }, new Meter());
    const facts = await from.facts('x/data');
    const lying = { ...from, range: async () => await from.range(facts, 0, 9, new AbortController().signal) };
    await expect(
      download(lying, [{ object: facts, path: join(at, name) }], { partBytes: PART, came: () => undefined }),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/asked for bytes .*, S3 answered bytes 0-9\/250001/),
    });
  });
});
