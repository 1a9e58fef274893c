import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  GetQueryExecutionCommand,
  GetTableMetadataCommand,
  GetWorkGroupCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import { trino as dialect, withMarks } from '../dialect/trino.ts';
import { athenaFailure } from './athena-errors.ts';
import type { Athena } from './athena-model.ts';
import { athenaPermissions } from './athena-permissions.ts';
import { scanUsd } from './athena-price.ts';
import { athenaRows } from './athena-rows.ts';
import { type AskOptions, type RemoteColumn, type RemoteEngine, withCosts } from './remote.ts';
import { inputBytes } from './trino-plan.ts';
import type { Cell } from './values.ts';

const CATALOG = 'AwsDataCatalog';
/** StartQueryExecution: ExecutionParameters are 1 to 1024 characters each (Athena API Reference). */
const LONGEST_PARAMETER = 1024;
/** "Maximum query string length" (Athena User Guide, "Service Quotas"): 262,144 bytes in UTF-8. */
const LONGEST_QUERY = 262_144;

/** Athena, engine version 3: SQL of Trino over tables of the Glue Data Catalog. */
export function athenaEngine(athena: Athena): RemoteEngine {
  const where = `athena:${athena.region}:${athena.workgroup}`;
  let limited: Promise<void> | undefined;
  const run = async (statement: string, values: readonly string[], options: AskOptions = {}) => {
    limited ??= checkLimit(athena, where).catch((error: unknown) => {
      // What was not found out is asked again, not remembered.
      limited = undefined;
      throw error;
    });
    await limited;
    return await answer(athena, where, statement, values, options.signal);
  };
  return {
    id: 'athena',
    dialect,
    permissions: athenaPermissions(athena),
    shownAs: where,
    ask: async (view, sql, params, options) => {
      const query = withMarks(withCosts(view, sql), params, (value) => value.length <= LONGEST_PARAMETER);
      return await run(query.sql, query.values, options);
    },
    bytes: async (view, sql, params, options) => {
      // EXPLAIN takes no parameters, scans nothing and is free (Athena User Guide, "Using EXPLAIN").
      const { sql: whole } = withMarks(withCosts(view, sql), params, () => false);
      return inputBytes(await run(`EXPLAIN (TYPE IO, FORMAT JSON) ${whole}`, [], options));
    },
    columns: (table) => tableColumns(athena, where, table),
  };
}

/** A query without a ceiling could cost anything: none is started in a workgroup that has none. */
async function checkLimit({ client, meter, workgroup, bytesLimit }: Athena, where: string): Promise<void> {
  const { WorkGroup } = await awsCall({ action: 'athena:GetWorkGroup', where, meter }, () =>
    client.send(new GetWorkGroupCommand({ WorkGroup: workgroup })),
  );
  const cutoff = WorkGroup?.Configuration?.BytesScannedCutoffPerQuery;
  if (cutoff !== undefined && BigInt(cutoff) <= bytesLimit) return;
  throw new BursarError(
    'config',
    cutoff === undefined
      ? `the workgroup ${workgroup} has no limit on the bytes that a query scans`
      : `the workgroup ${workgroup} lets a query scan ${cutoff} bytes, more than lake.athena.bytesLimit`,
    {
      where,
      hint:
        `Set it: aws athena update-work-group --work-group ${workgroup} ` +
        `--configuration-updates BytesScannedCutoffPerQuery=${bytesLimit}`,
    },
  );
}

