import type { Staged } from './inputs.ts';
import type { Rejects } from './rejects.ts';
import type { Session } from './session.ts';
import { recordsAt } from './stage.ts';

/** Writes the rows that `sql` (of `groupSql`) finds, those of a CSV with their line and text as the file has them. */
export async function writeRejects(
  session: Session,
  sql: string,
  group: readonly Staged[],
  rejects: Rejects,
): Promise<void> {
  const byPath = new Map(group.map((staged) => [staged.path, staged]));
  const rows = Map.groupBy(await session.rows(sql), (row) => String(row['filename']));
  for (const [path, found] of rows) {
    const input = byPath.get(path)?.input;
    if (input === undefined) throw new RangeError(`${path} was not staged`);
    const file = input.file.shownAs;
    const texts =
      input.format === 'csv'
        ? await recordsAt(
            { ...input.file, dialect: input.dialect },
            found.map((row) => Number(row['file_row_number'])),
          )
        : null;
    for (const [at, row] of found.entries()) {
      const money = { billed: textOrNull(row['billed']), currency: textOrNull(row['currency']) };
      const record = texts?.[at];
      rejects.add(
        {
          file,
          line: record?.line ?? null,
          row: texts === null ? Number(row['file_row_number']) + 1 : null,
          reason: String(row['reject']),
          text: record?.text ?? String(row['text']),
        },
        money,
      );
      await rejects.settle();
    }
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
