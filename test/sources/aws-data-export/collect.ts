import type { Auditor } from '../../../lib/run/auditor.ts';
import { collect } from '../../../lib/run/collect.ts';
import type { TaskReport } from '../../../lib/run/tasks.ts';
import { type DataExportSettings, dataExportSource } from '../../../lib/sources/aws-data-export/source.ts';
import { auditorOf, opened } from '../../run/auditor.ts';
import type { Payer } from './payer.ts';

/** moto dates what it stores by the clock. */
export const NOW = new Date();
export const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

/** A lake of its own, and runs of the export's source into it. */
export async function collecting(payer: Payer, more: Partial<DataExportSettings> = {}) {
  const parts = await opened();
  const source = dataExportSource({
    id: 'aws-main',
    type: 'aws-focus-export',
    client: payer.s3,
    bucket: payer.bucket,
    prefix: payer.prefix,
    ...more,
  });
  const auditor: Auditor = auditorOf(parts, [source]);
  const { lake } = parts;
  return {
    lake,
    folder: parts.folder,
    source,
    auditor,
    run: async (now = NOW): Promise<TaskReport> =>
      await collect(auditor, { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'aws-main' }, now),
    /** Billed total of each period that has rows. */
    totals: async (): Promise<Record<string, string>> => {
      const { rows } = await lake.query(
        `SELECT strftime("BillingPeriodStart", '%Y-%m') AS period, CAST(SUM("BilledCost") AS VARCHAR) AS billed
         FROM costs GROUP BY 1 ORDER BY 1`,
        null,
      );
      return Object.fromEntries(rows.map((row) => [String(row['period']), trimmed(String(row['billed']))]));
    },
  };
}

/** `1.500000` is `1.5`. */
function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/** How often each API was called. */
export function calls(report: TaskReport): Record<string, number> {
  return Object.fromEntries(report.ownCost.calls.map(({ api, count }) => [api, count]));
}
