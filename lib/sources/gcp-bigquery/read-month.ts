import { open } from 'node:fs/promises';
import { Decimal } from '../../focus/decimal.ts';
import type { Page, Statement, Table } from '../../platform/bigquery/model.ts';
import { shown } from '../../platform/bigquery/name.ts';
import { BursarError } from '../../platform/errors.ts';
import { csvLine, writeRows } from './csv.ts';
import type { Mapping } from './mapping.ts';
import { type Grain, ROWS, readSql } from './select.ts';
import { type Month, monthFilter } from './survey.ts';

/** The month's rows would not fit here: the first page has shown how large they are. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  /** Bytes that all its rows would take. */
  readonly bytes: number;
  readonly reason: string;

  constructor(bytes: number, reason: string) {
    super(reason);
    this.bytes = bytes;
    this.reason = reason;
  }
}

export interface MonthToRead {
  readonly table: Table;
  readonly mapping: Mapping;
  readonly grain: Grain;
  readonly month: Month;
  readonly location: string;
  /** Is the invoice still being made? */
  readonly estimated: boolean;
}

/**
 * Writes one invoice month as FOCUS rows into a CSV file, a page at a time. What was written must stand for as many
 * rows as the survey counted and add up to the same amount; else the table changed meanwhile and nothing is taken.
 * @param tooLarge says why so many bytes cannot be read here; null: they can
 * @throws TooLarge after the first page, before the others are fetched
 */
export async function readMonth(
  what: MonthToRead,
  run: (statement: Statement) => AsyncIterable<Page>,
  path: string,
  progress: (rows: number, of: number) => void,
  tooLarge: (bytes: number) => Promise<string | null>,
): Promise<void> {
  const { table, mapping, grain, month, location, estimated } = what;
  const statement: Statement = {
    sql: readSql(mapping, grain, monthFilter(table, mapping, month)),
    ...(mapping.exportTime !== null && month.exportedAt !== null
      ? { params: { until: month.exportedAt } }
      : {}),
    location,
  };
  const file = await open(path, 'w');
  let rows = 0;
  let written = 0;
  let billed = new Decimal(0);
  try {
    for await (const { fields, rows: page, totalRows } of run(statement)) {
      const names = fields.map(({ name }) => name);
      const counted = names.indexOf(ROWS);
      const amount = names.indexOf('BilledCost');
      if (counted < 0 || amount < 0) throw new TypeError(`an answer without ${ROWS} and BilledCost`);
      const kept = names.flatMap((_, at) => (at === counted ? [] : [at]));
      if (written === 0) await file.write(csvLine([...kept.map((at) => names[at] ?? null), 'x_Estimated']));
      await writeRows(
        file,
        page.map((row) => [...kept.map((at) => row[at] ?? null), String(estimated)]),
      );
      for (const row of page) {
        rows += Number(row[counted] ?? '0');
        const text = row[amount];
        if (typeof text === 'string') billed = billed.plus(text);
      }
      if (written === 0 && page.length > 0) {
        const bytes = Math.ceil(((await file.stat()).size / page.length) * totalRows);
        const reason = await tooLarge(bytes);
        if (reason !== null) throw new TooLarge(bytes, reason);
      }
      written += page.length;
      progress(written, totalRows);
    }
  } finally {
    await file.close();
  }
  if (rows !== month.rows || !billed.equals(new Decimal(month.billed)))
    throw new BursarError(
      'unavailable',
      `${month.period} was read as ${rows} rows that add up to ${billed.toFixed()}, and the table holds ${month.rows} rows of ${new Decimal(month.billed).toFixed()}`,
      {
        where: shown(table.name),
        hint: 'It changed while it was read: run again. The former rows stay in force.',
      },
    );
}