async function answer(
  athena: Athena,
  where: string,
  statement: string,
  values: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Record<string, Cell>[]> {
  signal?.throwIfAborted();
  const id = await started(athena, where, statement, values);
  let ended: QueryExecution;
  try {
    ended = await finished(athena, where, id, signal);
  } catch (error) {
    // Whatever ended the wait, a query that may still be running is stopped: it costs by what it scans.
    await stopped(athena, where, id, error);
    throw error;
  }
  const failure = athenaFailure(ended, where, athena.bytesLimit);
  if (failure !== null) throw failure;
  return await athenaRows(athena, where, id, ended, signal);
}

async function started(
  { client, meter, workgroup, database, output }: Athena,
  where: string,
  statement: string,
  values: readonly string[],
): Promise<string> {
  if (Buffer.byteLength(statement) > LONGEST_QUERY)
    throw new BursarError('input', `the query is longer than the ${LONGEST_QUERY} bytes that Athena takes`, {
      where,
      hint: 'Use fewer rules of dimensions, or set lake.engine to duckdb.',
    });
  const { QueryExecutionId } = await awsCall({ action: 'athena:StartQueryExecution', where, meter }, () =>
    client.send(
      new StartQueryExecutionCommand({
        QueryString: statement,
        // The SDK's own retries carry the same token: a query whose answer was lost is not started twice.
        ClientRequestToken: randomUUID(),
        WorkGroup: workgroup,
        QueryExecutionContext: { Catalog: CATALOG, Database: database },
        ...(output === undefined ? {} : { ResultConfiguration: { OutputLocation: output } }),
        ...(values.length === 0 ? {} : { ExecutionParameters: [...values] }),
      }),
    ),
  );
  if (QueryExecutionId === undefined)
    throw new BursarError('unavailable', 'Athena started a query and did not say which', { where });
  return QueryExecutionId;
}

/** Looks at the query until it has ended, and meters what it scanned. */
async function finished(
  { client, meter, deadlineMs = 30 * 60_000, pollMs = 200 }: Athena,
  where: string,
  id: string,
  signal: AbortSignal | undefined,
): Promise<QueryExecution> {
  const until = performance.now() + deadlineMs;
  for (let wait = pollMs; ; wait = Math.min(wait * 1.5, pollMs * 25)) {
    const { QueryExecution: found } = await awsCall(
      { action: 'athena:GetQueryExecution', where, meter },
      () =>
        client.send(
          new GetQueryExecutionCommand({ QueryExecutionId: id }),
          signal === undefined ? {} : { abortSignal: signal },
        ),
    );
    const state = found?.Status?.State;
    if (found !== undefined && state !== 'QUEUED' && state !== 'RUNNING') {
      meter.count('athena:scan', scanUsd(found));
      return found;
    }
    if (performance.now() + wait > until)
      throw new BursarError(
        'unavailable',
        `the query took more than ${deadlineMs / 1000} seconds and was stopped`,
        { where, hint: 'Ask for fewer days.' },
      );
    await delay(wait, undefined, signal === undefined ? {} : { signal });
  }
}

async function stopped(
  { client, meter }: Athena,
  where: string,
  id: string,
  because: unknown,
): Promise<void> {
  try {
    await awsCall({ action: 'athena:StopQueryExecution', where, meter }, () =>
      client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })),
    );
  } catch (error) {
    const why = because instanceof Error ? because.message : String(because);
    const told = error instanceof BursarError ? error.message : String(error);
    throw new BursarError('unavailable', `${why}; the query ${id} may still be running: ${told}`, {
      where,
      hint: `Stop it: aws athena stop-query-execution --query-execution-id ${id}`,
      cause: because,
    });
  }
}

/** TABLE or DATABASE.TABLE of the Glue Data Catalog, with the columns of its folders (partitions). */
async function tableColumns(
  { client, meter, database }: Athena,
  where: string,
  table: string,
): Promise<readonly RemoteColumn[]> {
  const [name = '', inDatabase = database, ...more] = table.split('.').toReversed();
  if (more.length > 0)
    throw new BursarError('config', `${table} is no table of the Glue Data Catalog`, {
      where: 'lake.athena.tables',
      hint: 'Write TABLE or DATABASE.TABLE.',
    });
  const { TableMetadata } = await awsCall({ action: 'athena:GetTableMetadata', where, meter }, () =>
    client.send(
      new GetTableMetadataCommand({
        CatalogName: CATALOG,
        DatabaseName: inDatabase,
        TableName: name.toLowerCase(),
      }),
    ),
  );
  const columns = [...(TableMetadata?.Columns ?? []), ...(TableMetadata?.PartitionKeys ?? [])];
  return columns.map((column) => ({
    name: column.Name ?? '',
    type: (column.Type ?? '').toLowerCase(),
  }));
}
