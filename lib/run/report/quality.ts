import type { DataTable } from '../../digest/table.ts';
import type { Lake } from '../../lake/model.ts';
import { freshness } from '../freshness.ts';

/** Up to when each bill speaks, when it was read, and from when on it may still change. */
export async function billsTable(lake: Lake, sources: readonly string[] | null): Promise<DataTable> {
  const held = new Map((await lake.sources()).map((source) => [source.sourceId, source]));
  return {
    id: 'bills',
    caption: 'Bills, up to when they speak, and from which day on they may still change',
    columns: [
      { id: 'source', label: 'Source', kind: 'text' },
      { id: 'type', label: 'Kind', kind: 'text' },
      { id: 'until', label: 'Speaks up to', kind: 'instant' },
      { id: 'read_at', label: 'Read', kind: 'instant' },
      { id: 'unsettled_from', label: 'May change from', kind: 'day' },
      { id: 'rows', label: 'Charges held', kind: 'number' },
    ],
    rows: (await freshness(lake, sources)).map(({ source, end, readAt, unsettledFrom }) => [
      source,
      held.get(source)?.sourceType ?? null,
      new Date(end).toISOString(),
      readAt,
      unsettledFrom,
      String((held.get(source)?.periods ?? []).reduce((sum, { rows }) => sum + rows, 0)),
    ]),
    source: 'source-ends: ChargePeriodEnd and x_Estimated by source; the lake: when each was read',
  };
}
