import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { judgeAll } from '../../lib/checks/index.ts';
import { ownerResolver } from '../../lib/checks/owner.ts';
import { digestContent } from '../../lib/digest/content.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { NO_ATTRIBUTION } from '../../lib/lake/attribution/derived.ts';
import { readManifest } from '../../lib/lake/commit.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { queryOf } from '../../lib/lake/queries/index.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { costsSql, type PartGroup } from '../../lib/lake/view.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type Assembled, assembleCli } from '../../lib/run/assemble/cli.ts';
import { audit } from '../../lib/run/audit.ts';
import { collect } from '../../lib/run/collect.ts';
import { digestInput } from '../../lib/run/digest.ts';
import { rememberedReports, rememberPlan } from '../../lib/run/reports.ts';
import { NOW } from '../checks/facts.ts';
import { judgedShapes, type Outcome } from '../checks/labelled.ts';
import { SETTINGS } from '../checks/truth/cases.ts';
import { BENCH_NOW, benchBill } from './bill.ts';
import { commitmentAdvice } from './commitments.ts';
import { costExplorerPages } from './cost-explorer.ts';
import { benchFacts } from './estate.ts';
import { gpuAudit } from './gpus.ts';
import { type Measured, measured, tidied } from './measure.ts';
import { auditPlan } from './plan.ts';
import { vectorAudit } from './vectors.ts';

/** A question that the house asked of the lake. */
export interface Asked {
  readonly query: string;
  readonly params: Readonly<Record<string, string | number | null>>;
}

const CONFIG = `schemaVersion: 1
organisation: { name: Bench, currency: USD, timezone: UTC }
dimensions: { team: [{ tag: team }], environment: [{ tag: env }] }
owners: { tags: [owner, contact], domains: [bench.example] }
checks:
  untagged: { required: [owner, team, env] }
  tag-policy: { allowed: { env: [prod, staging, dev] } }
`;

/** The bill is named by a link of the same name, so that its source has the same id wherever the state lies. */
async function assembled(state: string, bills?: string): Promise<Assembled> {
  await mkdir(state, { recursive: true });
  const config = join(state, 'bursar.yaml');
  await writeFile(config, CONFIG);
  return assembleCli(
    { config, state, ...(bills === undefined ? {} : { bills: [bills] }) },
    BENCH_NOW,
    silent,
  );
}

/** Reads a bill into the lake of `state`, as `bursar audit --bills` does. */
export async function ingest({
  state,
  bills,
}: {
  state: string;
  bills: string;
}): Promise<Measured & { rows: number }> {
  await using house = await assembled(state, bills);
  const { auditor } = house;
  const [source] = auditor.sources;
  if (source === undefined) throw new RangeError('the bill is no source');
  const task = { schemaVersion: 1, runId: 'r-bench', kind: 'bill', sourceId: source.id } as const;
  await rememberPlan(auditor.ledger, [task], true);
  const { value, ...figures } = await measured(() => collect(auditor, task, BENCH_NOW));
  if (value.failure !== null) throw new Error(value.failure.told);
  return { ...figures, rows: value.ingest?.rowsKept ?? 0 };
}

/** The audit over what `state` holds; also what it asked the lake. */
export async function fullAudit({
  state,
}: {
  state: string;
}): Promise<Measured & { findings: number; asked: Asked[] }> {
  await using house = await assembled(state);
  const { auditor, asked } = listening(house);
  const reports = await rememberedReports(auditor.ledger);
  const { value, ...figures } = await measured(() =>
    audit(auditor, 'r-bench', reports, { sources: null, scopes: null }, BENCH_NOW),
  );
  return { ...figures, findings: value.result.findings.length, asked };
}

/** The weekly digest with its report page, over what lake and ledger hold. */
export async function digest({ state }: { state: string }): Promise<Measured & { asked: Asked[] }> {
  await using house = await assembled(state);
  const { auditor, asked } = listening(house);
  const figures = await measured(async () => {
    const input = await digestInput(auditor, 'week', { sources: null, scopes: null }, BENCH_NOW);
    return digestHtml(digestContent(input)).length;
  });
  return { ms: figures.ms, cpuMs: figures.cpuMs, peakMiB: figures.peakMiB, asked };
}

