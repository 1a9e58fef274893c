import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OAuth2Client } from 'google-auth-library';
import { onTestFinished } from 'vitest';
import { openLake } from '../../../lib/lake/lake.ts';
import type { IngestReport, Lake } from '../../../lib/lake/model.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { type BigQuerySettings, bigQuery } from '../../../lib/platform/bigquery/client.ts';
import { tableName } from '../../../lib/platform/bigquery/name.ts';
import type { Coverage } from '../../../lib/platform/coverage.ts';
import type { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { type GcpBigQuerySettings, gcpBigQuerySource } from '../../../lib/sources/gcp-bigquery/source.ts';
import type { Delivery, Source } from '../../../lib/sources/model.ts';
import { askedHere } from '../../lake/asked-here.ts';
import { PROJECT } from './tables.ts';

/** In the middle of the August of the rows. */
export const NOW = new Date('2026-08-15T12:00:00Z');

export function auth(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'loopback', expiry_date: Number.MAX_SAFE_INTEGER });
  return client;
}

export function clientOf(endpoint: string, more: Partial<BigQuerySettings> = {}) {
  return bigQuery({ project: PROJECT, auth: auth(), endpoint, wait: async () => undefined, ...more });
}

export function sourceOf(endpoint: string, table: string, more: Partial<GcpBigQuerySettings> = {}) {
  return gcpBigQuerySource({
    id: 'gcp',
    client: clientOf(endpoint),
    table: tableName(table),
    months: 3,
    grain: 'day',
    ...more,
  });
}

export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-gcp-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A lake, and the folder that holds it. */
export type FolderLake = Lake & { readonly root: string };

export async function lakeIn(folder: string): Promise<FolderLake> {
  const root = join(folder, 'lake');
  return Object.assign(await openLake({ store: folderStore(root), workDir: join(folder, 'work') }), { root });
}

export async function lakeOf(): Promise<FolderLake> {
  const lake = await lakeIn(await scratch());
  onTestFinished(() => lake[Symbol.asyncDispose]());
  return lake;
}

export interface Run {
  readonly reports: readonly IngestReport[];
  readonly coverage: readonly Coverage[];
  readonly asOf: string | null;
  readonly failed: BursarError | undefined;
  readonly meter: Meter;
}

/** Delivers into a lake as the use case does: month by month, to the end. */
export async function collect(source: Source, lake: Lake, now = NOW): Promise<Run> {
  const meter = new Meter();
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-gcp-'));
  try {
    const held = (await lake.sources()).find(({ sourceId }) => sourceId === source.id) ?? null;
    const reports: IngestReport[] = [];
    let delivery: Delivery = await source.deliver({ workDir, now, meter, progress: silent, held });
    for (;;) {
      if (delivery.files.length > 0 || delivery.periods.length > 0)
        reports.push(await lake.ingest(delivery, now, silent));
      if (delivery.next === undefined) break;
      delivery = await delivery.next(null);
    }
    const { coverage, asOf, failed } = delivery;
    return { reports, coverage, asOf, failed, meter };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Rows of what the source `gcp` delivered into the lake of this folder, by the columns asked for, as text. */
export async function costs(
  { root }: Pick<FolderLake, 'root'>,
  columns: string,
  rest = '',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await askedHere(root, ['gcp'], `SELECT ${columns} FROM costs ${rest}`)).rows;
}
