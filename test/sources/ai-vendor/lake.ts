import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convert } from '../../../lib/lake/ingest/convert.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { Source } from '../../../lib/sources/model.ts';
import { NOW } from './deliver.ts';

/** Delivers and turns into the lake's own parts; `use` sees them before they are removed. */
export async function ingested<T>(
  source: Source,
  use: (converted: Awaited<ReturnType<typeof convert>>) => Promise<T>,
): Promise<T> {
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-ai-'));
  try {
    const now = new Date(NOW);
    const { files, grain } = await source.deliver({ workDir, now, meter: new Meter(), progress: silent });
    return await use(
      await convert(files, {
        sourceId: source.id,
        sourceType: source.type,
        grain,
        workDir,
        outDir: join(workDir, 'out'),
        now,
        progress: silent,
        memoryMiB: 256,
      }),
    );
  } finally {
    await rm(workDir, { recursive: true });
  }
}
