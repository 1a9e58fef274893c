import type { Table } from '@lancedb/lancedb';
import type { Meter } from '../../platform/meter.ts';
import type { TableFiles } from './files.ts';

/** When a table was made and last written, as its kept versions tell; ISO-8601 UTC, null where they do not. */
export interface Times {
  readonly created: string | null;
  readonly lastWrite: string | null;
}

/** Versions of which a list is asked for: each is a manifest that has to be read. */
const MOST_VERSIONS = 200;

/** What a version counts: where none of it changed, an index was made or files were put together. */
const COUNTS = ['total_rows', 'total_data_file_rows', 'total_deletion_file_rows'];

/**
 * The first version is the table's making; once old versions are removed, nobody knows it. The last write is the
 * newest version whose rows are others than those of the one before; putting files together after rows were deleted
 * looks like one.
 * @param files what its files tell; a table of too many versions is told by these alone
 */
export async function timesOf(table: Table, files: TableFiles | null, meter: Meter): Promise<Times> {
  const kept = files?.versions ?? (await table.version());
  if (kept > MOST_VERSIONS)
    return {
      created: null,
      lastWrite: files === null || files.written === null ? null : new Date(files.written).toISOString(),
    };
  meter.count('lancedb.listVersions');
  const versions = (await table.listVersions()).toSorted((a, b) => a.version - b.version);
  const [first] = versions;
  const last = versions.findLast(({ metadata }, at) => {
    const before = versions[at - 1];
    return before === undefined || COUNTS.some((name) => metadata[name] !== before.metadata[name]);
  });
  return {
    created: first?.version === 1 ? first.timestamp.toISOString() : null,
    lastWrite: last?.timestamp.toISOString() ?? null,
  };
}
