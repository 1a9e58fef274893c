import { relative, resolve } from 'node:path';
import { counted } from '../digest/counted.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { exportFocus } from '../run/export.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';

export interface ExportOptions extends CommonOptions {
  readonly source?: string;
  readonly period?: string;
  readonly attributed?: true;
  readonly overwrite?: true;
}

/** `bursar export`: the table as FOCUS 1.2 files, every value as it is: nothing is escaped for spreadsheets. */
export async function exportCommand(options: ExportOptions): Promise<void> {
  const { out, format, period } = options;
  if (out === undefined)
    throw new BursarError('input', 'bursar export needs --out', { hint: 'Name a folder: --out ./focus.' });
  if (format !== 'csv' && format !== 'parquet')
    throw new BursarError('input', `--format ${format} is no format of files`);
  if (period !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(period))
    throw new BursarError('input', `--period ${JSON.stringify(period)} is not a month`, {
      hint: 'Write it as YYYY-MM.',
    });
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, nowOf(options), progress);
  const files = await exportFocus(
    assembled.auditor.lake,
    {
      out: resolve(out),
      source: options.source ?? null,
      period: period ?? null,
      format,
      attributed: options.attributed === true,
      overwrite: options.overwrite === true,
    },
    progress,
  );
  progress.done();
  const shown = files.map(({ path, rows }) => `${relative(process.cwd(), path)}  ${counted(rows, 'row')}`);
  await print(shown.join('\n'), {});
}
