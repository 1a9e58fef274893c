import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { ClassRule } from '../focus/ai/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Progress } from '../platform/progress.ts';
import type { BesideTable, Delivery, PeriodInPlace } from '../sources/model.ts';
import type { Attribution } from './attribution/derived.ts';
import { besideHeld, putBeside, readBeside } from './beside.ts';
import { besideViews } from './beside-views.ts';
import { commitPeriods, readManifest, sweepOrphans } from './commit.ts';
import { duckdb } from './dialect/duckdb.ts';
import type { Dimensions } from './dimensions.ts';
import { asHeld, Elsewhere } from './elsewhere.ts';
import { chooseEngines, MOST_LOCAL_BYTES } from './engine/choose.ts';
import { type Engine, openEngine } from './engine/duckdb.ts';
import { extentsOf } from './engine/extents.ts';
import { guardedQuery } from './engine/guarded.ts';
import { queryApart } from './engine/query-process.ts';
import { filledColumns, writeFocus } from './export.ts';
import { convert as convertFiles } from './ingest/convert.ts';
import type { Converted, ConvertOptions } from './ingest/model.ts';
import { leaveInPlace, nowhere, takeBack } from './inplace/leave.ts';
import type { InPlaceSource } from './inplace/model.ts';
import { ofPeriods } from './inplace/period.ts';
import { inPlaceView } from './inplace/view.ts';
import { rejectsKey, SOURCES, textOf } from './layout.ts';
import {
  type Extent,
  heldSource,
  type Manifest,
  type PeriodSnapshot,
  periodReport,
  type StoredPart,
} from './manifest.ts';
import type {
  Choice,
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
import { leftOut, leftOutOf, toldLeftOut } from './precedence.ts';
import { queryOf } from './queries/index.ts';
import { askedSql } from './queries/merge.ts';
import { scratchFolder } from './scratch.ts';
import { type Keep, putSnapshot, readSnapshots, scopesHeld } from './snapshots.ts';
import type { Store } from './store/model.ts';
import { costsSql, type PartGroup, type Within } from './view.ts';

/** Objects fetched at once. */
const FETCHES = 8;

/** What a user's query may take where nothing else is said. */
export const QUERY_LIMITS: QueryLimits = { memoryMiB: 512, seconds: 60, rows: 10_000 };
const KEEP: Keep = { last: 30, days: 100 };
const MEMORY_MIB = 600;
/** Of it, what an ingest may use: the buffers of its readers and writers come on top, uncounted by DuckDB. */
const INGEST_MIB = 480;

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
  readonly #elsewhere: Elsewhere;

  constructor(options: LakeOptions, scratch: string, engine: Engine) {
    this.#store = options.store;
    this.#options = options;
    this.#scratch = scratch;
    this.#engine = engine;
    this.#elsewhere = new Elsewhere(this.#attribution);
  }

  get #attribution(): Attribution {
    return { dimensions: this.#options.dimensions ?? {}, aiRules: this.#options.aiRules ?? [] };
  }

  get permissions() {
    const engines = new Set((this.#options.inPlace ?? []).map(({ engine }) => engine));
    return [...this.#store.permissions, ...[...engines].flatMap(({ permissions }) => permissions)];
  }

  async ingest(delivery: Delivery, now: Date, progress: Progress): Promise<IngestReport> {
    const id = randomBytes(4).toString('hex');
    if (delivery.inPlace !== undefined) return await this.#leave(delivery, delivery.inPlace, id, now);
    const workDir = join(this.#scratch, id);
    const outDir = join(workDir, 'parts');
    await mkdir(workDir, { recursive: true });
    try {
      const memoryMiB = Math.min(this.#options.memoryMiB ?? MEMORY_MIB, INGEST_MIB);
      const { sourceId, sourceType, grain } = delivery;
      const how: ConvertOptions = { sourceId, sourceType, grain, workDir, outDir, now, progress, memoryMiB };
      const converted = await convertFiles(delivery.files, how);
      if (delivery.exact === true) mustBeExact(delivery, converted);
      const rejectsFile = await this.#keepRejects(converted, sourceId, id);
      if (delivery.exact === true) mustKeepARow(delivery, converted, rejectsFile);
      const extents = await this.#extents(converted);
      progress.step(`${sourceId}: storing`);
      const manifest = await commitPeriods(this.#store, delivery, converted, extents, id, now);
      const replacedPeriods = new Set([
        ...converted.periods.map(({ period }) => period),
        ...delivery.periods,
      ]);
      return {
        sourceId,
        rowsIn: converted.rowsIn,
        rowsKept: converted.rowsKept,
        rowsRejected: converted.rowsRejected,
        rejectedMoney: converted.rejectedMoney,
        rejectedMoneyUnread: converted.rejectedMoneyUnread,
        rejectsFile,
        repairs: converted.repairs,
        skipped: delivery.skipped,
        periods: manifest.periods.filter(({ period }) => replacedPeriods.has(period)).map(periodReport),
        warnings: [
          ...converted.warnings,
          ...(await this.#overlapsOf(manifest)),
          ...(await this.#sweep(sourceId, now)),
        ],
      };
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
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
    const all = await this.#manifests(null);
    const out = leftOut(all);
    const held = all.map((each) => ({
      ...heldSource(each),
      leftOut: out.filter(({ sourceId }) => sourceId === each.sourceId),
    }));
    const elsewhere = (await this.#placed(null)).remote.filter(
      ({ sourceId }) => !all.some((each) => each.sourceId === sourceId),
    );
    return [...held, ...elsewhere.map((source) => asHeld(source, new Date()))];
  }

  async overlaps(sources: readonly string[] | null) {
    const { local } = await this.#placed(sources);
    return local.flatMap((each, at) => overlaps(each, local.slice(at + 1)));
  }

  async engines() {
    return (await this.#placed(null)).choices;
  }

  async ask<T extends object>(
    query: string,
    params: Readonly<Record<string, string | number | null>>,
    sources: readonly string[] | null,
  ): Promise<T[]> {
    const named = queryOf(query, params);
    const { local, remote, choices } = await this.#placed(sources);
    this.#mustBeAsked(choices, sources);
    const whole = remote.filter(({ sourceId }) => !local.some((each) => each.sourceId === sourceId));
    const others = await this.#elsewhere.manifests(whole, local);
    const within = (named.windows ?? []).map(([start, end]) => ({
      start: String(params[start]),
      end: String(params[end]),
    }));
    const viewOf = async (sql: string) => (await this.#viewOf(local, others, sql, within)).view;
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
    const { remote, local, choices } = await this.#placed([sourceId]);
    if (local.length === 0) this.#mustBeAsked(choices, [sourceId]);
    if (remote.length > 0 && local.length === 0) return [];
    const [manifest] = await this.#manifests([sourceId]);
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
    const [manifest] = await this.#manifests([sourceId]);
    const snapshot = manifest?.periods.find((each) => each.period === period)?.[which] ?? null;
    mustBeHere(snapshot, sourceId, period);
    const paths = await Promise.all((snapshot?.parts ?? []).map((part) => this.#local(part)));
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
    const manifests = await this.#manifests(sources);
    const { view, paths } = await this.#viewOf(manifests, []);
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

  /** A period that is too large to be read here: from now on it is asked where it lies, or it is refused. */
  async #leave(delivery: Delivery, left: PeriodInPlace, id: string, now: Date): Promise<IngestReport> {
    const { sourceId } = delivery;
    const { engine = 'auto', inPlace = [] } = this.#options;
    const table = inPlace.find((each) => each.sourceId === sourceId);
    if (table === undefined || (engine !== 'auto' && engine !== table.engine.id)) {
      await takeBack(this.#store, delivery, left.period, id, now);
      throw nowhere(delivery, left, engine);
    }
    const manifest = await leaveInPlace(this.#store, delivery, left, table, id, now);
    return {
      sourceId,
      rowsIn: 0,
      rowsKept: 0,
      rowsRejected: 0,
      rejectedMoney: [],
      rejectedMoneyUnread: 0,
      rejectsFile: null,
      repairs: {},
      skipped: [],
      periods: manifest.periods.filter(({ period }) => period === left.period).map(periodReport),
      warnings: [...(await this.#overlapsOf(manifest)), ...(await this.#sweep(sourceId, now))],
    };
  }

  /** What is counted of one period of a source, beside all that others tell. */
  async #periodOf({ sourceId, period, attributed }: ExportedPeriod) {
    const others = await this.#manifests(null);
    const manifest = others.find((each) => each.sourceId === sourceId);
    const only = (manifest?.periods ?? []).filter((each) => each.period === period);
    for (const { current } of only) mustBeHere(current, sourceId, period);
    const one = manifest === undefined ? [] : [{ ...manifest, periods: only }];
    const rest = others.filter((each) => each.sourceId !== sourceId);
    const { view } = await this.#viewOf(one, rest, attributed ? undefined : '');
    const dimensions = attributed ? this.#attribution.dimensions : null;
    return { view, held: only[0]?.current?.columns ?? [], dimensions };
  }

  /** Rejected rows outlive the run beside the bills they came from: they are for a person to read. */
  async #keepRejects(converted: Converted, sourceId: string, id: string): Promise<string | null> {
    if (converted.rejectsFile === null) return null;
    const key = rejectsKey(sourceId, id);
    await this.#store.fromLocal(converted.rejectsFile, key);
    return `${this.#store.shownAs.replace(/\/$/, '')}/${key}`;
  }

  async #extents(converted: Converted): Promise<Map<string, Extent[]>> {
    const extents = new Map<string, Extent[]>();
    for (const { period, parts } of converted.periods)
      extents.set(
        period,
        await extentsOf(
          this.#engine,
          parts.map(({ path }) => path),
        ),
      );
    return extents;
  }

  async #overlapsOf(manifest: Manifest): Promise<string[]> {
    const all = await this.#manifests(null);
    const mine = leftOut(all).filter(
      ({ sourceId, by }) => sourceId === manifest.sourceId || by.includes(manifest.sourceId),
    );
    const others = all.filter(({ sourceId }) => sourceId !== manifest.sourceId);
    return [...overlaps(manifest, others), ...toldLeftOut(mine)];
  }

  /** The rows are committed by now: a failure to tidy up is told and fails nothing. */
  async #sweep(sourceId: string, now: Date): Promise<string[]> {
    try {
      await sweepOrphans(this.#store, sourceId, now);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [`${sourceId}: what was replaced earlier could not be removed: ${why}`];
    }
  }

  /** Manifests of the sources named, or of all; a source that the lake does not hold is an input error. */
  async #manifests(sources: readonly string[] | null): Promise<Manifest[]> {
    const held = (await this.#store.folders(SOURCES)).map(textOf);
    const limit = pLimit(FETCHES);
    const wanted = sources ?? held;
    const read = await Promise.all(wanted.map((id) => limit(() => readManifest(this.#store, id))));
    const found = read.flatMap(({ manifest }) => (manifest === null ? [] : [manifest]));
    const missing = sources?.find((id) => !found.some(({ sourceId }) => sourceId === id));
    if (missing !== undefined)
      throw new BursarError('input', `the lake holds no source ${missing}`, {
        where: this.#store.shownAs,
        hint: held.length === 0 ? 'It holds none yet.' : `It holds ${held.join(', ')}.`,
      });
    return found.toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
  }

  /** Where each of the sources named, or of all, is asked. */
  async #placed(
    sources: readonly string[] | null,
  ): Promise<{ local: Manifest[]; remote: InPlaceSource[]; choices: Choice[] }> {
    const inPlace = (this.#options.inPlace ?? []).filter(
      ({ sourceId }) => sources === null || sources.includes(sourceId),
    );
    const tables = new Set(inPlace.map(({ sourceId }) => sourceId));
    const all = await this.#manifests(sources?.filter((id) => !tables.has(id)) ?? null);
    const missing = [...tables].filter((id) => !all.some(({ sourceId }) => sourceId === id));
    const held = [...all, ...(await this.#manifestsHeld(missing))];
    const choices = chooseEngines({
      setting: this.#options.engine ?? 'auto',
      mostLocalBytes: this.#options.mostLocalBytes ?? MOST_LOCAL_BYTES,
      held: held.map(({ sourceId, periods }) => ({
        sourceId,
        bytes: periods.reduce((sum, { current }) => sum + BigInt(current?.bytes ?? 0), 0n),
        elsewhere: periods.flatMap(({ period, current }) =>
          current?.inPlace === undefined ? [] : [{ period, reason: current.inPlace.reason }],
        ),
      })),
      inPlace,
    });
    const whole = choices.filter(({ periods }) => periods === null);
    const parts = choices.filter(({ periods }) => periods !== null);
    const placeOf = new Map(whole.map(({ sourceId, engine }) => [sourceId, engine]));
    const remote = inPlace.flatMap((source): InPlaceSource[] => {
      if (placeOf.get(source.sourceId) === source.engine.id) return [source];
      const periods = parts
        .filter(({ sourceId, engine }) => sourceId === source.sourceId && engine === source.engine.id)
        .flatMap((choice) => choice.periods ?? []);
      return periods.length === 0 ? [] : [ofPeriods(source, periods)];
    });
    return {
      local: held.filter(({ sourceId }) => placeOf.get(sourceId) === 'duckdb'),
      remote,
      choices,
    };
  }

  /**
   * What of these sources cannot be asked anywhere ends the question: an answer without it would be a wrong number.
   * A source that was never collected is missed only by who names it; its coverage tells everybody else.
   */
  #mustBeAsked(choices: readonly Choice[], sources: readonly string[] | null): void {
    const missed = choices.find(
      ({ engine, periods }) => engine === null && (sources !== null || periods !== null),
    );
    if (missed === undefined) return;
    const what = [missed.sourceId, ...(missed.periods ?? [])].join(' ');
    throw new BursarError('input', `${what} cannot be asked: ${missed.reason}`, {
      where: 'lake.engine',
      hint:
        missed.periods === null
          ? 'Set lake.engine to auto, or collect the bill into the lake.'
          : 'Name its table in lake.athena.tables or lake.trino.tables again, or run bursar audit: it is then read here where it fits, and told as missing where it does not.',
    });
  }

  /** Manifests of those of these sources that the lake holds. */
  async #manifestsHeld(sources: readonly string[]): Promise<Manifest[]> {
    const read = await Promise.all(sources.map((id) => readManifest(this.#store, id)));
    return read.flatMap(({ manifest }) => (manifest === null ? [] : [manifest]));
  }

  /** `others`: what else is counted besides these, and may tell the same charges. */
  async #viewOf(
    manifests: readonly Manifest[],
    others: readonly Manifest[],
    asked?: string,
    within: readonly Within[] = [],
  ): Promise<{ view: string; paths: string[] }> {
    const groups = new Map<string, PartGroup & { paths: string[]; billers: string[] }>();
    const limit = pLimit(FETCHES);
    const out = leftOut([...manifests, ...others]);
    for (const { sourceId, periods } of manifests)
      for (const { period, current } of periods) {
        if (current === null || current.parts.length === 0) continue;
        const without = leftOutOf(out, sourceId, period);
        if (without.length > 0 && without.length === accountsIn(current)) continue;
        const key = JSON.stringify([current.columns, without]);
        const group = groups.get(key) ?? { columns: current.columns, paths: [], without, billers: [] };
        group.billers.push(...current.extents.map(({ provider }) => provider));
        group.paths.push(...(await Promise.all(current.parts.map((part) => limit(() => this.#local(part))))));
        groups.set(key, group);
      }
    const view = costsSql([...groups.values()], this.#attribution, asked, within);
    return { view, paths: [...groups.values()].flatMap(({ paths }) => paths) };
  }

  #local({ key, bytes }: StoredPart): Promise<string> {
    return this.#store.toLocal(key, bytes);
  }
}

/** Accounts of a snapshot, each once for every payer. */
function accountsIn({ extents }: PeriodSnapshot): number {
  return new Set(
    extents.map(({ billingAccount, subAccount }) => JSON.stringify([billingAccount, subAccount])),
  ).size;
}

/** A period of which no row can be read is no period without cost. */
function mustKeepARow(
  { periods, sourceId }: Delivery,
  converted: Converted,
  rejectsFile: string | null,
): void {
  if (converted.rowsIn === 0 || converted.rowsKept > 0) return;
  throw new BursarError('input', `all ${converted.rowsIn} rows of ${periods.join(', ')} were rejected`, {
    where: `bill:${sourceId}`,
    hint: `See why in ${rejectsFile ?? 'the rejects file'}; the rows of the former delivery stay.`,
  });
}

/** Rows of another period would replace that period whole by the few that strayed. */
function mustBeExact({ sourceId, periods }: Delivery, converted: Converted): void {
  const strayed = converted.periods.filter(({ period }) => !periods.includes(period));
  if (strayed.length === 0) return;
  const told = strayed.map(({ period, rows }) => `${period} (${rows} rows)`).join(', ');
  throw new BursarError('input', `what was delivered as ${periods.join(', ')} has rows of ${told}`, {
    where: `bill:${sourceId}`,
    hint: 'Nothing of it was taken. Have the export delivered again.',
  });
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
