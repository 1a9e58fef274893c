import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { parse } from 'csv-parse/sync';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { costExplorerSource } from '../../../lib/sources/aws-cost-explorer/source.ts';

/** Runs the source once and reads back what it wrote; the work folder is gone afterwards. */
export async function deliver(client: CostExplorerClient, more: { now?: string; months?: number } = {}) {
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-ce-'));
  const meter = new Meter();
  try {
    const source = costExplorerSource({
      id: 'aws-api',
      client,
      accountId: '999900001111',
      months: more.months ?? 2,
    });
    const now = new Date(more.now ?? '2026-11-22T11:30:00Z');
    const delivery = await source.deliver({ workDir, now, meter, progress: silent });
    const [file] = delivery.files;
    const rows: Record<string, string>[] =
      file === undefined ? [] : parse(await readFile(file.path, 'utf8'), { columns: true });
    return { delivery, rows, own: meter.total() };
  } finally {
    await rm(workDir, { recursive: true });
  }
}
