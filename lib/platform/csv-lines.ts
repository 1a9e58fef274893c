import { CsvError, parse } from 'csv-parse/sync';
import { BursarError } from './errors.ts';

/** A record of a CSV file, its cells without blanks around them, and the line that it ends on, from 1. */
export interface CsvLine {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * All records of a small CSV file with the lines they stand on, so that what is wrong can be named by its line. Empty
 * lines are left out; how many cells a record has is for the caller to judge.
 * @throws BursarError `input` where the text is no CSV
 */
export function csvLines(text: string, where: string): CsvLine[] {
  const found: CsvLine[] = [];
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: string[], { lines }) => {
        found.push({ cells, line: lines });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BursarError('input', `the file is no CSV: ${error.message}`, { where });
  }
  return found;
}
