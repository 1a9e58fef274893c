import type { BigQuery, Table, TableName } from '../../platform/bigquery/model.ts';
import { shown } from '../../platform/bigquery/name.ts';
import type { Meter } from '../../platform/meter.ts';
import { invoiceMonthOf } from '../../sources/gcp-bigquery/window.ts';
import type { RemoteEngine } from '../engine/remote.ts';
import { gcpRows } from './gcp.ts';
import type { InPlaceSource } from './model.ts';

export interface GcpInPlace {
  readonly engine: RemoteEngine;
  readonly client: BigQuery;
  readonly meter: Meter;
  readonly sourceId: string;
  readonly table: TableName;
  readonly now: () => Date;
}

/** A billing export that BigQuery asks where it lies. What its table is, is read once, when it is first asked. */
export function gcpInPlace({ engine, client, meter, sourceId, table, now }: GcpInPlace): InPlaceSource {
  let read: Promise<Table> | undefined;
  return {
    sourceId,
    sourceType: 'gcp-bigquery',
    grain: 'resource',
    engine,
    table: shown(table),
    async rows(wanted) {
      read ??= client.table(table, meter).catch((error: unknown) => {
        read = undefined;
        throw error;
      });
      // The invoice of the current month (in Los Angeles) is still being made.
      const openFrom = invoiceMonthOf(now()).replace('-', '');
      return gcpRows(await read, sourceId, openFrom, wanted);
    },
  };
}