function listening({ auditor }: Assembled) {
  const asked: Asked[] = [];
  const { lake } = auditor;
  const ask: Lake['ask'] = (query, params, sources) => {
    asked.push({ query, params });
    return lake.ask(query, params, sources);
  };
  const heard: Lake = {
    permissions: lake.permissions,
    ask,
    ingest: (...args) => lake.ingest(...args),
    sources: () => lake.sources(),
    putBeside: (...args) => lake.putBeside(...args),
    besideHeld: (sourceId) => lake.besideHeld(sourceId),
    beside: (...args) => lake.beside(...args),
    overlaps: (sources) => lake.overlaps(sources),
    engines: () => lake.engines(),
    exportColumns: (what) => lake.exportColumns(what),
    exportPeriod: (...args) => lake.exportPeriod(...args),
    queryElsewhere: (...args) => lake.queryElsewhere(...args),
    history: (sourceId) => lake.history(sourceId),
    askSnapshot: (...args) => lake.askSnapshot(...args),
    query: (...args) => lake.query(...args),
    putSnapshot: (snapshot) => lake.putSnapshot(snapshot),
    snapshots: (...args) => lake.snapshots(...args),
    scopes: () => lake.scopes(),
    [Symbol.asyncDispose]: () => lake[Symbol.asyncDispose](),
  };
  return { asked, auditor: { ...auditor, lake: heard } };
}

/**
 * The same SQL over the same Parquet files (what a question names beyond their columns is derived in SQL, as
 * everywhere) with the same settings, by DuckDB's own client, until every row is
 * in JavaScript as the client gives it.
 */
export async function rawDuckDb({
  state,
  asked,
}: {
  state: string;
  asked: Asked[];
}): Promise<Measured & { queries: { query: string; ms: number; rows: number }[] }> {
  const store = folderStore(join(state, 'lake'));
  const groups: PartGroup[] = [];
  for (const id of await store.folders('sources/')) {
    const { manifest } = await readManifest(store, id);
    for (const { current } of manifest?.periods ?? []) {
      if (current === null) continue;
      const paths = await Promise.all(current.parts.map(({ key, bytes }) => store.toLocal(key, bytes)));
      groups.push({ columns: current.columns, paths });
    }
  }
  const queries: { query: string; ms: number; rows: number }[] = [];
  const { value: _, ...figures } = await measured(async () => {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '600MiB',
      temp_directory: join(state, 'raw-spill'),
      preserve_insertion_order: 'false',
      disabled_optimizers: 'build_side_probe_side',
    });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    for (const { query, params } of asked) {
      const start = performance.now();
      const sql = queryOf(query, params).sql(duckdb);
      const view = costsSql(groups, NO_ATTRIBUTION, sql);
      await connection.run(`CREATE OR REPLACE TEMP VIEW costs AS ${view}`);
      const reader = await connection.runAndReadAll(sql, { ...params });
      const rows = reader.getRows().length;
      queries.push({ query, ms: performance.now() - start, rows });
    }
    connection.closeSync();
    instance.closeSync();
  });
  return { ...figures, queries };
}

/** Every check over an estate of so many resources. */
export async function checks({
  resources,
}: {
  resources: number;
}): Promise<Measured & { judgements: number }> {
  const facts = {
    ...benchFacts(resources),
    ownerOf: ownerResolver({ tags: ['owner', 'contact'], domains: ['bench.example'], accounts: {} }),
  };
  const settings = { ...SETTINGS, untagged: { required: ['owner', 'team', 'env'] } };
  tidied();
  const { value, ...figures } = await measured(async () => judgeAll(facts, settings, NOW));
  return { ...figures, judgements: value.judgements.length };
}

/** The idle rule over labelled telemetry: how many machines of each shape it would let stop. */
export async function idleRule({
  machines,
  window,
}: {
  machines: number;
  window: number;
}): Promise<Measured & { outcomes: Outcome[] }> {
  const { value: outcomes, ...figures } = await measured(async () => judgedShapes(machines, window, 1));
  return { ...figures, outcomes };
}

export const TASKS = {
  bill: ({ folder, rows }: { folder: string; rows: number }) => benchBill(folder, rows),
  ingest,
  fullAudit,
  digest,
  rawDuckDb,
  checks,
  idleRule,
  costExplorerPages,
  gpuAudit,
  auditPlan,
  commitmentAdvice,
  vectorAudit,
} as const;
