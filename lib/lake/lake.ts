import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassRule } from '../focus/ai/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Progress } from '../platform/progress.ts';
import type { BesideTable, Delivery } from '../sources/model.ts';
import type { Attribution } from './attribution/derived.ts';
import { besideHeld, putBeside, readBeside } from './beside.ts';
import { besideViews } from './beside-views.ts';
import { duckdb } from './dialect/duckdb.ts';
import type { Dimensions } from './dimensions.ts';
import { asHeld, Elsewhere } from './elsewhere.ts';
import { type Engine, openEngine } from './engine/duckdb.ts';
import { guardedQuery } from './engine/guarded.ts';
import { queryApart } from './engine/query-process.ts';
import { filledColumns, writeFocus } from './export.ts';
import { Holdings, mustBeAsked } from './holdings.ts';
import type { InPlaceSource } from './inplace/model.ts';
import { inPlaceView } from './inplace/view.ts';
import { Intake } from './intake.ts';
import { heldSource, type PeriodSnapshot } from './manifest.ts';
import type {
  EngineSetting,
  ExportColumn,
  Exported,
  ExportedPeriod,
  ExportOrder,
  IngestReport,
  Lake,
  PeriodHistory,
  QueryLimits,
  RemoteEngineId,
  SnapshotName,
} from './model.ts';
import { overlaps } from './overlap.ts';
import { leftOut } from './precedence.ts';
import { queryOf } from './queries/index.ts';
import { askedSql } from './queries/merge.ts';
import { scratchFolder } from './scratch.ts';
import { type Keep, putSnapshot, readSnapshots, scopesHeld } from './snapshots.ts';
import type { Store } from './store/model.ts';
import { costsSql } from './view.ts';

/** What a user's query may take where nothing else is said. */
export const QUERY_LIMITS: QueryLimits = { memoryMiB: 512, seconds: 60, rows: 10_000 };
const KEEP: Keep = { last: 30, days: 100 };
const MEMORY_MIB = 600;

export interface LakeOptions {
  readonly store: Store;
  /** Local folder for scratch files, spill files and rejected rows; made where it is missing. */
  readonly workDir: string;
  readonly dimensions?: Dimensions;
  /** AI classes of the config, tried before the built-in rules. */
  readonly aiRules?: readonly ClassRule[];
  /** Memory of the engine for our own queries and for ingest, MiB; the process needs about 150 more. */
  readonly memoryMiB?: number;
  readonly limits?: Partial<QueryLimits>;
  readonly keepSnapshots?: Keep;
  /** Which engine is asked; left out: auto, by bytes. */
  readonly engine?: EngineSetting;
  /** Parquet of one source up to which it is asked here where the engine is auto. */
  readonly mostLocalBytes?: bigint;
  /** Bills that other engines can ask where they lie. */
  readonly inPlace?: readonly InPlaceSource[];
}

/** Opens the lake in a store. Nothing is read until it is asked. */
export async function openLake(options: LakeOptions): Promise<Lake> {
  const scratch = await scratchFolder(options.workDir, new Date());
  const engine = await openEngine({
    tempDir: join(scratch, 'spill'),
    memoryMiB: options.memoryMiB ?? MEMORY_MIB,
  });
  return new StoredLake(options, scratch, engine);
}

class StoredLake implements Lake {
  readonly #store: Store;
  readonly #options: LakeOptions;
  readonly #scratch: string;
  readonly #engine: Engine;
  readonly #attribution: Attribution;
  readonly #holdings: Holdings;
  readonly #intake: Intake;
  readonly #elsewhere: Elsewhere;

