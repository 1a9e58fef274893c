import { stat } from 'node:fs/promises';
import { readCsvHeader } from '../focus/file/csv-header.ts';
import { footerLength, readFooter, startsAsParquet, TAIL } from '../focus/file/parquet-footer.ts';
import { plainBytes, readAt } from './byte-stream.ts';
import { BursarError } from './errors.ts';

/** What a file is by its content, whatever its name. */
export type BillFile =
  | { readonly format: 'csv'; readonly names: readonly string[]; readonly delimiter: string }
  | { readonly format: 'parquet'; readonly names: readonly string[]; readonly rows: number }
  /** Parquet under gzip or Zstandard as a whole: to be unpacked before it can be read. */
  | { readonly format: 'packed-parquet' }
  | { readonly format: 'other'; readonly reason: string };

const BEGINNING = 1 << 20;

/** Looks at the header of a file. Throws an input error for a Parquet file that is cut off or damaged. */
export async function lookAtBillFile(path: string, shownAs = path): Promise<BillFile> {
  const head = await readAt(path, 0, 4);
  if (head.length === 0) return { format: 'other', reason: 'it is empty' };
  if (startsAsParquet(head)) return lookAtParquet(path, shownAs);

  const { bytes, whole } = await beginning(path, shownAs);
  if (startsAsParquet(bytes)) return { format: 'packed-parquet' };
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { format: 'other', reason: 'it is UTF-16; save it as UTF-8' };
  const header = readCsvHeader(bytes, whole);
  if (header === null) return { format: 'other', reason: 'it is neither CSV nor Parquet' };
  return { format: 'csv', ...header };
}

async function lookAtParquet(path: string, shownAs: string): Promise<BillFile> {
  const { size } = await stat(path);
  const length = footerLength(await readAt(path, Math.max(0, size - TAIL), TAIL));
  if (length === null || length + TAIL > size) throw damaged(shownAs);
  try {
    const { rows, columns } = readFooter(await readAt(path, size - TAIL - length, length));
    return { format: 'parquet', names: columns, rows };
  } catch (error) {
    if (error instanceof RangeError) throw damaged(shownAs, error);
    throw error;
  }
}

function damaged(where: string, cause?: unknown): BursarError {
  return new BursarError('input', 'this Parquet file is cut off or damaged: its footer cannot be read', {
    where,
    hint: 'Fetch or write the file again; nothing of it was taken.',
    cause,
  });
}

async function beginning(path: string, shownAs: string): Promise<{ bytes: Uint8Array; whole: boolean }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of plainBytes(path, shownAs)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= BEGINNING) return { bytes: Buffer.concat(pieces), whole: false };
  }
  return { bytes: Buffer.concat(pieces), whole: true };
}
