import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sameColumns } from '../lake/export.ts';
import { safeName } from '../lake/layout.ts';
import type { ExportColumn, ExportFormat, Lake } from '../lake/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Progress } from '../platform/progress.ts';

export interface ExportQuestion {
  readonly out: string;
  /** Null: every source, every period. */
  readonly source: string | null;
  readonly period: string | null;
  readonly format: ExportFormat;
  readonly attributed: boolean;
  /** May files that are there be replaced? */
  readonly overwrite: boolean;
}

export interface ExportedFile {
  readonly source: string;
  readonly period: string;
  readonly path: string;
  readonly rows: number;
}

/**
 * Writes one FOCUS 1.2 file a source and billing period, `OUT/<source>/<YYYY-MM>.csv`, all of the same columns. A file is there whole or not
 * at all; one that was there is replaced only where that was asked for, and is looked for before anything is written.
 */
export async function exportFocus(
  lake: Lake,
  question: ExportQuestion,
  progress: Progress,
): Promise<ExportedFile[]> {
  const targets = await targetsOf(lake, question);
  if (!question.overwrite) await mustBeFree(targets.map(({ path }) => path));
  const columns = await columnsOf(lake, targets, question, progress);
  const written: ExportedFile[] = [];
  for (const [index, target] of targets.entries()) {
    progress.step(`writing ${target.path}`, index, targets.length);
    const temporary = `${target.path}.${process.pid}.tmp`;
    await mkdir(join(question.out, safeName(target.source)), { recursive: true });
    try {
      const { rows } = await lake.exportPeriod({
        sourceId: target.source,
        period: target.period,
        path: temporary,
        format: question.format,
        attributed: question.attributed,
        columns,
      });
      await rename(temporary, target.path);
      written.push({ ...target, rows });
    } finally {
      await rm(temporary, { force: true });
    }
  }
  return written;
}

/** Those that any of the files needs: all of one export have the same, so that tools read them as one table. */
async function columnsOf(
  lake: Lake,
  targets: readonly Target[],
  { attributed }: ExportQuestion,
  progress: Progress,
): Promise<ExportColumn[]> {
  const lists: ExportColumn[][] = [];
  for (const [index, { source, period }] of targets.entries()) {
    progress.step(`looking at ${source} ${period}`, index, targets.length);
    lists.push(await lake.exportColumns({ sourceId: source, period, attributed }));
  }
  return sameColumns(lists);
}

type Target = Omit<ExportedFile, 'rows'>;

async function targetsOf(lake: Lake, { out, source, period, format }: ExportQuestion): Promise<Target[]> {
  const sources = source === null ? (await lake.sources()).map(({ sourceId }) => sourceId) : [source];
  const targets: Target[] = [];
  for (const id of sources)
    for (const { period: month, current } of await lake.history(id))
      if (current !== null && (period === null || month === period))
        targets.push({ source: id, period: month, path: join(out, safeName(id), `${month}.${format}`) });
  if (targets.length === 0)
    throw new BursarError('input', 'there is nothing to export', {
      hint:
        period === null
          ? 'Read bills with bursar audit first.'
          : `No source that was asked for holds the billing period ${period}.`,
    });
  return targets;
}

async function mustBeFree(paths: readonly string[]): Promise<void> {
  const taken: string[] = [];
  for (const path of paths) if (await exists(path)) taken.push(path);
  if (taken.length > 0)
    throw new BursarError(
      'input',
      `${taken.length} ${taken.length === 1 ? 'file is' : 'files are'} there already`,
      {
        where: taken[0] ?? '',
        hint: 'Nothing was written. Give --out another folder, or add --overwrite.',
      },
    );
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
