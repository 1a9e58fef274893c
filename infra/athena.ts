import { Aws, Stack, Token } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { parseByteSize } from '../lib/config/byte-size.ts';
import type { Config } from '../lib/config/schema.ts';
import { type Column, FOCUS_COLUMNS } from '../lib/focus/columns.ts';
import { BursarError } from '../lib/platform/errors.ts';

/** A workgroup takes no limit below (Amazon Athena API Reference, WorkGroupConfiguration, BytesScannedCutoffPerQuery). */
const LEAST_BYTES = 10_000_000n;
/** The first billing period that a table looks for: before any that AWS Data Exports, of November 2023, may hold. */
const FIRST_PERIOD = '2020-01';

export interface AthenaProps {
  readonly config: Config;
  /** `s3://bucket/folder/` of answers. */
  readonly answers: string;
  readonly key: IKey | null;
}

/**
 * The workgroup, the database and the tables over exports that `lake.athena` names: `deploy.athena` asks for them. The
 * workgroup forces its limit and its own place for answers on whoever asks.
 */
export class Athena extends Construct {
  readonly workgroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, { config, answers, key }: AthenaProps) {
    super(scope, id);
    const { workgroup: called, database, bytesLimit, tables } = settings(config, Stack.of(this).region);
    const name = stored(database);
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: called,
      description: 'Bursar: asks exports where they lie',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        bytesScannedCutoffPerQuery: Number(parseByteSize(bytesLimit)),
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: answers,
          encryptionConfiguration:
            key === null
              ? { encryptionOption: 'SSE_S3' }
              : { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn },
        },
      },
    });
    const made = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: 'Bursar: exports of bills, where they lie' },
    });
    const bare = Object.entries(tables).map(
      ([sourceId, table]) => [sourceId, bareName(table, name)] as const,
    );
    refuseTwice(bare);
    for (const [sourceId, table] of bare)
      new CfnTable(this, `Table-${sourceId}`, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: name,
        tableInput: tableOf(config, sourceId, table),
      }).addResourceDependency(made);
  }
}

type Settings = NonNullable<Config['lake']['athena']>;

/**
 * @param region where the stack goes; a token where only the deployment knows
 * @throws BursarError `config` where the stack cannot make what is named
 */
function settings({ lake: { athena } }: Config, region: string): Settings {
  if (athena === undefined)
    throw refused('deploy.athena', 'deploy.athena makes what lake.athena names, and there is no lake.athena');
  if (athena.workgroup === 'primary')
    throw refused(
      'lake.athena.workgroup',
      'the workgroup primary is there in every account, and is not made',
      'Name another, like bursar.',
    );
  if (athena.output !== undefined)
    throw refused(
      'lake.athena.output',
      'the workgroup that is made stores answers in the bucket of the stack',
      'Leave lake.athena.output out, or deploy.athena.',
    );
  if (!Token.isUnresolved(region) && athena.region !== region)
    throw refused(
      'lake.athena.region',
      `the stack is in ${region}, and cannot make a workgroup in ${athena.region}`,
      `Write ${region}, or deploy to ${athena.region}.`,
    );
  if (parseByteSize(athena.bytesLimit) < LEAST_BYTES)
    throw refused(
      'lake.athena.bytesLimit',
      `a workgroup lets each query scan 10 MB at the least, and not ${athena.bytesLimit} at the most`,
      'Write 10 MiB or more.',
    );
  return athena;
}

/** A name "is folded to lowercase when it is stored" (AWS Glue Web API Reference, DatabaseInput and TableInput). */
function stored(name: string): string {
  return name.toLowerCase();
}

function refuseTwice(tables: readonly (readonly [sourceId: string, table: string])[]): void {
  const first = new Map<string, string>();
  for (const [sourceId, table] of tables) {
    const other = first.get(table);
    if (other !== undefined)
      throw refused(
        `lake.athena.tables.${sourceId}`,
        `the table ${table} is that of sources.${other}: a table has the files of one export`,
        'Give each export a table of its own.',
      );
    first.set(table, sourceId);
  }
}

/** A table of this database: `focus` or `billing.focus`. */
function bareName(table: string, database: string): string {
  const parts = stored(table).split('.');
  const [bare = ''] = parts.slice(-1);
  if (parts.length > 2 || (parts.length === 2 && parts[0] !== database))
    throw refused('lake.athena.tables', `the table ${table} is none of the database ${database}`);
  return bare;
}

/**
 * A table over the folders of one export that is overwritten: `PREFIX/EXPORT/data/BILLING_PERIOD=YYYY-MM/` (AWS Data
 * Exports User Guide, "Understanding export delivery"). Periods come by themselves: their names are worked out and not
 * listed (Athena User Guide, "Partition projection with Amazon Athena").
 */
function tableOf({ sources }: Config, sourceId: string, name: string): CfnTable.TableInputProperty {
  const source = sources[sourceId];
  if (source?.type !== 'aws-focus-export')
    throw refused(`lake.athena.tables.${sourceId}`, `sources.${sourceId} is no aws-focus-export`);
  if (source.export === undefined)
    throw refused(
      `sources.${sourceId}.export`,
      'the table of an export is made over its folder, and its name is not known',
      'Write the name of the export.',
    );
  const folder = [source.prefix.replaceAll(/^\/+|\/+$/g, ''), source.export].filter((part) => part !== '');
  const location = `s3://${[source.bucket, ...folder].join('/')}/data/`;
  return {
    name,
    description: `Bursar: the export ${source.export}`,
    tableType: 'EXTERNAL_TABLE',
    parameters: {
      classification: 'parquet',
      'projection.enabled': 'true',
      'projection.billing_period.type': 'date',
      'projection.billing_period.format': 'yyyy-MM',
      'projection.billing_period.range': `${FIRST_PERIOD},NOW`,
      'projection.billing_period.interval': '1',
      'projection.billing_period.interval.unit': 'MONTHS',
      'storage.location.template': `${location}BILLING_PERIOD=\${billing_period}/`,
    },
    partitionKeys: [{ name: 'billing_period', type: 'string' }],
    storageDescriptor: {
      location,
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      columns: [
        ...FOCUS_COLUMNS.map(({ name: column, kind }) => ({ name: column.toLowerCase(), type: TYPES[kind] })),
        ...MORE,
      ],
    },
  };
}

/** Types of an AWS export (AWS Data Exports User Guide, "FOCUS 1.2 with AWS columns"), as Hive names them. */
const TYPES: Readonly<Record<Column['kind'], string>> = {
  money: 'double',
  decimal: 'double',
  datetime: 'timestamp',
  text: 'string',
  json: 'map<string,string>',
  boolean: 'boolean',
};
/** Columns of AWS's own that hold text; a column that an export lacks is NULL. */
const MORE = ['x_operation', 'x_servicecode', 'x_usagetype'].map((name) => ({ name, type: 'string' }));

function refused(where: string, message: string, hint?: string): BursarError {
  return new BursarError('config', message, { where, ...(hint === undefined ? {} : { hint }) });
}
