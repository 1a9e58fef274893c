import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { focusFileSource } from '../../../lib/sources/focus-file/source.ts';
import { sourceIdOf } from '../../../lib/sources/focus-file/source-id.ts';
import type { Delivery } from '../../../lib/sources/model.ts';
import { parquet } from '../../lake/ingest/fixtures.ts';

const FOCUS = 'BilledCost,EffectiveCost,ChargePeriodStart,BillingCurrency\n1,1,2026-05-01T00:00:00Z,USD\n';
let at = '';

beforeEach(async () => {
  at = await mkdtemp(join(tmpdir(), 'bursar-source-'));
});
afterEach(async () => {
  await rm(at, { recursive: true, force: true });
});

async function put(name: string, content: string | Uint8Array = FOCUS): Promise<string> {
  const path = join(at, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function deliver(...paths: string[]): Promise<Delivery> {
  return await focusFileSource({ id: 'bills', paths }).deliver({
    workDir: join(at, 'work'),
    now: new Date('2026-06-01T00:00:00Z'),
    meter: new Meter(),
    progress: silent,
  });
}

const names = (delivery: Delivery): string[] => delivery.files.map(({ path }) => path.replace(`${at}/`, ''));

describe('what a path stands for', () => {
  test('a folder: every FOCUS file below it, and why the others are none', async () => {
    await put('bills/a.csv');
    await put('bills/deep/er/b.csv.gz', gzipSync(FOCUS));
    await put('bills/readme.md', '# Bills\n');
    await put('bills/prices.csv', 'sku,price\n1,2\n');
    await put('bills/half.csv', 'BilledCost,BillingCurrency\n1,USD\n');
    await put('bills/empty.csv', '');
    await put('bills/logo.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0));
    const delivery = await deliver(join(at, 'bills'));
    expect(names(delivery)).toEqual(['bills/a.csv', 'bills/deep/er/b.csv.gz']);
    expect(delivery.skipped.map(({ path, reason }) => [path.replace(`${at}/bills/`, ''), reason])).toEqual([
      ['empty.csv', 'not FOCUS: it is empty'],
      ['half.csv', 'not FOCUS: it lacks EffectiveCost, ChargePeriodStart'],
      ['logo.png', 'not FOCUS: it is neither CSV nor Parquet'],
      ['prices.csv', 'not FOCUS: it lacks BilledCost, EffectiveCost, ChargePeriodStart, BillingCurrency'],
      ['readme.md', 'not FOCUS: it lacks BilledCost, EffectiveCost, ChargePeriodStart, BillingCurrency'],
    ]);
    expect(delivery).toMatchObject({
      sourceId: 'bills',
      sourceType: 'focus-file',
      grain: 'resource',
      asOf: null,
    });
  });

  test('a glob, and a file named twice is one file', async () => {
    await put('bills/a.csv');
    await put('bills/x/b.csv');
    await put('bills/x/c.txt', 'nothing');
    const delivery = await deliver(join(at, '**/*.csv'), join(at, 'bills/a.csv'), join(at, 'bills/./a.csv'));
    expect(names(delivery)).toEqual(['bills/a.csv', 'bills/x/b.csv']);
    expect(delivery.skipped).toEqual([]);
  });

  test('a name with glob characters in it is first of all a name', async () => {
    const path = await put('bill [may]*.csv');
    expect(names(await deliver(path))).toEqual(['bill [may]*.csv']);
  });

  test('a link to a file is followed, a link to a folder that holds it is no endless loop', async () => {
    const outside = await put('elsewhere/a.csv');
    await mkdir(join(at, 'bills'));
    await symlink(outside, join(at, 'bills/linked.csv'));
    await symlink(join(at, 'bills'), join(at, 'bills/loop'));
    expect(names(await deliver(join(at, 'bills')))).toEqual(['bills/linked.csv']);
  });

  test('Parquet is known by its content, also under gzip', async () => {
    const path = await parquet(
      `SELECT 1.0 AS BilledCost, 1.0 AS EffectiveCost, 'USD' AS BillingCurrency, TIMESTAMP '2026-05-01' AS ChargePeriodStart`,
      'export.data',
    );
    const packed = await put('export.parquet.gz', gzipSync(await readFile(path)));
    const delivery = await deliver(path, packed);
    expect(delivery.files).toMatchObject([
      { path, shownAs: path, format: 'parquet' },
      { path: join(at, 'work/unpacked-1.parquet'), shownAs: packed, format: 'parquet' },
    ]);
  });
});

const fails = async (path: string): Promise<BursarError> => {
  const error: unknown = await deliver(path).catch((reason: unknown) => reason);
  if (!(error instanceof BursarError)) throw new Error('expected a BursarError', { cause: error });
  expect([error.code, error.exitCode]).toEqual(['input', 2]);
  return error;
};

describe('nothing to read is an error that says what and where', () => {
  test('a missing file', async () => {
    const path = join(at, 'missing.csv');
    expect((await fails(path)).told).toBe(
      `${path}: there is no such file or folder\n  Check the path; a relative one starts at the current folder.`,
    );
  });
  test('a glob without matches', async () => {
    expect((await fails(join(at, '*.csv'))).message).toBe('no file matches this pattern');
  });
  test('an empty folder', async () => {
    expect((await fails(at)).message).toBe('this folder holds no file');
  });
  test('files that are all something else', async () => {
    await put('a.txt', 'hello');
    expect((await fails(at)).message).toMatch(
      /no FOCUS file is here \(.*a\.txt: not FOCUS: it lacks BilledCost/,
    );
  });
  test('truncated Parquet', async () => {
    const path = await put('cut.parquet', 'PAR1 and then nothing');
    expect(await fails(path)).toMatchObject({
      where: path,
      message: expect.stringMatching(/cut off or damaged/),
    });
  });
  test('a link that leads nowhere', async () => {
    await symlink(join(at, 'gone'), join(at, 'link.csv'));
    expect((await fails(join(at, 'link.csv'))).message).toBe('this link leads nowhere');
  });
});

describe('the id of a source', () => {
  test('is the same for the same path, however it is spelt', () => {
    const id = sourceIdOf('bills/2026/aws.csv');
    expect(id).toMatch(/^2026-aws-csv-[0-9a-f]{10}$/);
    for (const path of ['./bills/2026/aws.csv', 'bills//2026/./aws.csv', 'bills/x/../2026/aws.csv/'])
      expect(sourceIdOf(path)).toBe(id);
  });
  test.each([
    ['bills', '/bills'],
    ['s3://bucket/bills', 'bucket/bills'],
    ['Bills', 'bills'],
    ['a/b', 'a-b'],
    ['ä', 'ö'],
  ])('of %j is not that of %j', (one, other) => {
    expect(sourceIdOf(one)).not.toBe(sourceIdOf(other));
  });
  test('is fit for a folder name, whatever the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(sourceIdOf(path)).toMatch(/^[a-z0-9][a-z0-9-]{0,55}$/);
      }),
    );
  });
});
