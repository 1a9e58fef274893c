import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { type CsvDialect, CsvRecords } from '../../focus/file/csv-records.ts';
import { compressionOf, plainBytes } from '../../platform/byte-stream.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Rejects } from './rejects.ts';
import type { Session } from './session.ts';
import { literal, quoted } from './sql-text.ts';

/** A CSV whose records were counted and whose sound ones lie in a Parquet file of texts, in the same order. */
export interface StagedCsv {
  /** Columns `c0`, `c1` ... in the order of the header. */
  readonly path: string;
  readonly records: number;
  readonly broken: number;
}

/**
 * Counts the records of a CSV without DuckDB, sets aside the broken ones, and has DuckDB write the rest as
 * Parquet. DuckDB reads the file itself; only where that file has broken or irregular records, or DuckDB sees
 * another number of them, is a clean copy written first.
 */
export async function stageCsv(
  session: Session,
  file: { path: string; shownAs: string; dialect: CsvDialect },
  stem: string,
  rejects: Rejects,
): Promise<StagedCsv> {
  const { dialect, shownAs } = file;
  const records = new CsvRecords(dialect, {
    broken: (bytes, line, reason) =>
      rejects.add(
        { file: shownAs, line, row: null, reason, text: Buffer.from(bytes).toString('utf8') },
        null,
      ),
  });
  for await (const piece of plainBytes(file.path, shownAs)) {
    records.push(piece);
    await rejects.settle();
  }
  records.end();

  const staged = { path: `${stem}.parquet`, records: records.records, broken: records.broken };
  const compression = await compressionOf(file.path);
  if (records.broken === 0 && !records.irregular && compression !== 'zstd') {
    const linked = `${stem}.csv${compression === 'gzip' ? '.gz' : ''}`;
    await symlink(resolve(file.path), linked);
    if ((await readByDuckDb(session, linked, staged.path, dialect)) === records.records) return staged;
  }
  const clean = `${stem}-clean.csv`;
  await writeClean(file, clean);
  const read = await readByDuckDb(session, clean, staged.path, dialect, true);
  await rm(clean);
  if (read !== records.records)
    throw new BursarError('internal', `${records.records} records were counted and ${read ?? 'none'} read`, {
      where: shownAs,
      hint: 'Nothing was taken. Please report the file, or its lines with quotes, as a defect.',
    });
  return staged;
}

/** The sound records alone, numbered from 0 as in the staged file, those in `wanted` (ascending) with their text. */
export async function recordsAt(
  file: { path: string; shownAs: string; dialect: CsvDialect },
  wanted: readonly number[],
): Promise<{ line: number; text: string }[]> {
  const found: { line: number; text: string }[] = [];
  let index = 0;
  const records = new CsvRecords(file.dialect, {
    record: (bytes, line) => {
      if (index++ === wanted[found.length]) found.push({ line, text: Buffer.from(bytes).toString('utf8') });
    },
    broken: () => undefined,
  });
  for await (const piece of plainBytes(file.path, file.shownAs)) {
    records.push(piece);
    if (found.length === wanted.length) return found;
  }
  records.end();
  return found;
}

async function writeClean(
  file: { path: string; shownAs: string; dialect: CsvDialect },
  to: string,
): Promise<void> {
  const out = createWriteStream(to);
  const done = finished(out);
  out.write(
    `${Array.from({ length: file.dialect.fields }, (_, index) => `c${index}`).join(file.dialect.delimiter)}\n`,
  );
  let parts: Uint8Array[] = [];
  const lineEnd = Uint8Array.of(10);
  const records = new CsvRecords(file.dialect, {
    record: (bytes) => parts.push(bytes.slice(), lineEnd),
    broken: () => undefined,
  });
  const flush = async (): Promise<void> => {
    const batch = Buffer.concat(parts);
    parts = [];
    if (!out.write(batch)) await Promise.race([once(out, 'drain'), done]);
  };
  for await (const piece of plainBytes(file.path, file.shownAs)) {
    records.push(piece);
    await flush();
  }
  records.end();
  await flush();
  out.end();
  await done;
}

/**
 * How many records DuckDB wrote; null where it will not read the file. Read buffers of two longest
 * lines and half of DuckDB's row groups: with its own sizes a million rows took 874 MiB at the peak, with these 497 (run,
 * DuckDB 1.5.6, two threads).
 */
async function readByDuckDb(
  session: Session,
  from: string,
  to: string,
  dialect: CsvDialect,
  clean = false,
): Promise<number | null> {
  const columns = Array.from({ length: dialect.fields }, (_, index) => `${quoted(`c${index}`)}: 'VARCHAR'`);
  const sql = `COPY (SELECT * FROM read_csv(${literal(from)}, auto_detect = false, header = true,
      delim = ${literal(dialect.delimiter)}, quote = '"', escape = '"', columns = {${columns.join(', ')}},
      nullstr = '', strict_mode = true, ignore_errors = false, null_padding = false,
      max_line_size = 4000000, buffer_size = 8000000, parallel = ${clean ? 'false' : 'true'}))
    TO ${literal(to)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)`;
  try {
    const [row] = await session.rows(sql);
    return Number(row?.['Count'] ?? Number.NaN);
  } catch (error) {
    // DuckDB may be stricter than RFC 4180 about a file as it is; the clean copy has to be readable.
    if (clean || !/CSV|unicode|Invalid Input/i.test(String(error))) throw error;
    return null;
  }
}
