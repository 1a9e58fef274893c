import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { conversionOf, ratesPermissions, withRates } from '../../../lib/run/assemble/conversion.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-rates-'));
  await writeFile(join(folder, 'rates.csv'), 'date,from,to,rate\n2026-10-01,USD,EUR,0.9\n');
  await writeFile(join(folder, 'wrong.csv'), 'day,from,to,rate\n2026-10-01,USD,EUR,0.9\n');
  await writeFile(join(folder, 'latin.csv'), Uint8Array.of(0x64, 0xe9, 0x0a));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const config = (more: string) => parseConfig(`schemaVersion: 1\n${more}`, 'bursar.yaml');

test('nothing is converted unasked, and a table is read by its path from the folder of the run', async () => {
  const named = config('conversion: { rates: ./rates.csv, mostDays: 3 }');
  expect(await conversionOf(undefined, named, folder)).toBeNull();
  const found = await conversionOf('eur', named, folder);
  expect(found).toMatchObject({ into: 'EUR', mostDays: 3, rates: { shownAs: './rates.csv' } });
  expect(found?.rates.rateOn('USD', 'EUR', '2026-10-02', 3)).toMatchObject({ ok: true });
  expect(await conversionOf('EUR', config('conversion: { rates: rates.csv }'), folder)).toMatchObject({
    mostDays: 7,
  });
});

test('a deployment carries the table that a path names, and leaves one in S3 where it is', async () => {
  const carried = withRates(config('conversion: { rates: rates.csv, mostDays: 3 }'), folder);
  const found = await conversionOf('EUR', JSON.parse(JSON.stringify(carried)), '/nowhere');
  expect(found).toMatchObject({ into: 'EUR', mostDays: 3, rates: { shownAs: 'conversion.rates' } });
  expect(found?.rates.rateOn('USD', 'EUR', '2026-10-02', 3)).toMatchObject({ ok: true });
  expect(ratesPermissions(carried)).toEqual([]);
  const remote = config('conversion: { rates: s3://acme-config/fx/rates.csv }');
  expect(withRates(remote, folder)).toBe(remote);
  expect(ratesPermissions(remote)).toMatchObject([
    { action: 's3:GetObject', resources: ['arn:aws:s3:::acme-config/fx/rates.csv'] },
  ]);
  const none = config('');
  expect(withRates(none, folder)).toBe(none);
  expect(() => withRates(config('conversion: { rates: other.csv }'), folder)).toThrow(/cannot be read/);
  expect(() => withRates(config('conversion: { rates: wrong.csv }'), folder)).toThrow(BursarError);
});

test.each([
  ['EUX', 'conversion: { rates: rates.csv }', 'is no currency'],
  ['EUR', '', 'the config names none'],
  ['EUR', 'conversion: { rates: other.csv }', 'cannot be read: Error: ENOENT'],
  ['EUR', 'conversion: { rates: latin.csv }', 'it is no UTF-8 text'],
])('--in %s with %j is refused: %s', async (asked, more, words) => {
  await expect(conversionOf(asked, config(more), folder)).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining(words),
  });
});

test.each(['{}', '{ rates: rates.csv, mostDays: -1 }', '{ rates: rates.csv, to: EUR }', '{ rates: "" }'])(
  'a config with conversion: %s is refused',
  (text) => {
    expect(() => config(`conversion: ${text}`)).toThrow(/conversion/);
  },
);
