import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { missingToRead } from '../../focus/versions.ts';
import { lookAtBillFile } from '../../platform/bill-file.ts';
import { plainBytes } from '../../platform/byte-stream.ts';
import { BursarError } from '../../platform/errors.ts';
import type { FocusFile } from '../model.ts';
import type { ExportManifest } from './manifest.ts';

/** The column that every Cost and Usage Report has: CUR 2.0 and legacy Parquet, legacy CSV. */
const CUR = new Set(['line_item_usage_start_date', 'lineitem/usagestartdate']);

/**
 * What a data file of an export is, by its header: the FOCUS table, else a Cost and Usage Report, whose kind is
 * told by the manifest (CUR 2.0 and legacy Parquet share their names).
 * @throws BursarError `input` where it is neither, or damaged
 */
export async function layoutOf(
  path: string,
  shownAs: string,
  made: ExportManifest['made'],
): Promise<FocusFile> {
  const look = await lookAtBillFile(path, shownAs);
  if (look.format === 'packed-parquet') {
    const plain = `${path}.plain`;
    await pipeline(Readable.from(plainBytes(path, shownAs)), createWriteStream(plain));
    return await layoutOf(plain, shownAs, made);
  }
  if (look.format === 'other')
    throw new BursarError('input', `this data file of the export cannot be read: ${look.reason}`, {
      where: shownAs,
    });
  const { format, names } = look;
  const missing = missingToRead(names);
  if (missing.length === 0) return { path, shownAs, format, layout: 'focus' };
  if (names.some((name) => CUR.has(name.trim().toLowerCase())))
    return { path, shownAs, format, layout: made === 'legacy' ? 'cur-legacy' : 'cur-2.0' };
  throw new BursarError(
    'input',
    `this data file is neither FOCUS (it lacks ${missing.join(', ')}) nor a Cost and Usage Report (it lacks line_item_usage_start_date)`,
    { where: shownAs, hint: 'Export the columns that are named, or all of the table.' },
  );
}
