import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mapColumns } from '../../focus/versions.ts';
import { BursarError } from '../../platform/errors.ts';
import type { FocusFile } from '../../sources/model.ts';
import { asFocus, groupKey, type Input, inputGroup, link, lookAt, type Staged } from './inputs.ts';
import type { Converted, ConvertOptions, PartColumn } from './model.ts';
import { Rejects } from './rejects.ts';
import { groupSql, partColumns } from './select-sql.ts';
import { openSession, type Session } from './session.ts';
import { literal } from './sql-text.ts';
import { stageCsv } from './stage.ts';
import { periodsOf, spanOf } from './totals.ts';
import { headerWarnings } from './warnings.ts';
import { writeParts } from './write-parts.ts';
import { writeRejects } from './write-rejects.ts';

/**
 * Turns FOCUS files of any version into typed Parquet parts, one folder a billing period. Every record of the
 * files is in the parts or among the rejects, which is checked by counts that are not DuckDB's; else it throws,
 * and `outDir` is gone.
 * @throws BursarError `input` for a file that is damaged or not FOCUS.
 */
export async function convert(files: readonly FocusFile[], options: ConvertOptions): Promise<Converted> {
  const outDir = resolve(options.outDir);
  await mkdir(outDir, { recursive: true });
  await mkdir(options.workDir, { recursive: true });
  const scratch = await mkdtemp(join(resolve(options.workDir), 'ingest-'));
  const rejects = new Rejects(join(outDir, 'rejects.ndjson'));
  try {
    const inputs = await Promise.all(files.map(lookAt));
    using session = await openSession(scratch, options.memoryMiB);
    return await convertInputs(inputs, { ...options, outDir }, scratch, session, rejects);
  } catch (error) {
    await rejects.close();
    await rm(outDir, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function convertInputs(
  inputs: readonly Input[],
  options: ConvertOptions,
  scratch: string,
  session: Session,
  rejects: Rejects,
): Promise<Converted> {
  const columns = partColumns(customColumns(inputs));
  const repairs = new Map<string, number>();
  const warnings = new Set<string>();
  let rowsIn = 0;
  const groups = new Map<string, { staged: Staged[]; types: string[] }>();
  for (const [index, input] of inputs.entries()) {
    options.progress.step(`reading ${input.file.shownAs}`, index, inputs.length);
    const stem = join(scratch, `in-${index}`);
    const found =
      input.format === 'parquet' ? await link(input, stem) : await stage(session, input, stem, rejects);
    const { staged, made } = await focusOf(session, found, stem);
    for (const { kind, count } of made?.repairs ?? []) repairs.set(kind, (repairs.get(kind) ?? 0) + count);
    for (const warning of made?.warnings ?? []) warnings.add(warning);
    rowsIn += staged.rows;
    const { key, types } = await described(session, staged);
    const group = groups.get(key) ?? { staged: [], types };
    group.staged.push(staged);
    groups.set(key, group);
  }
  let kept = 0;
  for (const [index, { staged, types }] of [...groups.values()].entries()) {
    options.progress.step('writing parts', index, groups.size);
    kept += await convertGroup(staged, types, columns, options, session, rejects, repairs, index);
    await Promise.all(staged.map(({ path }) => rm(path)));
  }
  const rejectsFile = await rejects.close();
  options.progress.step('adding up');
  const periods = await periodsOf(session, options.outDir, options.sourceId);
  const inParts = periods.reduce((sum, { rows }) => sum + rows, 0);
  if (rowsIn !== inParts + rejects.count || inParts !== kept)
    throw new BursarError(
      'internal',
      `${rowsIn} rows were read, but ${inParts} kept and ${rejects.count} rejected`,
      { where: options.sourceId, hint: 'Nothing was taken. Please report it as a defect.' },
    );
  return {
    periods,
    columns,
    rowsIn,
    rowsKept: inParts,
    rowsRejected: rejects.count,
    rejectedMoney: rejects.money(),
    rejectedMoneyUnread: rejects.unread,
    rejectsFile,
    repairs: Object.fromEntries([...repairs].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    warnings: [...headerWarnings(inputs), ...warnings],
    ...(await spanOf(session, periods)),
  };
}

async function stage(
  session: Session,
  input: Input & { format: 'csv' },
  stem: string,
  rejects: Rejects,
): Promise<Staged> {
  const staged = await stageCsv(session, { ...input.file, dialect: input.dialect }, stem, rejects);
  return { input, path: staged.path, rows: staged.records + staged.broken, sound: staged.records };
}

async function focusOf(session: Session, staged: Staged, stem: string): ReturnType<typeof asFocus> {
  try {
    return await asFocus(session, staged, stem);
  } catch (error) {
    if (error instanceof BursarError || !isDamage(staged, error)) throw error;
    throw damaged(staged, error);
  }
}

async function described(session: Session, staged: Staged): Promise<{ key: string; types: string[] }> {
  try {
    return await groupKey(session, staged);
  } catch (error) {
    throw damaged(staged, error);
  }
}

async function convertGroup(
  group: readonly Staged[],
  types: readonly string[],
  columns: readonly PartColumn[],
  options: ConvertOptions,
  session: Session,
  rejects: Rejects,
  repairs: Map<string, number>,
  index: number,
): Promise<number> {
  const sql = groupSql(inputGroup(group, types), columns, options);
  await session.run('CREATE OR REPLACE TEMP TABLE shown (path VARCHAR, name VARCHAR)');
  for (const { path, input } of group)
    await session.run(`INSERT INTO shown VALUES (${literal(path)}, ${literal(input.file.shownAs)})`);

  try {
    const periods: string[] = [];
    let kept = 0;
    let rejected = 0;
    for (const row of await session.rows(sql.profile)) {
      const keptHere = Number(row['rows']) - Number(row['rejected']);
      rejected += Number(row['rejected']);
      kept += keptHere;
      if (keptHere > 0) periods.push(String(row['period']));
      for (const [at, kind] of sql.repairKinds.entries()) {
        const count = Number(row[`r${at}`] ?? 0);
        if (count > 0) repairs.set(kind, (repairs.get(kind) ?? 0) + count);
      }
    }
    if (rejected > 0) await writeRejects(session, sql.rejects, group, rejects);
    if (kept > 0) await writeParts(session, sql.kept, periods, options.outDir, `part-${index}`);
    return kept;
  } catch (error) {
    const [only] = group;
    // A page of a Parquet file that cannot be read is found only now.
    if (only !== undefined && isDamage(only, error)) throw damaged(only, error);
    throw error;
  }
}

function customColumns(inputs: readonly Input[]): string[] {
  const byFold = new Map<string, string>();
  for (const { names } of inputs)
    for (const { target } of mapColumns(names).custom)
      if (!byFold.has(target.toLowerCase())) byFold.set(target.toLowerCase(), target);
  return [...byFold.values()].toSorted((a, b) => (a < b ? -1 : 1));
}

function isDamage(staged: Staged, error: unknown): boolean {
  return (
    staged.input.format === 'parquet' &&
    /Invalid (?:Input )?Error|IO Error|Corrupt|decompress|Parquet/i.test(String(error))
  );
}

function damaged(staged: Staged, cause: unknown): BursarError {
  return new BursarError('input', 'this Parquet file is damaged and cannot be read whole', {
    where: staged.input.file.shownAs,
    hint: 'Fetch or write the file again; nothing of it was taken.',
    cause,
  });
}
