import { missingToRead } from '../versions.ts';
import { firstRecord, splitRecord } from './csv-records.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The names in the first record and what separates them. */
export interface CsvHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

/**
 * Reads the header from the beginning of a CSV: the separator under which it names the most FOCUS columns, else
 * the most columns. Null where no record can be found, as in a binary file or in UTF-16. `whole`: the bytes are
 * all of the file.
 */
export function readCsvHeader(beginning: Uint8Array, whole: boolean): CsvHeader | null {
  const bytes = afterBlank(beginning);
  if (bytes.length === 0 || bytes.includes(0)) return null;
  let best: CsvHeader | null = null;
  let bestRank = -1;
  for (const delimiter of DELIMITERS) {
    const end = firstRecord(bytes, delimiter, whole);
    if (end === null) continue;
    const record = new TextDecoder().decode(bytes.subarray(0, end)).replace(/\r?\n$|\r$/, '');
    const names = splitRecord(record, delimiter);
    const rank = (4 - missingToRead(names).length) * 100_000 + names.length;
    if (rank > bestRank) [best, bestRank] = [{ delimiter, names }, rank];
  }
  return best;
}

/** Skips a byte order mark and blank lines. */
function afterBlank(bytes: Uint8Array): Uint8Array {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] === 10)) at += bytes[at] === 10 ? 1 : 2;
  return bytes.subarray(at);
}
