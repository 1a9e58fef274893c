import { parseByteSize } from '../../config/byte-size.ts';
import type { Config, SourceConfig } from '../../config/schema.ts';
import type { AthenaSettings } from '../../lake/engine/athena-model.ts';
import { athenaPermissions } from '../../lake/engine/athena-permissions.ts';
import type { RemoteEngine } from '../../lake/engine/remote.ts';
import { exportInPlace } from '../../lake/inplace/aws-focus.ts';
import { gcpInPlace } from '../../lake/inplace/gcp-source.ts';
import type { InPlaceSource } from '../../lake/inplace/model.ts';
import type { LakeOptions } from '../../lake/lake.ts';
import { tableName } from '../../platform/bigquery/name.ts';
import { bigQueryPermissions } from '../../platform/bigquery/permissions.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { ExportPlace } from '../../sources/aws-data-export/permissions.ts';
import { awsBase, partitionOf } from './aws-base.ts';
import { readSecret, secretPermissions } from './secrets.ts';

type LakeConfig = Pick<Config, 'lake' | 'sources'>;

/**
 * How the lake is asked by this config. Clients are loaded only where it names their engine.
 * @param meter counts the calls of engines elsewhere and what they charge.
 */
export async function lakeEngines(
  config: LakeConfig,
  meter: Meter,
): Promise<Required<Pick<LakeOptions, 'engine' | 'mostLocalBytes' | 'inPlace'>>> {
  const { lake } = config;
  return {
    engine: lake.engine,
    mostLocalBytes: parseByteSize(lake.mostLocal),
    inPlace: [
      ...(await exports(config, lake.athena?.tables ?? {}, () => athena(config, meter))),
      ...(await exports(config, lake.trino?.tables ?? {}, () => trino(config))),
      ...(await billingExports(config, meter)),
    ],
  };
}

/** What the engines of this config need of a deployed function that asks the lake. */
export function enginePermissions(config: LakeConfig): Permission[] {
  const { athena: settings, trino: cluster, bigquery } = config.lake;
  const password = cluster?.password;
  return [
    ...(settings === undefined ? [] : athenaPermissions(athenaSettings(config, settings))),
    ...(password === undefined ? [] : secretPermissions([password], 'reads the password of Trino')),
    ...(bigquery === undefined ? [] : bigQueryPermissions),
  ];
}

/** What the function that collects needs: it looks once at a table that is asked from then on. */
export function collectingPermissions(config: LakeConfig): Permission[] {
  const { bigquery: _, ...lake } = config.lake;
  return lake.engine === 'auto' ? enginePermissions({ ...config, lake }) : [];
}

/**
 * Is this source asked in place alone? Where the config names an engine and a table of it, the bill is not collected:
 * its rows are read where they lie.
 */
export function onlyInPlace({ lake }: LakeConfig, sourceId: string): boolean {
  switch (lake.engine) {
    case 'auto':
    case 'duckdb':
      return false;
    case 'bigquery':
      return lake.bigquery?.sources.includes(sourceId) ?? false;
    case 'athena':
    case 'trino':
      return Object.hasOwn(lake[lake.engine]?.tables ?? {}, sourceId);
  }
}

/** Bytes of a period of this source up to which it is collected; undefined: no engine elsewhere could be asked. */
export function mostBytesHere({ lake }: LakeConfig, sourceId: string): bigint | undefined {
  if (lake.engine !== 'auto') return undefined;
  const tables = [lake.athena?.tables ?? {}, lake.trino?.tables ?? {}];
  const isNamed =
    tables.some((named) => Object.hasOwn(named, sourceId)) || lake.bigquery?.sources.includes(sourceId);
  return isNamed === true ? parseByteSize(lake.mostLocal) : undefined;
}

async function exports(
  { sources }: LakeConfig,
  tables: Readonly<Record<string, string>>,
  engineOf: () => Promise<RemoteEngine>,
): Promise<InPlaceSource[]> {
  const named = Object.entries(tables);
  if (named.length === 0) return [];
  const engine = await engineOf();
  return named.map(([sourceId, table]) =>
    exportInPlace(engine, { sourceId, sourceType: sources[sourceId]?.type ?? 'aws-focus-export', table }),
  );
}

/** Where an export lies, and the key that it is encrypted with. */
export function exportPlace(source: SourceConfig & { type: 'aws-focus-export' | 'aws-cur' }): ExportPlace {
  const { bucket, prefix, kmsKeyArn } = source;
  return { bucket, prefix, kmsKeyArn, partition: partitionOf(source) };
}

function athenaSettings(
  { sources }: LakeConfig,
  { region, workgroup, database, output, bytesLimit, tables }: NonNullable<Config['lake']['athena']>,
): AthenaSettings {
  const places = Object.keys(tables).flatMap((id) => {
    const source = sources[id];
    return source?.type === 'aws-focus-export' ? [exportPlace(source)] : [];
  });
  return {
    region,
    workgroup,
    // Glue and Athena keep names in lower case, and IAM compares those of resources letter by letter.
    database: database.toLowerCase(),
    ...(output === undefined ? {} : { output }),
    bytesLimit: parseByteSize(bytesLimit),
    exports: places,
  };
}

async function athena(config: LakeConfig, meter: Meter): Promise<RemoteEngine> {
  const settings = config.lake.athena;
  if (settings === undefined) throw new RangeError('no lake.athena');
  const [{ AthenaClient }, { athenaEngine }] = await Promise.all([
    import('@aws-sdk/client-athena'),
    import('../../lake/engine/athena.ts'),
  ]);
  const client = new AthenaClient({ ...awsBase(settings.endpoint), region: settings.region });
  return athenaEngine({ ...athenaSettings(config, settings), client, meter });
}

async function trino({ lake }: LakeConfig): Promise<RemoteEngine> {
  if (lake.trino === undefined) throw new RangeError('no lake.trino');
  const { server, catalog, schema, user, password } = lake.trino;
  const { trinoEngine } = await import('../../lake/engine/trino.ts');
  return trinoEngine({
    server,
    catalog,
    schema,
    user,
    ...(password === undefined ? {} : { password: await readSecret(password, 'lake.trino.password') }),
  });
}

async function billingExports({ lake, sources }: LakeConfig, meter: Meter): Promise<InPlaceSource[]> {
  const found: InPlaceSource[] = [];
  for (const sourceId of lake.bigquery?.sources ?? []) {
    const source = sources[sourceId];
    if (source?.type !== 'gcp-bigquery' || source.location === undefined) continue;
    // Google's client is as large as all the others: loaded only by those who use it.
    const [{ bigQueryClient }, { bigQueryEngine }] = await Promise.all([
      import('./gcp-bigquery.ts'),
      import('../../lake/engine/bigquery.ts'),
    ]);
    const client = bigQueryClient(source);
    const engine = bigQueryEngine({
      client,
      meter,
      location: source.location,
      maximumBytesBilled: parseByteSize(source.maximumBytesBilled),
    });
    found.push(
      gcpInPlace({ engine, client, meter, sourceId, table: tableName(source.table), now: () => new Date() }),
    );
  }
  return found;
}
