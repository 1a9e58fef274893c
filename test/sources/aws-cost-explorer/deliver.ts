import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { parse } from 'csv-parse/sync';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { BesideSettings } from '../../../lib/sources/aws-cost-explorer/beside.ts';
import { costExplorerSource } from '../../../lib/sources/aws-cost-explorer/source.ts';
import type { HeldBill } from '../../../lib/sources/model.ts';

/** Runs the source once and reads back what it wrote; the work folder is gone afterwards. */
export async function deliver(
  client: CostExplorerClient,
  more: { now?: string; months?: number; ceiling?: string; held?: HeldBill; beside?: BesideSettings } = {},
) {
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-ce-'));
  const meter = new Meter();
  try {
    const source = costExplorerSource({
      id: 'aws-api',
      client,
      accountId: '999900001111',
      months: more.months ?? 2,
      ...(more.beside === undefined ? {} : { beside: more.beside }),
      ...(more.ceiling === undefined ? {} : { ceiling: more.ceiling }),
    });
    const now = new Date(more.now ?? '2026-11-22T11:30:00Z');
    const delivery = await source.deliver({
      workDir,
      now,
      meter,
      progress: silent,
      ...(more.held === undefined ? {} : { held: more.held }),
    });
    const rows: Record<string, string>[] = [];
    for (const file of delivery.files) {
      const read: Record<string, string>[] = parse(await readFile(file.path, 'utf8'), { columns: true });
      rows.push(...read);
    }
    return { delivery, rows, own: meter.total() };
  } finally {
    await rm(workDir, { recursive: true });
  }
}
