import { rm, symlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CsvDialect } from '../../focus/file/csv-records.ts';
import { mapColumns, missingToRead } from '../../focus/versions.ts';
import { lookAtBillFile } from '../../platform/bill-file.ts';
import { BursarError } from '../../platform/errors.ts';
import type { FocusFile } from '../../sources/model.ts';
import { type CurHeader, curHeader } from './cur/header.ts';
import { CUR_FOCUS_NAMES, type CurToFocus, curToFocus, FAULT } from './cur/to-focus.ts';
import type { InputGroup } from './select-sql.ts';
import type { Session } from './session.ts';
import { list, literal, quoted } from './sql-text.ts';

/** A file whose header was read. `names` are FOCUS: those of the file, or those that a report (`cur`) is given. */
export type Input = {
  readonly file: FocusFile;
  readonly names: readonly string[];
  readonly cur?: CurHeader;
} & (
  | { readonly format: 'csv'; readonly dialect: CsvDialect }
  | { readonly format: 'parquet'; readonly rows: number }
);

/** A Parquet file in the scratch folder, staged from a CSV or linked to, and what it came from. */
export interface Staged {
  readonly input: Input;
  readonly path: string;
  /** Records of the file, counted without DuckDB: kept, rejected and broken. */
  readonly rows: number;
  /** Those of them that are in the Parquet file. */
  readonly sound: number;
}

/** Reads the header of one file; an input error where it is not FOCUS. */
export async function lookAt(file: FocusFile): Promise<Input> {
  const look = await lookAtBillFile(file.path, file.shownAs);
  if (look.format === 'other' || look.format === 'packed-parquet')
    throw new BursarError(
      'input',
      look.format === 'other' ? look.reason : 'Parquet must not be compressed as a whole',
      { where: file.shownAs, hint: 'Give a FOCUS file in CSV or Parquet.' },
    );
  if (file.layout === 'cur-2.0' || file.layout === 'cur-legacy') {
    const cur = { file, names: CUR_FOCUS_NAMES, cur: curHeader(look.names, file.shownAs) };
    return look.format === 'csv'
      ? { ...cur, format: 'csv', dialect: { delimiter: look.delimiter, fields: look.names.length } }
      : { ...cur, format: 'parquet', rows: look.rows };
  }
  const missing = missingToRead(look.names);
  if (missing.length > 0)
    throw new BursarError('input', `not FOCUS: it lacks ${missing.join(', ')}`, { where: file.shownAs });
  const repeated = repeatedColumn(look.names);
  if (repeated !== null)
    throw new BursarError('input', `the column ${repeated} occurs twice`, {
      where: file.shownAs,
      hint: 'Nobody can say which of them is meant. Remove one.',
    });
  return look.format === 'csv'
    ? {
        file,
        names: look.names,
        format: 'csv',
        dialect: { delimiter: look.delimiter, fields: look.names.length },
      }
    : { file, names: look.names, format: 'parquet', rows: look.rows };
}

/** DuckDB will not read a path with glob characters in it as one file, so each gets a plain name. */
export async function link(input: Input & { format: 'parquet' }, stem: string): Promise<Staged> {
  const path = `${stem}.parquet`;
  await symlink(resolve(input.file.path), path);
  return { input, path, rows: input.rows, sound: input.rows };
}

/** A staged Cost and Usage Report as FOCUS, with the rows that were added to its own; any other file as it is. */
export async function asFocus(
  session: Session,
  staged: Staged,
  stem: string,
): Promise<{ staged: Staged; made: CurToFocus | null }> {
  const { input, path, sound } = staged;
  if (input.cur === undefined) return { staged, made: null };
  const to = `${stem}-focus.parquet`;
  const report = { path, rows: sound, shownAs: input.file.shownAs };
  const made = await curToFocus(session, report, input.cur, to, input.format === 'csv');
  await rm(path);
  return { staged: { ...staged, path: to, rows: staged.rows + made.added }, made };
}

/** What the files of a group share; computed of one, equal for all. */
export async function groupKey(session: Session, staged: Staged): Promise<{ key: string; types: string[] }> {
  const columns = await session.rows(
    `DESCRIBE SELECT * FROM read_parquet(${literal(staged.path)}, binary_as_string = true)`,
  );
  const types = columns.map(({ column_type }) => String(column_type));
  const cur = staged.input.cur !== undefined;
  return { key: JSON.stringify([staged.input.format, cur, staged.input.names, types]), types };
}

/** The input side of the statements of a group of equal files. */
export function inputGroup(group: readonly Staged[], types: readonly string[]): InputGroup {
  const [first] = group;
  if (first === undefined) throw new RangeError('a group has a file');
  const { names, format } = first.input;
  const paths = group.map(({ path }) => literal(path));
  return {
    from: `read_parquet(${list(paths)}, filename = true, file_row_number = true, binary_as_string = true)`,
    mapping: mapColumns(names),
    shown: format === 'csv' ? [] : names,
    fault: first.input.cur === undefined ? null : `input.${quoted(FAULT)}`,
    input: (name) => {
      const index = names.indexOf(name);
      return {
        text: `input."text ${index}"`,
        sql: `input.${quoted(format === 'csv' ? `c${index}` : name)}`,
        type: types[index] ?? 'VARCHAR',
        csv: format === 'csv',
      };
    },
  };
}

/** A column that `costs` has and the header names more than once. */
function repeatedColumn(names: readonly string[]): string | null {
  const mapping = mapColumns(names);
  const kept = new Set(
    [...mapping.columns.flatMap(({ from }) => from), ...mapping.custom.map(({ from }) => from)].map(fold),
  );
  const seen = new Set<string>();
  for (const name of names) {
    if (kept.has(fold(name)) && seen.has(fold(name))) return name;
    seen.add(fold(name));
  }
  return null;
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}