  constructor(options: LakeOptions, scratch: string, engine: Engine) {
    this.#store = options.store;
    this.#options = options;
    this.#scratch = scratch;
    this.#engine = engine;
    const { store, engine: setting = 'auto', inPlace = [], mostLocalBytes } = options;
    const attribution = { dimensions: options.dimensions ?? {}, aiRules: options.aiRules ?? [] };
    this.#attribution = attribution;
    this.#holdings = new Holdings({ store, attribution, engine: setting, mostLocalBytes, inPlace });
    this.#intake = new Intake({
      store,
      holdings: this.#holdings,
      reader: engine,
      scratch,
      memoryMiB: options.memoryMiB ?? MEMORY_MIB,
      engine: setting,
      inPlace,
    });
    this.#elsewhere = new Elsewhere(attribution);
  }

  get permissions() {
    const engines = new Set((this.#options.inPlace ?? []).map(({ engine }) => engine));
    return [...this.#store.permissions, ...[...engines].flatMap(({ permissions }) => permissions)];
  }

  ingest(delivery: Delivery, now: Date, progress: Progress): Promise<IngestReport> {
    return this.#intake.take(delivery, now, progress);
  }

  putBeside(sourceId: string, table: BesideTable): Promise<void> {
    return putBeside(this.#store, sourceId, table);
  }

  besideHeld(sourceId: string): Promise<Record<string, string>> {
    return besideHeld(this.#store, sourceId);
  }

  beside(sourceId: string, name: string): Promise<BesideTable | null> {
    return readBeside(this.#store, sourceId, name);
  }

  async sources() {
    const all = await this.#holdings.manifests(null);
    const out = leftOut(all);
    const held = all.map((each) => ({
      ...heldSource(each),
      leftOut: out.filter(({ sourceId }) => sourceId === each.sourceId),
    }));
    const elsewhere = (await this.#holdings.placed(null)).remote.filter(
      ({ sourceId }) => !all.some((each) => each.sourceId === sourceId),
    );
    return [...held, ...elsewhere.map((source) => asHeld(source, new Date()))];
  }

  async overlaps(sources: readonly string[] | null) {
    const { local } = await this.#holdings.placed(sources);
    return local.flatMap((each, at) => overlaps(each, local.slice(at + 1)));
  }

  async engines() {
    return (await this.#holdings.placed(null)).choices;
  }

  async ask<T extends object>(
    query: string,
    params: Readonly<Record<string, string | number | null>>,
    sources: readonly string[] | null,
  ): Promise<T[]> {
    const named = queryOf(query, params);
    const { local, remote, choices } = await this.#holdings.placed(sources);
    mustBeAsked(choices, sources);
    const whole = remote.filter(({ sourceId }) => !local.some((each) => each.sourceId === sourceId));
    const others = await this.#elsewhere.manifests(whole, local);
    const within = (named.windows ?? []).map(([start, end]) => ({
      start: String(params[start]),
      end: String(params[end]),
    }));
    const viewOf = async (sql: string) => (await this.#holdings.view(local, others, sql, within)).view;
    const here = async (isPart: boolean) => {
      const sql = askedSql(named, duckdb, isPart);
      return await this.#engine.ask(await viewOf(sql), sql, params);
    };
    const rows =
      remote.length === 0
        ? await this.#engine.askEach(await viewOf(named.sql(duckdb)), named.sql(duckdb), params, (row) =>
            named.row(row),
          )
        : (
            await this.#elsewhere.ask(
              named,
              params,
              remote,
              leftOut([...local, ...others]),
              local.length > 0 ? here : null,
            )
          ).map((row) => named.row(row));
    if (!areRows<T>(rows)) throw new TypeError(`${query} gave something else than rows`);
    return rows;
  }

  async history(sourceId: string): Promise<PeriodHistory[]> {
    const { remote, local, choices } = await this.#holdings.placed([sourceId]);
    if (local.length === 0) mustBeAsked(choices, [sourceId]);
    if (remote.length > 0 && local.length === 0) return [];
    const [manifest] = await this.#holdings.manifests([sourceId]);
    return (manifest?.periods ?? []).map(({ period, current, former }) => ({
      period,
      current: snapshotState(current),
      // What was or is asked elsewhere was not kept: there is nothing to compare.
      former: isElsewhere(current) || isElsewhere(former) ? null : snapshotState(former),
    }));
  }

  async exportColumns(what: ExportedPeriod): Promise<ExportColumn[]> {
    const { view, held, dimensions } = await this.#periodOf(what);
    return await filledColumns(this.#engine, view, held, dimensions);
  }

  async exportPeriod(order: ExportOrder): Promise<Exported> {
    const { view, held, dimensions } = await this.#periodOf(order);
    return await writeFocus(this.#engine, view, order, held, dimensions);
  }

  async askSnapshot<T extends object>(
    query: string,
    params: Readonly<Record<string, string | number | null>>,
    { sourceId, period, which }: SnapshotName,
  ): Promise<T[]> {
    const named = queryOf(query, params);
    const [manifest] = await this.#holdings.manifests([sourceId]);
    const snapshot = manifest?.periods.find((each) => each.period === period)?.[which] ?? null;
    mustBeHere(snapshot, sourceId, period);
    const paths = await Promise.all((snapshot?.parts ?? []).map((part) => this.#holdings.local(part)));
    const view = costsSql(
      [{ columns: snapshot?.columns ?? [], paths, without: [] }],
      this.#attribution,
      named.sql(duckdb),
    );
    const rows = (await this.#engine.ask(view, named.sql(duckdb), params)).map((row) => named.row(row));
    if (!areRows<T>(rows)) throw new TypeError(`${query} gave something else than rows`);
    return rows;
  }

  async query(sql: string, sources: readonly string[] | null, limits: Partial<QueryLimits> = {}) {
    const manifests = await this.#holdings.manifests(sources);
    const { view, paths } = await this.#holdings.view(manifests, []);
    const held = manifests.map(({ sourceId }) => sourceId);
    const beside = await besideViews(this.#store, held, sql);
    const tempDir = join(this.#scratch, `query-${randomBytes(4).toString('hex')}`);
    try {
      const all = { ...QUERY_LIMITS, ...this.#options.limits, ...limits };
      return await queryApart({ sql, view, paths, beside, tempDir, limits: all });
    } finally {
      await rm(tempDir, { recursive: true, force: true });
    }
  }

  async queryElsewhere(id: RemoteEngineId, sql: string, limits: Partial<QueryLimits> = {}) {
    const sources = (this.#options.inPlace ?? []).filter(({ engine }) => engine.id === id);
    const [first] = sources;
    if (first === undefined)
      throw new BursarError('input', `no bill can be asked by ${id}`, {
        where: 'lake',
        hint: `Name its tables in lake.${id}; see docs/engines.md.`,
      });
    const view = await inPlaceView(sources, [], this.#attribution);
    const all = { ...QUERY_LIMITS, ...this.#options.limits, ...limits };
    return await guardedQuery({ sql, view, engine: first.engine, parser: this.#engine, limits: all });
  }

  putSnapshot(snapshot: Parameters<Lake['putSnapshot']>[0]) {
    return putSnapshot(this.#store, snapshot, this.#options.keepSnapshots ?? KEEP);
  }

  snapshots(scope: string, most: number, skip = 0) {
    return readSnapshots(this.#store, scope, most, skip);
  }

  scopes() {
    return scopesHeld(this.#store);
  }

  async [Symbol.asyncDispose]() {
    this.#engine.close();
    await rm(this.#scratch, { recursive: true, force: true });
  }

  /** What is counted of one period of a source, beside all that others tell. */
  async #periodOf({ sourceId, period, attributed }: ExportedPeriod) {
    const others = await this.#holdings.manifests(null);
    const manifest = others.find((each) => each.sourceId === sourceId);
    const only = (manifest?.periods ?? []).filter((each) => each.period === period);
    for (const { current } of only) mustBeHere(current, sourceId, period);
    const one = manifest === undefined ? [] : [{ ...manifest, periods: only }];
    const rest = others.filter((each) => each.sourceId !== sourceId);
    const { view } = await this.#holdings.view(one, rest, attributed ? undefined : '');
    const dimensions = attributed ? this.#attribution.dimensions : null;
    return { view, held: only[0]?.current?.columns ?? [], dimensions };
  }
}

/** A query's `row` has made them; which type that is, the caller says by the query's name. */
function areRows<T extends object>(rows: readonly object[]): rows is T[] {
  return rows.every((row) => !Array.isArray(row));
}

function isElsewhere(snapshot: PeriodSnapshot | null): boolean {
  return snapshot?.inPlace !== undefined;
}

/** What the lake does not hold it cannot write out or compare. */
function mustBeHere(snapshot: PeriodSnapshot | null, sourceId: string, period: string): void {
  if (snapshot?.inPlace === undefined) return;
  const { engine, shownAs, reason } = snapshot.inPlace;
  throw new BursarError('input', `${period} of ${sourceId} is not in the lake: ${reason}`, {
    where: shownAs,
    hint: `${engine} asks it where it lies; name other periods or sources here.`,
  });
}

function snapshotState(snapshot: PeriodSnapshot | null): PeriodHistory['current'] {
  return snapshot === null ? null : { ingestedAt: snapshot.ingestedAt, rows: snapshot.rows };
}
