import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import type { ProviderMonth } from '../../../lib/lake/queries/spend-by-provider-month.ts';
import { openLocal } from '../../../lib/run/assemble/local.ts';
import type { Auditor } from '../../../lib/run/auditor.ts';
import { collect } from '../../../lib/run/collect.ts';
import type { TaskReport } from '../../../lib/run/tasks.ts';
import { type DataExportSettings, dataExportSource } from '../../../lib/sources/aws-data-export/source.ts';
import type { Source } from '../../../lib/sources/model.ts';
import { auditorOf, opened } from '../../run/auditor.ts';
import type { Payer } from './payer.ts';

/** moto dates what it stores by the clock. */
export const NOW = new Date();
export const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

/**
 * A lake of its own, and runs of the export's source into it.
 * @param from a folder that `collectedIn` filled, whose lake it begins with; left out: it is empty
 */
export async function collecting(payer: Payer, more: Partial<DataExportSettings> = {}, from?: string) {
  const parts = await opened();
  if (from !== undefined) await cp(lakeIn(from), lakeIn(parts.folder), { recursive: true });
  const source = sourceOf(payer, more);
  const auditor: Auditor = auditorOf(parts, [source]);
  const { lake } = parts;
  return {
    lake,
    folder: parts.folder,
    source,
    auditor,
    run: async (now = NOW): Promise<TaskReport> => await collect(auditor, TASK, now),
    /** Billed total of each period that has rows. */
    totals: () => billedOf(lake),
  };
}

/** Collects once into a lake under a folder, for tests that begin with it; whoever made the folder removes it. */
export async function collectedIn(folder: string, payer: Payer): Promise<void> {
  const { lake, ledger } = await openLocal(join(folder, 'state'), {});
  try {
    const { coverage } = await collect(auditorOf({ lake, ledger }, [sourceOf(payer)]), TASK, NOW);
    expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
  } finally {
    await lake[Symbol.asyncDispose]();
    await ledger.close();
  }
}

const TASK = { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'aws-main' } as const;

const lakeIn = (folder: string) => join(folder, 'state', 'lake');

function sourceOf(payer: Payer, more: Partial<DataExportSettings> = {}): Source {
  return dataExportSource({
    id: 'aws-main',
    type: 'aws-focus-export',
    client: payer.s3,
    bucket: payer.bucket,
    prefix: payer.prefix,
    ...more,
  });
}

/** Billed total of each billing period that has rows in the lake. */
export async function billedOf(lake: Auditor['lake']): Promise<Record<string, string>> {
  const sums = new Map<string, Decimal>();
  for (const { month, billed } of await lake.ask<ProviderMonth>('spend-by-provider-month', {}, null))
    sums.set(month, (sums.get(month) ?? new Decimal(0)).plus(billed));
  return Object.fromEntries([...sums].map(([month, sum]) => [month, decimalText(sum)]));
}

/** How often each API was called. */
export function calls(report: TaskReport): Record<string, number> {
  return Object.fromEntries(report.ownCost.calls.map(({ api, count }) => [api, count]));
}
