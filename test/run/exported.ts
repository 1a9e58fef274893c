import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { silent } from '../../lib/platform/progress.ts';
import { exportFocus } from '../../lib/run/export.ts';
import { validate } from '../../lib/run/validate.ts';
import type { Delivery, Source } from '../../lib/sources/model.ts';
import { validateFocus } from '../counterparts/focus.validate.ts';
import type { Provided } from '../counterparts/provided.ts';

/** What focus-validator says of the largest file that `bursar export` writes of a lake's bills, and `bursar validate` of them all. */
export async function judgedExport(validator: Provided['focusValidator'], lake: Lake) {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-export-'));
  try {
    const files = await exportFocus(
      lake,
      { out: folder, source: null, period: null, format: 'parquet', attributed: false, overwrite: false },
      silent,
    );
    const largest = files.toSorted((a, b) => b.rows - a.rows)[0]?.path ?? '';
    const { passed, broken } = await validateFocus(validator, largest);
    const own = (await validate(lake, null, new Map())).sources.flatMap((each) => [
      ...each.broken,
      ...each.commitments,
    ]);
    return {
      passed,
      broken: leaves(broken).toSorted(),
      own: [...new Set(own.map(({ rule }) => rule))].toSorted(),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Broken rules that are no mere sum of others. */
export function leaves(broken: readonly { rule: string; message: string }[]): string[] {
  return broken.filter(({ message }) => !message.includes('child rules')).map(({ rule }) => rule);
}

/** A lake of its own that holds what is delivered, for `use` alone. */
export async function withLake<T>(
  deliver: (workDir: string) => Promise<Delivery>,
  now: Date,
  use: (lake: Lake) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-export-lake-'));
  try {
    await using lake = await openLake({
      store: folderStore(join(folder, 'lake')),
      workDir: join(folder, 'work'),
      memoryMiB: 256,
    });
    await lake.ingest(await deliver(folder), now, silent);
    return await use(lake);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first delivery of a source. */
export const deliveredBy = (source: Source, now: Date) => (workDir: string) =>
  source.deliver({ workDir, now, meter: new Meter(), progress: silent });
