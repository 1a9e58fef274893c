import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsvHeader } from '../../../lib/focus/file/csv-header.ts';
import { CsvRecords, splitRecord } from '../../../lib/focus/file/csv-records.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (from: Uint8Array): string => new TextDecoder().decode(from);

interface Found {
  records: [line: number, record: string][];
  broken: [line: number, reason: string, record: string][];
  irregular: boolean;
}

function read(csv: Uint8Array, { fields = 3, delimiter = ',', pieces = [] as number[] } = {}): Found {
  const found: Found = { records: [], broken: [], irregular: false };
  const reader = new CsvRecords(
    { delimiter, fields },
    {
      record: (record, line) => found.records.push([line, text(record)]),
      broken: (record, line, reason) => found.broken.push([line, reason, text(record)]),
    },
  );
  let at = 0;
  for (const size of [...pieces, csv.length]) {
    reader.push(csv.subarray(at, at + size));
    at += size;
  }
  reader.end();
  expect([reader.records, reader.broken]).toEqual([found.records.length, found.broken.length]);
  found.irregular = reader.irregular;
  return found;
}

const field = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', 'é', '💶'), maxLength: 8 }),
);
const written = (value: string): string => `"${value.replaceAll('"', '""')}"`;

describe('records of a CSV', () => {
  test('what a writer wrote is read, in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field, field), { maxLength: 8 }),
        fc.array(fc.nat(40), { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (rows, pieces, lineEnd, lastEnd) => {
          const csv = ['a,b,c', ...rows.map((row) => row.map(written).join(','))].join(lineEnd);
          const { records, broken, irregular } = read(bytes(csv + (lastEnd ? lineEnd : '')), { pieces });
          expect(records.map(([, record]) => splitRecord(record, ','))).toEqual(rows);
          expect(broken).toEqual([]);
          expect(irregular).toBe(false);
        },
      ),
    );
  });

  test('a record knows its line', () => {
    expect(read(bytes('a,b,c\n1,"x\ny",2\n\n3,4,5\n'))).toEqual({
      records: [
        [2, '1,"x\ny",2'],
        [5, '3,4,5'],
      ],
      broken: [],
      irregular: true,
    });
  });

  test('every record is found once however its bytes are cut, and broken ones cost themselves alone', () => {
    const sound = '1,"two ""2""",3';
    const faults = ['1,"two,3', '1,two",3', '1,"two"x,3', '1,2', '1,2,3,4', '"', '1,"x"",3'];
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.constantFrom(...faults), { nil: null, freq: 3 }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.array(fc.nat(30), { maxLength: 20 }),
        (lines, pieces) => {
          // Two broken rows in a row can be one sound record of two lines, so a sound one follows each.
          const csv = bytes(`a,b,c\n${lines.map((fault) => `${fault ?? sound}\n${sound}\n`).join('')}`);
          const { records, broken } = read(csv, { pieces });
          expect(records).toHaveLength(lines.length + lines.filter((fault) => fault === null).length);
          expect(broken.map(([line, , record]) => [line, record])).toEqual(
            lines.flatMap((fault, index) => (fault === null ? [] : [[2 * index + 2, fault]])),
          );
        },
      ),
    );
  });

  test('a reason is told', () => {
    const csv = 'a,b,c\n1,"2,3\n1,2"3,4\n1,"2"3,4\n1,2\n1,2\r3,4\n"';
    expect(read(bytes(csv)).broken.map(([, reason]) => reason)).toEqual([
      'text after a closing quote',
      'a quote within a field that has no quotes',
      'text after a closing quote',
      '2 fields instead of 3',
      'a carriage return within a field that has no quotes',
      'a quote is never closed',
    ]);
  });

  test('a quote that is never closed in a file larger than the longest record costs one row', () => {
    const csv = `a,b,c\n1,"2,3\n${'1,2,3\n'.repeat(500_000)}`;
    const { records, broken } = read(bytes(csv), { pieces: Array.from({ length: 40 }, () => 65_536) });
    expect(broken).toEqual([[2, 'longer than 2000000 bytes', '1,"2,3']]);
    expect(records).toHaveLength(500_000);
  });

  test('text that is not UTF-8 is broken, and only it', () => {
    const csv = Uint8Array.from([...bytes('a,b,c\n1,é,2\n1,'), 0xe9, ...bytes(',2\n1,2,3\n')]);
    const { records, broken } = read(csv);
    expect(records.map(([line]) => line)).toEqual([2, 4]);
    expect(broken.map(([line, reason]) => [line, reason])).toEqual([[3, 'not UTF-8']]);
  });

  test('line ends of two kinds are irregular', () => {
    expect(read(bytes('a,b,c\r\n1,2,3\n')).irregular).toBe(true);
  });
});

describe('a header', () => {
  const NAMES = ['BilledCost', 'EffectiveCost', 'ChargePeriodStart', 'BillingCurrency'];
  test.each([',', ';', '\t', '|'])('is split at %j', (delimiter) => {
    expect(readCsvHeader(bytes(`\uFEFF${NAMES.join(delimiter)}\r\n1`), false)).toEqual({
      delimiter,
      names: NAMES,
    });
  });
  test('may have quotes and separators in a name', () => {
    expect(readCsvHeader(bytes(`"x_a;b",${NAMES.join(',')}`), true)?.names).toEqual(['x_a;b', ...NAMES]);
  });
  test.each([
    ['nothing', bytes('')],
    ['a binary file', Uint8Array.of(80, 75, 3, 4, 0, 0, 10)],
    ['UTF-16', new Uint8Array(Buffer.from('BilledCost,EffectiveCost\n', 'utf16le'))],
  ])('%s has none', (_what, content) => {
    expect(readCsvHeader(content, true)).toBeNull();
  });
});
