import { GoogleAuth } from 'google-auth-library';
import { parseByteSize } from '../../config/byte-size.ts';
import type { SourceConfig } from '../../config/schema.ts';
import { type GcpSession, gcpSession } from '../../estate/gcp/session.ts';
import { bigQuery } from '../../platform/bigquery/client.ts';
import type { BigQuery } from '../../platform/bigquery/model.ts';
import { tableName } from '../../platform/bigquery/name.ts';
import { gcpBigQuerySource } from '../../sources/gcp-bigquery/source.ts';
import type { Source } from '../../sources/model.ts';
import { googleAuth, loopbackAuth, onLoopback } from './google-auth.ts';

export type BigQueryConfig = SourceConfig & { type: 'gcp-bigquery' };

/** What jobs.insert asks for; there is no read-only scope of it (BigQuery API v2, discovery document). */
const SCOPE = 'https://www.googleapis.com/auth/bigquery';

/** The client of a source's queries, in the project that pays for them. */
export function bigQueryClient({ table, project, endpoint }: BigQueryConfig): BigQuery {
  return bigQuery({
    project: project ?? tableName(table).project,
    auth: onLoopback(endpoint) ? loopbackAuth() : new GoogleAuth({ scopes: [SCOPE] }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}

/** The bill in a BigQuery billing export, as the config names it. */
export function gcpBigQuery(id: string, config: BigQueryConfig, mostBytes?: bigint): Source {
  const { table, location, months, grain, maximumBytesBilled, commitments, commitmentAdvice, endpoint } =
    config;
  return gcpBigQuerySource({
    id,
    client: bigQueryClient(config),
    table: tableName(table),
    months,
    grain,
    maximumBytesBilled: parseByteSize(maximumBytesBilled),
    beside: {
      ...(commitments === undefined ? {} : { commitments: tableName(commitments) }),
      ...(commitmentAdvice
        ? { advice: { account: accountOf(table), session: billingSession(endpoint) } }
        : {}),
    },
    ...(location === undefined ? {} : { location }),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
}

/**
 * Billing accounts whose export is a source, by the names of the tables (`gcp_billing_export_v1_` and the id with
 * underscores: "Understand the Cloud Billing data tables in BigQuery").
 */
export function exportedAccounts(sources: Readonly<Record<string, SourceConfig>>): string[] {
  return Object.values(sources).flatMap((source) => {
    if (source.type !== 'gcp-bigquery') return [];
    return accountOf(source.table) ?? [];
  });
}

function accountOf(table: string): string | null {
  const [, account] =
    /^gcp_billing_export_(?:resource_v1|v1|focus)_([0-9A-F]{6}_[0-9A-F]{6}_[0-9A-F]{6})$/.exec(
      tableName(table).table,
    ) ?? [];
  return account?.replaceAll('_', '-') ?? null;
}

/** A way to what belongs to a billing account and to no project. */
function billingSession(endpoint: string | undefined): GcpSession {
  return gcpSession({
    projectId: 'billing-account',
    auth: googleAuth(endpoint),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}
