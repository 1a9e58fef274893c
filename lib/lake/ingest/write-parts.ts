import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from './session.ts';
import { literal } from './sql-text.ts';

/**
 * Rows of a row group, half of DuckDB's default: each writing thread holds one, and with the 62 columns of a part a
 * row takes over a kilobyte (run, DuckDB 1.5.5, 10 million rows: the peak of an ingest falls by a third).
 */
const ROW_GROUP = 61_440;
const FORMAT = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}`;

/** Writes the rows that `kept` selects under `outDir/<period>/<name>*.parquet`. `periods` are those in the rows. */
export async function writeParts(
  session: Session,
  kept: string,
  periods: readonly string[],
  outDir: string,
  name: string,
): Promise<void> {
  // The order of rows means nothing in a part; keeping it would hold whole row groups back in memory.
  await session.run('SET preserve_insertion_order = false');
  for (const period of periods) await mkdir(join(outDir, period), { recursive: true });
  const [only] = periods;
  if (periods.length === 1 && only !== undefined) {
    await session.run(
      `COPY (SELECT * EXCLUDE (period) FROM (${kept})) TO ${literal(join(outDir, only, `${name}.parquet`))} (${FORMAT})`,
    );
    return;
  }
  const hive = join(outDir, `.${name}`);
  // Rows wait in memory until a period has this many: fewer where there are many periods.
  const threshold = Math.max(2048, Math.floor(ROW_GROUP / periods.length));
  await session.run(`SET partitioned_write_flush_threshold = ${threshold}`);
  await session.run(`COPY (${kept}) TO ${literal(hive)} (${FORMAT}, PARTITION_BY (period))`);
  for (const folder of await readdir(hive)) {
    const period = decodeURIComponent(folder.replace('period=', ''));
    for (const [index, file] of (await readdir(join(hive, folder))).toSorted().entries())
      await rename(join(hive, folder, file), join(outDir, period, `${name}-${index}.parquet`));
  }
  await rm(hive, { recursive: true });
}
