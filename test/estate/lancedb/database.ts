import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, connect } from '@lancedb/lancedb';
import { localFiles } from '../../../lib/estate/lancedb/files.ts';
import { type LanceSession, lancedbTables } from '../../../lib/estate/lancedb/tables.ts';
import type { Collected, VectorIndex } from '../../../lib/estate/model.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { Meter } from '../../../lib/platform/meter.ts';

export interface Database {
  readonly folder: string;
  readonly connection: Connection;
  remove(): Promise<void>;
}

export async function database(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-lance-'));
  const connection = await connect(folder);
  return {
    folder,
    connection,
    async remove() {
      connection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function sessionOf({ folder, connection }: Database, more: Partial<LanceSession> = {}): LanceSession {
  return {
    store: 'docs',
    address: `file://${folder}`,
    place: null,
    region: null,
    models: {},
    documents: () => null,
    connection,
    files: () => localFiles(folder),
    kind: 'shared-cluster',
    billed: [],
    ...more,
  };
}

export const NOW = new Date('2026-11-01T00:00:00Z');

export async function collected(session: LanceSession, meter = new Meter()): Promise<Collected> {
  return await lancedbTables.collect(
    { provider: 'other', accountId: session.store, region: 'global' },
    session,
    NOW,
    { resources: [], telemetry: [], vectorIndexes: [] },
    meter,
  );
}

export async function indexesOf(session: LanceSession, meter = new Meter()): Promise<readonly VectorIndex[]> {
  return (await collected(session, meter)).vectorIndexes ?? [];
}

export function only<T>(all: readonly T[]): T {
  const [first] = all;
  if (first === undefined || all.length > 1) throw new Error(`${all.length} in the place of one`);
  return first;
}

export const FIELDS: Documents['fields'] = {
  key: 'source',
  part: 'part',
  content: 'content',
  embedded: 'embedded',
  model: 'model',
  tokens: 'tokens',
};

export function documentsBy(fields: Partial<Documents['fields']>, more: Partial<Documents> = {}): Documents {
  const none = { part: null, content: null, embedded: null, model: null, tokens: null };
  return {
    fields: { key: 'source', ...none, ...fields },
    most: 20_000,
    skew: 0,
    list: null,
    source: null,
    ...more,
  };
}

/** A vector by a number, the same in every run. */
export function vectorOf(seed: number, dimension = 8): number[] {
  return Array.from({ length: dimension }, (_, at) => Math.sin(seed * 7.3 + at * 1.7));
}
