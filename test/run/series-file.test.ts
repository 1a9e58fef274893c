import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLabels, readSeries } from '../../lib/run/series-file.ts';

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-series-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(text: string, name = `${count++}.csv`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const read = async (text: string) => await readSeries(await file(text));

describe('a series of a file', () => {
  test('takes columns in any case and order, quoted or not, and labels', async () => {
    const { series, labels, times } = await read(
      '"Label","TimeStamp","VALUE"\r\n0,"2026-01-01T00:00:00Z",1\r\n1,2026-01-01 01:00:00,2.5\r\n1,2026-01-01T02:00,-3e2\r\n0,2026-01-01T03:00:00Z,4\r\n',
    );
    expect(series).toEqual({ start: '2026-01-01T00:00:00.000Z', step: 3_600_000, values: [1, 2.5, -300, 4] });
    expect(labels).toEqual([{ start: times[1], end: times[2] }]);
  });

  test('a step without a row, or with an empty value, is a gap; no gap is zero', async () => {
    const { series, notes } = await read(
      'timestamp,value\n2026-01-01,1\n2026-01-02,\n2026-01-03,3\n2026-01-05,NaN\n2026-01-06,6\n',
    );
    expect(series.values).toEqual([1, null, 3, null, null, 6]);
    expect(notes.join(' ')).toContain('3 of 6 steps');
  });

  test('an hour that a clock repeats is one hour; with their zones they are two', async () => {
    const local = await read(
      'timestamp,value\n2026-10-25 01:00,1\n2026-10-25 02:00,2\n2026-10-25 02:00,4\n2026-10-25 03:00,5\n',
    );
    expect(local.series.values).toEqual([1, 3, 5]);
    expect(local.notes.join(' ')).toContain('1 steps have several rows');
    const zoned = await read(
      'timestamp,value\n2026-10-25T01:00+02:00,1\n2026-10-25T02:00+02:00,2\n2026-10-25T02:00+01:00,4\n2026-10-25T03:00+0100,5\n',
    );
    expect(zoned.series.values).toEqual([1, 2, 4, 5]);
  });

  test('the newest first is sorted and said; a leap day is a day; months are steps', async () => {
    const { series, notes } = await read('timestamp,value\n2028-03-01,3\n2028-02-29,2\n2028-02-28,1\n');
    expect(series.values).toEqual([1, 2, 3]);
    expect(notes.join(' ')).toContain('sorted');
    const months = await read('timestamp,value\n2026-01-01,1\n2026-02-01,2\n2026-03-01,3\n2026-04-01,4\n');
    expect(months.series.values).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ['timestamp,value\n2026-01-01,1\n2026-01-02,abc\n', /line 3: "abc" is no number/],
    ['timestamp,value\n2026-01-01,1\n2026-02-30,2\n', /line 3: "2026-02-30" is no time/],
    ['timestamp,value\n2026-01-01,1\nyesterday,2\n', /line 3: "yesterday" is no time/],
    ['timestamp,value\n2026-01-01,1\n2026-01-02,1e999\n', /line 3: "1e999" is no number/],
    ['timestamp,value\n2026-01-01,1\n2026-01-02,1,7\n', /line 3: 3 fields/],
    ['timestamp,value,label\n2026-01-01,1,0\n2026-01-02,2,maybe\n', /line 3: "maybe" is no label/],
    ['time,value\n2026-01-01,1\n', /line 1: there is no column timestamp/],
    ['timestamp,value\n2026-01-01,1\n', /fewer than two rows/],
    ['timestamp,value\n2026-01-01,1\n2026-01-01,2\n', /all rows are of one time/],
    ['', /no column timestamp/],
  ])('refuses %j', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ told: expect.stringMatching(message) });
  });
});

describe("labels as NAB's windows", () => {
  const windows = '[["2026-01-01 00:00:00.000000","2026-01-02 12:30:00.000000"]]';

  test('by the name of the file, and as a list', async () => {
    const own = [{ start: '2026-01-01T00:00:00.000Z', end: '2026-01-02T12:30:00.000Z' }];
    const path = await file(`{"real/other.csv": [], "real/cpu.csv": ${windows}}`, 'labels.json');
    expect(await readLabels(path, '/data/cpu.csv')).toEqual(own);
    expect(await readLabels(await file(windows, 'list.json'), 'any.csv')).toEqual(own);
  });

  test('refuses what has none for the file, is no window, or no JSON', async () => {
    const path = await file('{"real/other.csv": []}', 'none.json');
    await expect(readLabels(path, 'cpu.csv')).rejects.toThrow(/no list of windows for cpu.csv/);
    await expect(readLabels(await file('[["2026-01-02","2026-01-01"]]', 'turned.json'), 'a')).rejects.toThrow(
      /ends before/,
    );
    await expect(readLabels(await file('[[1,2]]', 'numbers.json'), 'a')).rejects.toThrow(/two times/);
    await expect(readLabels(await file('nope', 'text.json'), 'a')).rejects.toThrow(/no JSON/);
  });
});
